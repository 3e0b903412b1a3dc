import { Batch } from "@tailrace/record"
import { LeaderEpochs } from "@tailrace/replication"
import { logConfigDefaults } from "../LogConfig.ts"
import type { LogFault } from "../LogFault.ts"
import { Descriptor } from "./Descriptor.ts"
import { hullOf } from "./hullOf.ts"
import * as keys from "./keys.ts"
import type { LogContext } from "./LogContext.ts"
import { LogState } from "./LogState.ts"
import { misplacement } from "./misplacement.ts"
import * as records from "./records.ts"
import type { RecoveredLog } from "./RecoveredLog.ts"

/**
 * The state of a log whose small records are damaged, from all its batches: slow, and rare. What batches do not tell is
 * lost on the safe side: the high watermark is not known, where its record is the damaged one; epochs without a
 * batch and the start inside a segment are forgotten. The new records are staged.
 */
export function rebuildFromBatches(context: LogContext, logNumber: number, figures: records.LogFigures | undefined): Omit<RecoveredLog, "isFaultStored"> {
  const { clock, crc32c, loop, segmentBytesMax, store } = context
  const known = removeRecords(context, logNumber)
  const firstOffset = firstOffsetOf(context, logNumber, known.firstOffset, figures)
  const state = new LogState(logNumber, figures?.startOffset ?? firstOffset ?? 0, context.newProducers(), crc32c)
  state.active = new Descriptor(firstOffset ?? state.startOffset)
  const set = loop.stage(undefined)
  let fault: LogFault | undefined
  const epochsRecord = store.get(keys.epochs(logNumber))
  const storedEpochs = epochsRecord === undefined ? undefined : records.decodeBytes(epochsRecord, crc32c)
  const epochs = storedEpochs === undefined ? new LeaderEpochs() : LeaderEpochs.decode(storedEpochs)
  const knownEnd = Math.max(figures?.active.nextOffset ?? 0, known.endOffset)
  store.scanBatches(logNumber, state.active.firstOffset, figures?.active.nextOffset ?? Number.MAX_SAFE_INTEGER, (batch, lastOffset) => {
    const reason = Batch.check(batch, 0, batch.length, crc32c) ?? misplacement(batch, lastOffset, state.endOffset, epochs)
    if (reason === undefined) state.append(batch, 0, batch.length, logConfigDefaults, segmentBytesMax, clock.wallMillis(), set)
    else {
      fault = hullOf(fault, { offset: state.endOffset, endOffset: lastOffset + 1, reason })
      state.active.skip(lastOffset + 1, batch.length)
    }
    return true
  })
  if (state.endOffset < knownEnd) {
    fault = hullOf(fault, { offset: state.endOffset, endOffset: knownEnd, reason: "missing" })
    state.active.skip(knownEnd, 0)
  }
  if (figures === undefined && firstOffset === undefined) {
    // Not even where the log ends is known: only starting afresh helps.
    fault = { offset: 0, endOffset: Number.MAX_SAFE_INTEGER, reason: "state" }
  }
  if (storedEpochs !== undefined) state.epochs = epochs
  state.epochs.advanceStart(state.startOffset)
  state.setHighWatermark(figures?.highWatermark)
  return { state, fault, isRebuilt: true }
}

/** Removes what will be written anew; answers where the log begins and how far it reached, as far as that was readable. */
function removeRecords({ crc32c, loop, store }: LogContext, logNumber: number): { firstOffset: number | undefined; endOffset: number } {
  const set = loop.stage(undefined)
  let firstOffset: number | undefined
  let endOffset = 0
  const note = (first: number, end: number): void => {
    firstOffset = Math.min(firstOffset ?? first, first)
    endOffset = Math.max(endOffset, end)
  }
  store.scan(keys.descriptorPrefix(logNumber), (key, record) => {
    set.remove(key)
    const descriptor = records.decodeDescriptor(record, crc32c)
    if (descriptor !== undefined) note(descriptor.firstOffset, descriptor.nextOffset)
  })
  store.scan(keys.checkpointPrefix(logNumber), (key, record) => {
    set.remove(key)
    const checkpoint = records.decodeCheckpoint(record, crc32c)
    if (checkpoint !== undefined) note(checkpoint.active.firstOffset, checkpoint.active.nextOffset)
  })
  return { firstOffset, endOffset }
}

/** Where the oldest segment begins. Batches below the start of the log may be garbage that is still there. */
function firstOffsetOf(
  { crc32c, store }: LogContext, logNumber: number, known: number | undefined, figures: records.LogFigures | undefined
): number | undefined {
  if (known !== undefined && (figures === undefined || known <= figures.startOffset)) return known
  let found = figures?.startOffset
  store.scanBatches(logNumber, figures?.startOffset ?? 0, Number.MAX_SAFE_INTEGER, (batch, lastOffset) => {
    const baseOffset = Batch.check(batch, 0, batch.length, crc32c) === undefined ? Batch.baseOffset(batch, 0) : lastOffset
    found = Math.min(found ?? baseOffset, baseOffset)
    return false
  })
  return found
}
