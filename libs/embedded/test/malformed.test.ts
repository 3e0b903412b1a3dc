import { SeededRandom } from "@tailrace/runtime/simulated"
import { expect, it } from "vitest"
import { batchOf } from "./support/requests.ts"
import { SimulatedCluster } from "./support/SimulatedCluster.ts"

const messages = ["raft", "fetch", "batches", "sought"]
const requests = ["controller", "repair", "bootstrap", "probe"]

it("messages and requests that nobody understands harm no node, and are told of without a flood", async () => {
  const cluster = new SimulatedCluster()
  await cluster.start()
  const stranger = cluster.hub.connect("stranger")
  const samples: Array<Buffer> = []
  for (const kind of messages) stranger.subscribe(`tailrace.1.${kind}`, (payload) => {
    if (samples.length < 40) samples.push(Buffer.from(payload))
  })
  const first = cluster.members[0]!.node!
  const { topics } = await cluster.run(first.controller.ask("createTopics", {
    topics: [{ name: "orders", numPartitions: 1, replicationFactor: 3, assignments: [], configs: [] }], timeoutMs: 1_000, validateOnly: false
  }, 7))
  const { topicId } = first.metadata.topic("orders")!
  const produce = async (): Promise<number> => {
    const leader = first.metadata.partition(topicId, 0)!.leader
    const ref = cluster.members[leader - 1]!.node!.partition(topicId, 0)!
    const outcome = await cluster.run(new Promise<{ errorCode: number }>((resolve) =>
      ref.append(batchOf(["a"]), { acks: -1, timeoutMillis: 5_000, produceVersion: 9 }, resolve)))
    return outcome.errorCode
  }
  expect([topics[0]!.errorCode, await produce()]).toEqual([0, 0])
  const random = new SeededRandom(7)
  const garbage = [
    Buffer.alloc(0), Buffer.from("null"), Buffer.from("{}"), Buffer.from("[]"), Buffer.from("\"x\""),
    ...samples.flatMap((sample) => [sample.subarray(0, random.nextInt(sample.length)), Buffer.concat([sample, Buffer.from([0])])]),
    ...Array.from({ length: 50 }, () => Buffer.from(Array.from({ length: 1 + random.nextInt(200) }, () => random.nextInt(256))))
  ]
  for (const nodeId of [1, 2, 3]) {
    for (const bytes of garbage) {
      for (const kind of messages) stranger.publish(`tailrace.${nodeId}.${kind}`, bytes)
      stranger.publish("tailrace.quorum.seek", bytes)
      for (const kind of requests) void stranger.request(`tailrace.${nodeId}.${kind}`, bytes, 1_000).catch(() => undefined)
    }
    await cluster.advance(50)
  }
  await cluster.advance(1_000)
  expect(await produce()).toBe(0)
  for (const { log, node } of cluster.members) {
    expect(node!.isCutOff).toBe(false)
    expect(node!.quorum.malformed.count).toBeGreaterThan(50)
    expect(node!.replicationCounters!.malformed).toBeGreaterThan(50)
    expect(log.lines.filter((line) => line.includes("malformed")).map((line) => (JSON.parse(line) as { message: string }).message).toSorted()).toEqual([
      "a message of another node's quorum is malformed", "a message of another node's replication is malformed"
    ])
  }
  await cluster.close()
})
