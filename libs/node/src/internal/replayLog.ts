import type { GroupShard } from "@tailrace/coordinator"
import { Batch, readRecords, type RecordCodecs } from "@tailrace/record"
import type { PartitionActor } from "../PartitionActor.ts"

const readBytesMax = 1024 * 1024

/**
 * Replays a partition of `__consumer_offsets` up to its end. False where the partition is not led here any more, or in
 * another epoch: the shard is loaded anew when it is. Rejects where the log cannot be read now, or is damaged.
 */
export async function replayLog(
  shard: GroupShard<unknown>, partition: PartitionActor, codecs: RecordCodecs, isStale: () => boolean
): Promise<boolean> {
  let offset = partition.logStartOffset
  // What an earlier life, or an earlier leader, has appended is part of the log, though it may not be committed yet.
  while (offset < partition.log.appendedEnd) {
    const { appendedEnd } = partition.log
    if (isStale()) return false
    if (offset >= partition.highWatermark) {
      await new Promise<void>((resolve) => void partition.awaitReadable(appendedEnd - 1, resolve))
      continue
    }
    offset = await replayCommitted(shard, partition, codecs, offset)
  }
  return !isStale()
}

/** Replays what is committed from `fromOffset` on; answers where that ends. */
async function replayCommitted(
  shard: GroupShard<unknown>, partition: PartitionActor, codecs: RecordCodecs, fromOffset: number
): Promise<number> {
  const end = partition.highWatermark
  let offset = fromOffset
  while (offset < end) {
    // Nobody else looks: a bit that has changed would be another offset than the group's.
    const { chunks } = await partition.log.readVerified(offset, readBytesMax, end, true)
    // Compaction may leave nothing at the end of the log.
    if (chunks.length === 0) return end
    for (const chunk of chunks) {
      Batch.forEach(chunk, 0, chunk.length, (at) => {
        for (const record of readRecords(chunk, at, codecs)) shard.replay(record, record.offset)
        offset = Batch.nextOffset(chunk, at)
      })
    }
  }
  return offset
}
