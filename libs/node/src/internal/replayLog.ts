import type { GroupShard } from "@tailrace/coordinator"
import { Batch, readRecords, type RecordCodecs } from "@tailrace/record"
import type { Clock } from "@tailrace/runtime"
import type { PartitionActor } from "../PartitionActor.ts"

export interface ReplayPorts {
  readonly clock: Clock
  readonly codecs: RecordCodecs
}

/** What is in memory is read at once: after so much of it everybody else has a turn. */
const bytesPerTurnMax = 1024 * 1024
const readBytesMax = bytesPerTurnMax / 4

/**
 * Replays a partition of `__consumer_offsets` up to its end. False where the partition is not led here any more, or in
 * another epoch: the shard is loaded anew when it is. Rejects where the log cannot be read now, or is damaged.
 */
export async function replayLog(
  shard: GroupShard<unknown>, partition: PartitionActor, { clock, codecs }: ReplayPorts, isStale: () => boolean
): Promise<boolean> {
  let offset = partition.logStartOffset
  let turnBytes = 0
  // What an earlier life, or an earlier leader, has appended is part of the log, though it may not be committed yet.
  while (offset < partition.log.appendedEnd) {
    const { appendedEnd } = partition.log
    if (isStale()) return false
    if (offset >= partition.highWatermark) {
      await new Promise<void>((resolve) => void partition.awaitReadable(appendedEnd - 1, resolve))
      continue
    }
    const read = await replayCommitted(shard, partition, codecs, offset)
    offset = read.nextOffset
    turnBytes += read.bytes
    if (turnBytes < bytesPerTurnMax) continue
    turnBytes = 0
    await new Promise<void>((resolve) => clock.endOfTurn(resolve))
  }
  return !isStale()
}

/** Replays one read of what is committed from `fromOffset` on. */
async function replayCommitted(
  shard: GroupShard<unknown>, partition: PartitionActor, codecs: RecordCodecs, fromOffset: number
): Promise<{ readonly nextOffset: number, readonly bytes: number }> {
  const end = partition.highWatermark
  // Nobody else looks: a bit that has changed would be another offset than the group's.
  const { chunks } = await partition.log.readVerified(fromOffset, readBytesMax, end, true)
  // Compaction may leave nothing at the end of the log.
  if (chunks.length === 0) return { nextOffset: end, bytes: 0 }
  let nextOffset = fromOffset
  let bytes = 0
  for (const chunk of chunks) {
    bytes += chunk.length
    Batch.forEach(chunk, 0, chunk.length, (at) => {
      for (const record of readRecords(chunk, at, codecs)) shard.replay(record, record.offset)
      nextOffset = Batch.nextOffset(chunk, at)
    })
  }
  return { nextOffset, bytes }
}
