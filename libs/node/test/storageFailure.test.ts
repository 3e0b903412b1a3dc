import { recordCodecs } from "@tailrace/codecs"
import { BatchBuilder } from "@tailrace/record"
import { expect, it } from "vitest"
import { TestNode } from "./TestNode.ts"

const brokerId = 2
const topics = [{ name: "orders", numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }]

it("a replica that lost what it had staged does not lead again in the same leader epoch, whatever the metadata tells of it meanwhile", async () => {
  const test = await TestNode.start()
  const { controller } = test.node
  await test.run(controller.ask("createTopics", { topics, timeoutMs: 0, validateOnly: false }))
  await test.run(controller.call("registerBroker", {
    brokerId, incarnationId: "AAAAAAAAAAAAAAAAAAAACQ", endPoints: [], rack: null, logDirs: ["AAAAAAAAAAAAAAAAAAAACw"], features: [], startClass: 0,
    previousBrokerEpoch: -1, commitSequence: 0
  } as never, 1_000))
  const { topicId } = test.node.metadata.topic("orders")!
  const partition = () => test.node.partition(topicId, 0)!
  const { leaderEpoch } = partition()
  const seen: Array<unknown> = []
  const apply = test.node.apply.bind(test.node)
  test.node.apply = (records) => {
    apply(records)
    if (records.some(({ type }) => type === "PartitionChangeRecord")) seen.push([partition().isLeader, partition().leaderEpoch - leaderEpoch])
  }
  // The commit of the reassignment is written, and said to have failed, with the batch behind it: the one is found when the quorum begins anew.
  test.store.holdFlushes()
  const reassigned = controller.ask("alterPartitionReassignments", {
    timeoutMs: 1_000, allowReplicationFactorChange: true,
    topics: [{ name: "orders", partitions: [{ partitionIndex: 0, replicas: [test.node.nodeId, brokerId] }] }]
  }).catch(() => undefined)
  await test.settle()
  const builder = new BatchBuilder({ codecs: recordCodecs, bytesMax: 1 << 20 })
  builder.append({ timestamp: 1, value: "a" })
  partition().append(builder.build(), { acks: 1, timeoutMillis: 1_000, produceVersion: 9 }, () => undefined)
  test.store.failCommits(1, 1)
  test.store.releaseFlushes()
  await test.advance(5_000)
  await reassigned
  expect(partition().hasFailed).toBe(false)
  expect(test.node.metadata.partition(topicId, 0)!.addingReplicas).toEqual([brokerId])
  // The first is the reassignment, in the epoch of the failure; then the registration has begun another.
  expect(seen).toEqual([[false, 0], [true, 1]])
})
