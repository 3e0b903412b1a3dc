import { ErrorCode } from "@tailrace/kafka-protocol"
import { describe, expect, it } from "vitest"
import type { SimulatedMember } from "../src/sim/world/SimulatedMember.ts"
import { startCluster } from "./support/simulatedCluster.ts"

const create = ({ node }: SimulatedMember, name: string, timeoutMs: number) => node!.controller.ask("createTopics", {
  topics: [{ name, numPartitions: 1, replicationFactor: 3, assignments: [], configs: [] }], timeoutMs, validateOnly: false
})

describe("a call to the controller", () => {
  it("is carried out by the next one where its node loses the office", async () => {
    const cluster = await startCluster({ seed: 3 })
    const former = cluster.controllerOf()!
    const others = cluster.members.filter((it) => it !== former)
    for (const { host } of others) {
      cluster.network.block(former.host, host, "control")
      cluster.network.block(host, former.host, "control")
    }
    const creating = create(former, "orders", 30_000)
    creating.catch(() => undefined)
    expect(await cluster.until(() => cluster.controllerOf() !== undefined && cluster.controllerOf() !== former)).toBe(true)
    await cluster.advance(5_000)
    cluster.network.heal()
    expect((await cluster.run(creating)).topics).toMatchObject([{ name: "orders", errorCode: ErrorCode.NONE }])
    expect(former.node!.metadata.topic("orders")).toBeDefined()
  })

  it("takes as long as it says, while there is none, and clients are told to ask a node that is there", async () => {
    const cluster = await startCluster({ seed: 3 })
    const [last, ...others] = cluster.members
    for (const other of others) other.kill()
    expect(await cluster.until(() => last!.node!.quorum.status.leader === undefined)).toBe(true)
    expect(last!.node!.controllerId).toBe(last!.nodeId)
    const begin = cluster.clock.monotonicMillis()
    const failure = await cluster.run(create(last!, "orders", 9_000).catch((cause: unknown) => cause))
    expect(failure).toMatchObject({ errorCode: ErrorCode.REQUEST_TIMED_OUT })
    const millis = cluster.clock.monotonicMillis() - begin
    expect([millis >= 9_000, millis < 9_200]).toEqual([true, true])
  })

  it("tells since when a controller lags", async () => {
    const cluster = await startCluster({ seed: 3 })
    const leader = cluster.controllerOf()!
    const [gone, there] = cluster.members.filter((it) => it !== leader)
    await cluster.advance(2_000)
    gone!.kill()
    const killedMillis = cluster.clock.wallMillis()
    await cluster.run(create(leader, "orders", 5_000))
    await cluster.advance(4_000)
    const { topics } = await cluster.run(leader.node!.controller.ask("describeQuorum", { topics: [{ topicName: "__cluster_metadata", partitions: [{ partitionIndex: 0 }] }] }))
    const voters = topics[0]!.partitions[0]!.currentVoters
    const ageOf = ({ nodeId }: SimulatedMember): number => cluster.clock.wallMillis() - Number(voters.find(({ replicaId }) => replicaId === nodeId)!.lastCaughtUpTimestamp)
    expect([ageOf(there!) < 1_000, Math.abs(ageOf(gone!) - (cluster.clock.wallMillis() - killedMillis)) < 1_000]).toEqual([true, true])
  })
})
