import { Batch } from "@tailrace/record"
import { LeaderEpochs } from "@tailrace/replication"
import type { LogFault } from "../LogFault.ts"
import { Descriptor } from "./Descriptor.ts"
import { faultWithin } from "./faultWithin.ts"
import { hullOf } from "./hullOf.ts"
import * as keys from "./keys.ts"
import type { LogContext } from "./LogContext.ts"
import { LogState } from "./LogState.ts"
import { misplacement } from "./misplacement.ts"
import { rebuildFromBatches } from "./rebuildFromBatches.ts"
import type { RecoveredLog } from "./RecoveredLog.ts"
import * as records from "./records.ts"

export interface Replayed {
  readonly fault: LogFault | undefined
  /** Offsets without a batch, as compaction leaves them and as a loss would. */
  readonly gap: LogFault | undefined
}

/**
 * The state of a log as the store has it. A log that was closed in order is read from its newest checkpoint alone;
 * otherwise the batches behind that checkpoint, at most one segment, are verified and replayed. Damage ends nothing
 * here: the log keeps its end, and the fault says which offsets are not what was written.
 */
export function recoverLog(context: LogContext, logNumber: number): RecoveredLog {
  const recovered = readLog(context, logNumber)
  const { startOffset } = recovered.state
  const stored = faultWithin(storedFault(context, recovered.state), startOffset)
  return { ...recovered, fault: hullOf(faultWithin(recovered.fault, startOffset), stored), isFaultStored: stored !== undefined }
}

function readLog(context: LogContext, logNumber: number): Omit<RecoveredLog, "isFaultStored"> {
  const { store, crc32c } = context
  const record = store.get(keys.state(logNumber))
  const figures = record === undefined ? undefined : records.decodeFigures(record, crc32c)
  if (figures === undefined) return rebuildFromBatches(context, logNumber, undefined)
  const state = new LogState(logNumber, figures.startOffset, context.newProducers(), crc32c)
  state.active = figures.active
  state.setHighWatermark(figures.highWatermark)
  if (!readSmallState(context, state)) return rebuildFromBatches(context, logNumber, figures)
  const replayed = rebuild(context, state, figures.active, (visit) =>
    store.scanBatches(logNumber, replayFrom(context, state), figures.active.nextOffset, visit))
  const lost = lostAtTheEnd(context, state, figures.active, replayed)
  state.active.skip(figures.active.nextOffset, 0)
  return { state, fault: hullOf(replayed.fault, lost), isRebuilt: false }
}

/**
 * Rebuilds the newest segment and the producers from the newest checkpoint and the batches behind it, which `batches`
 * visits. `figures` is the segment as it was; of it only the offset where it starts and its time of birth are used.
 * Producers count as heard of now: the node that was down must not forget those that were about to retry.
 */
export function rebuild(
  context: LogContext, state: LogState, figures: Descriptor,
  batches: (visit: (batch: Buffer, lastOffset: number) => boolean) => void
): Replayed {
  const checkpoint = newestCheckpoint(context, state)
  let end = replayFrom(context, state)
  state.producers = context.newProducers(checkpoint?.producers)
  const isOfSegment = checkpoint !== undefined && checkpoint.active.firstOffset === figures.firstOffset
  state.active = isOfSegment ? checkpoint.active : new Descriptor(figures.firstOffset)
  const { startedMillis } = figures
  const nowMillis = context.clock.wallMillis()
  let fault: LogFault | undefined
  let gap: LogFault | undefined
  batches((batch, lastOffset) => {
    const reason = Batch.check(batch, 0, batch.length, context.crc32c) ?? misplacement(batch, lastOffset, end, state.epochs)
    if (reason === undefined) {
      const baseOffset = Batch.baseOffset(batch, 0)
      if (baseOffset > end) gap = hullOf(gap, { offset: end, endOffset: baseOffset, reason: "missing" })
      if (baseOffset < figures.firstOffset) state.producers.record(batch, 0, nowMillis)
      else state.add(batch, 0, batch.length, nowMillis)
    } else {
      fault = hullOf(fault, { offset: end, endOffset: lastOffset + 1, reason })
      if (lastOffset >= figures.firstOffset) state.active.skip(lastOffset + 1, batch.length)
    }
    end = lastOffset + 1
    return true
  })
  state.active.startedMillis = startedMillis
  return { fault, gap }
}

/** Where the batches start that `rebuild` needs. */
export function replayFrom(context: LogContext, state: LogState): number {
  const checkpoint = newestCheckpoint(context, state)
  return checkpoint?.active.nextOffset ?? (state.sealed[0] ?? state.active).firstOffset
}

/** Batches of the newest segment that are not there, by its figures. After an end in order one look-up has to do. */
function lostAtTheEnd({ store }: LogContext, state: LogState, figures: Descriptor, { fault, gap }: Replayed): LogFault | undefined {
  if (figures.isEmpty) return undefined
  const { firstOffset, nextOffset } = figures
  if (store.lastOffsets(state.logNumber, nextOffset - 1, nextOffset, 1).length === 0) {
    const last = store.lastOffsets(state.logNumber, firstOffset, nextOffset, Number.MAX_SAFE_INTEGER).at(-1)
    return { offset: last === undefined ? firstOffset : last + 1, endOffset: nextOffset, reason: "missing" }
  }
  if (fault !== undefined || state.active.bytes === figures.bytes) return undefined
  return gap ?? { offset: firstOffset, endOffset: nextOffset, reason: "missing" }
}

/** What was found out in an earlier run and is not repaired yet. */
function storedFault({ store, crc32c }: LogContext, state: LogState): LogFault | undefined {
  const record = store.get(keys.fault(state.logNumber))
  if (record === undefined) return undefined
  const text = records.decodeText(record, crc32c)
  if (text === undefined) return { offset: state.startOffset, endOffset: state.endOffset, reason: "state" }
  return JSON.parse(text) as LogFault
}

function newestCheckpoint(context: LogContext, state: LogState): records.Checkpoint | undefined {
  for (let i = state.checkpoints.length - 1; i >= 0; i--) {
    const record = context.loop.get(keys.checkpoint(state.logNumber, state.checkpoints[i]!))
    const checkpoint = record === undefined ? undefined : records.decodeCheckpoint(record, context.crc32c)
    if (checkpoint !== undefined) return checkpoint
  }
  return undefined
}

/** False where a record is damaged or missing. A damaged checkpoint only costs a longer replay. */
function readSmallState({ store, crc32c }: LogContext, state: LogState): boolean {
  let isWhole = true
  store.scan(keys.descriptorPrefix(state.logNumber), (key, record) => {
    const descriptor = records.decodeDescriptor(record, crc32c)
    if (descriptor === undefined || descriptor.firstOffset !== keys.numberIn(key)) return void (isWhole = false)
    if (state.sealed.length > 0 && state.sealed.at(-1)!.nextOffset !== descriptor.firstOffset) isWhole = false
    state.sealed.push(descriptor)
    state.sealedBytes += descriptor.bytes
  })
  if (state.sealed.length > 0 && state.sealed.at(-1)!.nextOffset !== state.active.firstOffset) isWhole = false
  if ((state.sealed[0] ?? state.active).firstOffset > state.startOffset) isWhole = false
  store.scan(keys.checkpointPrefix(state.logNumber), (key) => {
    state.checkpoints.push(keys.numberIn(key))
  })
  const record = store.get(keys.epochs(state.logNumber))
  const epochs = record === undefined ? undefined : records.decodeBytes(record, crc32c)
  if (epochs === undefined) return false
  state.epochs = LeaderEpochs.decode(epochs)
  state.isEpochsChanged = false
  return isWhole
}
