import { ErrorCode } from "@tailrace/kafka-protocol"
import { describe, expect, it } from "vitest"
import type { SimulatedCluster } from "../src/SimulatedCluster.ts"
import type { SimulatedMember } from "../src/sim/world/SimulatedMember.ts"
import { createTopicOn, startCluster } from "./support/simulatedCluster.ts"

const create = ({ node }: SimulatedMember, name: string, timeoutMs: number) => node!.controller.ask("createTopics", {
  topics: [{ name, numPartitions: 1, replicationFactor: 3, assignments: [], configs: [] }], timeoutMs, validateOnly: false
})

const remove = ({ node }: SimulatedMember, name: string, timeoutMs: number) => node!.controller.ask("deleteTopics", {
  topics: [{ name, topicId: "AAAAAAAAAAAAAAAAAAAAAA" }], topicNames: [], timeoutMs
})

/** What came of a call: the error code of its answer or of its failure, and when; undefined while it waits. */
function watch(cluster: SimulatedCluster, call: Promise<{ readonly responses: ReadonlyArray<{ readonly errorCode: number }> }>) {
  const watched: { errorCode?: number; millis?: number } = {}
  const settle = (errorCode: number): void => void Object.assign(watched, { errorCode, millis: cluster.clock.monotonicMillis() })
  call.then(({ responses }) => settle(responses[0]!.errorCode), ({ errorCode }) => settle(errorCode))
  return watched
}

/** What the controller appends reaches the others, and it does not hear that. */
function deafen(cluster: SimulatedCluster, controller: SimulatedMember): void {
  for (const nodeId of cluster.voterIds) {
    const { host } = cluster.member(nodeId)
    if (host !== controller.host) cluster.network.block(host, controller.host, "control")
  }
}

const succeeded = (cluster: SimulatedCluster, former: SimulatedMember) =>
  cluster.until(() => cluster.controllerOf() !== undefined && cluster.controllerOf() !== former)

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

  it.each(["500", "250"])("tells since when a controller lags (controller.quorum.election.timeout.ms: %s)", async (electionMillis) => {
    const cluster = await startCluster({ seed: 3, properties: { "controller.quorum.election.timeout.ms": electionMillis } })
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

  for (const caller of ["its own node", "another node"]) {
    it(`of ${caller} is not carried out a second time where the next controller has found what it did`, async () => {
      const cluster = await startCluster({ seed: 3, nodes: 4, voters: 3 })
      const former = cluster.controllerOf()!
      await cluster.run(create(former, "orders", 5_000))
      await cluster.advance(1_000)
      const { endOffset } = former.node!.quorum
      const watched = watch(cluster, remove(caller === "its own node" ? former : cluster.member(4), "orders", 30_000))
      expect(await cluster.until(() => former.node!.quorum.endOffset > endOffset)).toBe(true)
      deafen(cluster, former)
      expect(await succeeded(cluster, former)).toBe(true)
      await cluster.advance(500)
      const next = cluster.controllerOf()!
      expect([next.node!.metadata.topic("orders"), watched.errorCode]).toEqual([undefined, undefined])
      const made = await cluster.run(create(next, "orders", 5_000))
      expect(made.topics[0]!.errorCode).toBe(ErrorCode.NONE)
      cluster.network.heal()
      expect(await cluster.until(() => watched.errorCode !== undefined)).toBe(true)
      await cluster.advance(1_000)
      expect(watched.errorCode).toBe(ErrorCode.NONE)
      expect(cluster.newest()!.metadata.topic("orders")?.topicId).toBe(made.topics[0]!.topicId)
    })
  }

  it("is not tried again where only a snapshot tells what came of it", async () => {
    const cluster = await startCluster({ seed: 3, properties: { "metadata.log.max.record.bytes.between.snapshots": "2000" } })
    const former = cluster.controllerOf()!
    await cluster.run(create(former, "orders", 5_000))
    await cluster.advance(1_000)
    const { endOffset } = former.node!.quorum
    const watched = watch(cluster, remove(former, "orders", 60_000))
    expect(await cluster.until(() => former.node!.quorum.endOffset > endOffset)).toBe(true)
    deafen(cluster, former)
    expect(await succeeded(cluster, former)).toBe(true)
    const next = cluster.controllerOf()!
    for (let i = 0; i < 20; i++) await cluster.run(create(next, `t${i}`, 5_000))
    const made = await cluster.run(create(next, "orders", 5_000))
    expect(next.node!.quorum.status.startOffset > endOffset + 1).toBe(true)
    cluster.network.heal()
    expect(await cluster.until(() => watched.errorCode !== undefined, 20_000)).toBe(true)
    expect(watched.errorCode).toBe(ErrorCode.REQUEST_TIMED_OUT)
    await cluster.advance(1_000)
    expect(former.node!.metadata.topic("orders")?.topicId).toBe(made.topics[0]!.topicId)
  })

  for (const writtenCount of [0, 1]) {
    it(`is answered by what the log has after a write that failed ${writtenCount === 0 ? "" : "and was found all the same"}`.trim(), async () => {
      const cluster = await startCluster({ seed: 3 })
      const former = cluster.controllerOf()!
      await cluster.run(create(former, "orders", 5_000))
      await cluster.advance(1_000)
      const { topicId } = former.node!.metadata.topic("orders")!
      former.stores.metadata!.failCommits(1, writtenCount)
      const watched = watch(cluster, remove(former, "orders", 30_000))
      expect(await cluster.until(() => watched.errorCode !== undefined)).toBe(true)
      expect([watched.errorCode, former.node!.metadata.topic("orders")?.topicId === topicId]).toEqual([ErrorCode.NONE, false])
    })
  }

  it("takes no longer than it says where the controller's own disk hangs", async () => {
    const cluster = await startCluster({ seed: 7 })
    const controller = cluster.controllerOf()!
    for (const victim of [controller, cluster.members.find((it) => it !== controller)!]) {
      await createTopicOn(cluster, `orders${victim.nodeId}`, [1, 2, 3])
      await cluster.advance(1_000)
      const begin = cluster.clock.monotonicMillis()
      victim.stores.metadata!.holdFlushes()
      const watched = watch(cluster, remove(victim, `orders${victim.nodeId}`, 1_000))
      await cluster.until(() => watched.errorCode !== undefined, 20_000)
      expect([watched.errorCode, (watched.millis ?? Infinity) - begin <= 1_200]).toEqual([ErrorCode.REQUEST_TIMED_OUT, true])
      victim.stores.metadata!.releaseFlushes()
      await cluster.advance(5_000)
    }
  })
})
