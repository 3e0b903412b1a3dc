import { batch, type BatchFields, someDay } from "../batches.ts"
import type { Peer } from "../Peer.ts"
import type { Scenario } from "../Scenario.ts"

/** A log whose beginning was deleted: searches by time, reads in the middle of a batch, and what is still known of its producers. */
export const truncated: Scenario = {
  name: "truncated",
  async run(peer) {
    await searches(peer)
    await producers(peer)
    await sizes(peer)
  }
}

const cut = (peer: Peer, name: string, offset: number) => peer.ask(`to ${offset}`, "DeleteRecords", 2, { topics: [{ name, partitions: [{ partitionIndex: 0, offset }] }], timeoutMs: 5_000 })

async function look(peer: Peer, label: string, name: string): Promise<void> {
  for (const timestamp of [-1, -2, -3, -4, -5]) await peer.ask(`${label} ${timestamp}`, "ListOffsets", 9, { replicaId: -1, isolationLevel: 0, topics: [{ name, partitions: [{ partitionIndex: 0, timestamp }] }] })
  for (const delta of [0, 10, 20, 30, 60]) {
    await peer.ask(`${label} day + ${delta}`, "ListOffsets", 7, { replicaId: -1, isolationLevel: 0, topics: [{ name, partitions: [{ partitionIndex: 0, timestamp: someDay + delta }] }] })
  }
  for (const fetchOffset of [0, 1, 2, 3, 4, 6]) {
    await peer.ask(`${label} at ${fetchOffset}`, "Fetch", 12, { maxWaitMs: 0, minBytes: 0, topics: [{ topic: name, partitions: [{ partition: 0, fetchOffset, partitionMaxBytes: 100_000 }] }] })
  }
  await peer.ask(label, "OffsetForLeaderEpoch", 4, { replicaId: -1, topics: [{ topic: name, partitions: [{ partition: 0, leaderEpoch: 0 }] }] })
}

async function searches(peer: Peer): Promise<void> {
  const name = "truncated"
  await peer.topic(name, 1)
  for (const base of [0, 20, 40]) {
    const records = batch({ baseTimestamp: someDay + base, records: [{}, { timestampDelta: 10 }], compression: base === 20 ? 1 : 0 })
    await peer.quietly("Produce", { acks: -1, timeoutMs: 5_000, topicData: [{ name, partitionData: [{ index: 0, records }] }] }, 12)
  }
  await look(peer, "whole", name)
  for (const offset of [1, 3, 4, 6]) {
    await cut(peer, name, offset)
    await look(peer, `cut at ${offset}`, name)
  }
  await peer.ask("into what was emptied", "Produce", 12, { acks: -1, timeoutMs: 5_000, topicData: [{ name, partitionData: [{ index: 0, records: batch() }] }] })
  await look(peer, "filled again", name)
}

async function producers(peer: Peer): Promise<void> {
  const name = "truncated-producers"
  await peer.topic(name, 1)
  const { producerId } = await peer.quietly("InitProducerId", { transactionalId: null, transactionTimeoutMs: 60_000 })
  const send = (label: string, baseSequence: number, more: BatchFields = {}) => peer.ask(label, "Produce", 9, {
    acks: -1, timeoutMs: 5_000, topicData: [{ name, partitionData: [{ index: 0, records: batch({ producerId, producerEpoch: 0, baseSequence, ...more }) }] }]
  })
  for (let sequence = 0; sequence < 4; sequence++) await send(`sequence ${sequence}`, sequence)
  await cut(peer, name, 2)
  await send("next", 4)
  await send("of a batch that is gone, again", 1)
  await cut(peer, name, -1)
  await send("of the last batch, which is gone, again", 4)
  await send("next after all are gone", 5)
  await send("gap after all are gone", 9)
  await send("from the beginning", 0)
  await send("from the beginning in a new epoch", 0, { producerEpoch: 1 })
}

async function sizes(peer: Peer): Promise<void> {
  const name = "truncated-sizes"
  await peer.topic(name, 2)
  const ask = (label: string) => peer.askAll(label, "DescribeLogDirs", { topics: [{ topic: name, partitions: [0, 1] }] })
  await ask("empty")
  await peer.quietly("Produce", { acks: -1, timeoutMs: 5_000, topicData: [{ name, partitionData: [{ index: 0, records: batch({ records: [{ value: "x".repeat(5_000) }] }) }] }] }, 12)
  await ask("with a batch")
}
