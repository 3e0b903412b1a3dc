import { recordCodecs } from "@tailrace/codecs"
import type { GroupShard } from "@tailrace/coordinator"
import { BatchBuilder } from "@tailrace/record"
import { VirtualClock } from "@tailrace/runtime/simulated"
import { expect, it } from "vitest"
import { replayLog } from "../src/internal/replayLog.ts"
import type { PartitionActor } from "../src/PartitionActor.ts"

/** A log of batches that are all in memory: a read is answered at once. */
const logOf = (batchCount: number, valueBytes: number): PartitionActor => {
  const batches = Array.from({ length: batchCount }, (_, baseOffset) => {
    const builder = new BatchBuilder({ codecs: recordCodecs, baseOffset, bytesMax: 1 << 20 })
    builder.append({ timestamp: 1, key: "k", value: Buffer.alloc(valueBytes) })
    return builder.build()
  })
  const readVerified = (from: number, bytesMax: number) => {
    const chunks: Array<Buffer> = []
    for (let at = from, bytes = 0; at < batchCount && (at === from || bytes + batches[at]!.length <= bytesMax); at++) {
      chunks.push(batches[at]!)
      bytes += batches[at]!.length
    }
    return { chunks }
  }
  return { logStartOffset: 0, highWatermark: batchCount, log: { appendedEnd: batchCount, readVerified } } as unknown as PartitionActor
}

it("everybody else has a turn after each part of a long log that is in memory", async () => {
  const clock = new VirtualClock()
  const replayed: Array<number> = []
  const shard = { replay: (_: unknown, offset: number) => void replayed.push(offset) } as unknown as GroupShard<unknown>
  const loading = replayLog(shard, logOf(100, 100_000), { codecs: recordCodecs, clock }, () => false)
  const parts: Array<number> = []
  do {
    const before = replayed.length
    // Promises settle, and no turn of the clock begins.
    await new Promise<void>((resolve) => void setImmediate(resolve))
    parts.push(replayed.length - before)
  } while (clock.runTurn(0))
  expect(await loading).toBe(true)
  expect(replayed).toEqual(Array.from({ length: 100 }, (_, offset) => offset))
  expect(Math.max(...parts)).toBeLessThanOrEqual(12)
})

it("who does not lead any more after such a turn reads no further", async () => {
  const clock = new VirtualClock()
  let replayed = 0
  const shard = { replay: () => void replayed++ } as unknown as GroupShard<unknown>
  const loading = replayLog(shard, logOf(100, 100_000), { codecs: recordCodecs, clock }, () => replayed > 0)
  expect(await clock.runUntilSettled(loading)).toBe(false)
  expect(replayed).toBeLessThanOrEqual(12)
})
