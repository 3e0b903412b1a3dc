import { recordCodecs } from "@tailrace/codecs"
import { BatchBuilder, CompressionType } from "@tailrace/record"
import { expect, it } from "vitest"
import { type ConsumerRecord, resolveConsumerSettings } from "../src/ConsumerOptions.ts"
import { AssignedPartition } from "../src/internal/AssignedPartition.ts"

const settings = resolveConsumerSettings({})

/** A partition whose answer of the broker has records with so many headers each, in one batch that is small. */
function fetched(headerCounts: ReadonlyArray<number>): AssignedPartition {
  const builder = new BatchBuilder({ codecs: recordCodecs, baseOffset: 0, leaderEpoch: 0, compression: CompressionType.zstd, bytesMax: 64 << 20 })
  for (const count of headerCounts) builder.append({ timestamp: 1, value: "v", headers: Array.from({ length: count }, () => ({ key: "", value: null })) })
  const records = builder.build()
  expect(records.length).toBeLessThan(10_000)
  const partition = new AssignedPartition("t", 0)
  partition.position = 0
  partition.accept({ partitionIndex: 0, errorCode: 0, highWatermark: 10, lastStableOffset: 10, logStartOffset: 0, abortedTransactions: null, records } as never)
  return partition
}

const drain = (partition: AssignedPartition): readonly [offsets: ReadonlyArray<number>, isFull: boolean] => {
  const output: Array<ConsumerRecord> = []
  const isFull = partition.drain(output, 500, recordCodecs, settings)
  return [output.map(({ offset }) => offset), isFull]
}

it("hands records with very many headers out a few at a time, in order", () => {
  const partition = fetched([1, 60_000, 60_000, 90_000, 20_000, 5])
  expect([drain(partition), drain(partition), drain(partition)]).toEqual([[[0, 1, 2], true], [[3, 4], true], [[5], false]])
  expect(partition.position).toBe(6)
})

it("makes nothing of a record whose headers would take the memory, and stays before it", () => {
  const partition = fetched([1, 1_000_001])
  expect(() => drain(partition)).toThrow("has 1000001 headers")
  expect(partition.position).toBe(1)
})
