import { batch, type BatchFields, someDay } from "../batches.ts"
import type { Peer } from "../Peer.ts"
import type { Scenario } from "../Scenario.ts"

const dayMillis = 86_400_000

/** Timestamps that a topic does not take, times of the log, and sizes. */
export const timestamps: Scenario = {
  name: "timestamps",
  async run(peer) {
    for (const version of [3, 8, 13]) {
      await limited(peer, version)
      await appended(peer, version)
      await sizes(peer, version)
    }
  }
}

async function sender(peer: Peer, name: string, version: number, configs: Record<string, string>): Promise<(label: string, ...batches: ReadonlyArray<BatchFields>) => Promise<unknown>> {
  const topicId = await peer.topic(name, 1, configs)
  return (label, ...batches) => peer.ask(`${name.replace(/-\d+$/, "")} ${label}`, "Produce", version, {
    acks: -1, timeoutMs: 5_000, topicData: [{ name, topicId, partitionData: [{ index: 0, records: Buffer.concat(batches.map(batch)) }] }]
  })
}

async function limited(peer: Peer, version: number): Promise<void> {
  const now = Date.now()
  const before = await sender(peer, `before-${version}`, version, { "message.timestamp.before.max.ms": String(dayMillis) })
  await before("now", { baseTimestamp: now })
  await before("too old", { baseTimestamp: now - 2 * dayMillis })
  await before("second too old", { baseTimestamp: now, records: [{}, { timestampDelta: -2 * dayMillis }, {}] })
  await before("three too old", { baseTimestamp: now - 2 * dayMillis, records: [{}, {}, {}] })
  await before("none", { baseTimestamp: -1, maxTimestamp: -1 })
  await before("compressed too old", { baseTimestamp: now - 2 * dayMillis, records: [{}, {}], compression: 1 })
  await before("first of two batches", { baseTimestamp: now }, { baseTimestamp: now - 2 * dayMillis })
  await before("future", { baseTimestamp: now + 2 * dayMillis })
  const after = await sender(peer, `after-${version}`, version, { "message.timestamp.after.max.ms": String(dayMillis) })
  await after("now", { baseTimestamp: now })
  await after("future", { baseTimestamp: now + 2 * dayMillis })
  await after("second in the future", { baseTimestamp: now, records: [{}, { timestampDelta: 2 * dayMillis }] })
  await after("old", { baseTimestamp: someDay })
  const zero = await sender(peer, `both-${version}`, version, { "message.timestamp.after.max.ms": "0", "message.timestamp.before.max.ms": "0" })
  await zero("old", { baseTimestamp: someDay })
}

async function appended(peer: Peer, version: number): Promise<void> {
  const send = await sender(peer, `append-${version}`, version, { "message.timestamp.type": "LogAppendTime" })
  await send("plain", { baseTimestamp: someDay })
  await send("two", { baseTimestamp: someDay, records: [{}, { timestampDelta: 5 }] })
  await send("compressed", { baseTimestamp: someDay, records: [{}, { timestampDelta: 5 }], compression: 4 })
  await send("far future", { baseTimestamp: 4_000_000_000_000 })
  await send("says so itself", { attributes: 8 })
  for (const timestamp of [-3, 0, -2]) {
    await peer.ask(`after append ${timestamp}`, "ListOffsets", 7, { replicaId: -1, isolationLevel: 0, topics: [{ name: `append-${version}`, partitions: [{ partitionIndex: 0, timestamp }] }] })
  }
}

async function sizes(peer: Peer, version: number): Promise<void> {
  const send = await sender(peer, `sizes-${version}`, version, { "max.message.bytes": "200", "compression.type": "producer" })
  await send("small", {})
  await send("too large", { records: [{ value: "x".repeat(300) }] })
  await send("at the limit", { records: [{ value: "x".repeat(200 - 61 - 9) }] })
  await send("one above", { records: [{ value: "x".repeat(200 - 61 - 8) }] })
  await send("two above", { records: [{ value: "x".repeat(200 - 61 - 7) }] })
  await send("small and too large", {}, { records: [{ value: "x".repeat(300) }] })
  await send("compressed below", { records: [{ value: "x".repeat(3000) }], compression: 1 })
  const gzip = await sender(peer, `gzip-${version}`, version, { "compression.type": "gzip", "max.message.bytes": "200" })
  await gzip("plain", {})
  await gzip("too large until compressed", { records: [{ value: "x".repeat(3000) }] })
  const none = await sender(peer, `uncompressed-${version}`, version, { "compression.type": "uncompressed", "max.message.bytes": "200" })
  await none("compressed below", { records: [{ value: "x".repeat(3000) }], compression: 1 })
  const compacted = await sender(peer, `segment-${version}`, version, { "segment.bytes": "1048576", "max.message.bytes": "2000000" })
  await compacted("above the segment", { records: [{ value: "x".repeat(1_500_000) }] })
}
