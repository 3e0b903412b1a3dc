import { BatchBuilder } from "@tailrace/record"
import { recordCodecs } from "@tailrace/codecs"
import { describe, expect, it } from "vitest"
import type { SimulatedCluster } from "../src/SimulatedCluster.ts"
import { createTopicOn, startCluster } from "./support/simulatedCluster.ts"

/** Whom the controller must not trust, and whom it must not lose: replicas whose logs are damaged, or part from the leader's. */

/** Appends with acks=all at a node that leads. */
async function append(cluster: SimulatedCluster, nodeId: number, topicId: string, bytes = 10): Promise<void> {
  const leads = (): boolean => cluster.member(nodeId).node?.partition(topicId, 0)?.isLeader === true
  expect(await cluster.until(leads)).toBe(true)
  const builder = new BatchBuilder({ codecs: recordCodecs, bytesMax: 100 << 20 })
  builder.append({ timestamp: cluster.clock.wallMillis(), value: Buffer.alloc(bytes, 97) })
  const { errorCode } = await cluster.run(new Promise<{ errorCode: number }>((resolve) =>
    cluster.member(nodeId).node!.partition(topicId, 0)!.append(builder.build(), { acks: -1, timeoutMillis: 5_000, produceVersion: 9 }, resolve)))
  expect(errorCode).toBe(0)
}

describe("an eligible leader with damage that only a new beginning mends", () => {
  const records = 10

  /**
   * Nodes 4 and 5 hold ten records. 5 is fenced and eligible, since what it says to the controllers is lost; it follows on all the
   * same and finds that its copy of a batch is damaged, which is too large for a message of a repair.
   */
  async function damaged() {
    const cluster = await startCluster({ seed: 11, nodes: 5, properties: { "min.insync.replicas": "2", "message.max.bytes": "4000000" } })
    const topicId = await createTopicOn(cluster, "t", [4, 5])
    for (let i = 0; i < records; i++) await append(cluster, 4, topicId, i === 3 ? 2_000_000 : 10_000)
    await cluster.advance(6_000)
    const image = () => cluster.newest()!.metadata.partition(topicId, 0)!
    for (const controller of [1, 2, 3]) cluster.network.block("node-5", `node-${controller}`, "control")
    expect(await cluster.until(() => image().isr.join() === "4")).toBe(true)
    expect(image().eligibleLeaderReplicas).toEqual([5])
    const replica = cluster.member(5).node!.partition(topicId, 0)!
    const { log } = replica
    // It has heard that nobody counts on it any more.
    expect(await cluster.until(() => replica.isr.join() === "4")).toBe(true)
    cluster.member(5).disks.data.corrupt(topicId, 0, 3, 8 * 500)
    const read = Promise.resolve(log.readVerified(3, 1, records, true))
    await cluster.run(read.then(() => undefined, () => undefined))
    expect(log.fault).toMatchObject({ offset: 3, endOffset: 4 })
    return { cluster, image, log, topicId }
  }

  it("keeps its log until the controller knows of the damage, so that a crash does not make it a leader with nothing", async () => {
    const { cluster, image, log, topicId } = await damaged()
    const [leader, eligible] = [cluster.member(4), cluster.member(5)]
    await cluster.advance(8_000)
    expect([log.durableEnd, log.fault?.offset]).toEqual([records, 3])
    eligible.kill()
    leader.kill()
    cluster.network.heal()
    eligible.start().catch(() => undefined)
    await cluster.advance(6_000)
    expect(image()).toMatchObject({ leader: -1, isr: [4] })
    await cluster.run(leader.start())
    expect(await cluster.until(() => image().isr.length === 2)).toBe(true)
    for (const { node } of [leader, eligible]) {
      const replica = node!.partition(topicId, 0)!
      expect([replica.log.durableEnd, replica.log.fault]).toEqual([records, undefined])
    }
  })

  it("begins afresh once the controller knows, and is in sync again", async () => {
    const { cluster, image, log } = await damaged()
    cluster.network.heal()
    expect(await cluster.until(() => log.fault === undefined)).toBe(true)
    expect(image()).toMatchObject({ isr: [4], eligibleLeaderReplicas: [] })
    expect(await cluster.until(() => image().isr.length === 2)).toBe(true)
    expect(log.durableEnd).toBe(records)
  })
})

describe("an unclean election", () => {
  it("is not forgotten while a replica is away that still holds as committed what was given up", async () => {
    const cluster = await startCluster({ seed: 11, nodes: 6, properties: { "unclean.leader.election.enable": "true", "min.insync.replicas": "1" } })
    const topicId = await createTopicOn(cluster, "t", [4, 5, 6])
    const image = () => cluster.newest()!.metadata.partition(topicId, 0)!
    const fill = async (leader: number) => {
      for (let i = 0; i < 5; i++) await append(cluster, leader, topicId)
      await cluster.advance(6_000)
    }
    await fill(4)
    cluster.member(4).kill()
    await fill(5)
    cluster.member(5).kill()
    await fill(6)
    cluster.member(6).kill()
    expect(await cluster.until(() => image().leader < 0)).toBe(true)
    await cluster.run(cluster.member(4).start())
    await fill(4)
    await cluster.run(cluster.member(5).start())
    expect(await cluster.until(() => image().isr.length === 2)).toBe(true)
    await cluster.run(cluster.member(6).start())
    expect(await cluster.until(() => image().isr.length === 3, 60_000)).toBe(true)
    expect(image().leaderRecoveryState).toBe(0)
    for (const id of [4, 5, 6]) expect(cluster.member(id).node!.partition(topicId, 0)!.log.durableEnd).toBe(10)
  })
})
