import { Batch, type BatchFault } from "@tailrace/record"
import { LeaderEpochs } from "@tailrace/replication"
import * as keys from "./keys.ts"
import type { LogContext } from "./LogContext.ts"
import { LogState } from "./LogState.ts"
import * as records from "./records.ts"
import { Descriptor } from "./Descriptor.ts"

/** Where the log stops being what was written, and why. `missing`: batches are not there; `state`: a record of our own is damaged. */
export interface LogFault {
  readonly offset: number
  readonly reason: BatchFault | "missing" | "state"
}

export interface RecoveredLog {
  readonly state: LogState
  readonly fault: LogFault | undefined
}

/**
 * The state of a log as the store has it. A log that was closed in order is read from its newest checkpoint alone;
 * otherwise the batches behind that checkpoint, at most one segment, are verified and replayed.
 */
export function recoverLog(context: LogContext, logNumber: number): RecoveredLog {
  const { store, crc32c } = context
  const record = store.get(keys.state(logNumber))
  const figures = record === undefined ? undefined : records.decodeFigures(record, crc32c)
  if (figures === undefined) return damaged(context, logNumber)
  const state = new LogState(logNumber, figures.startOffset, context.newProducers(), crc32c)
  state.active = figures.active
  state.highWatermark = Math.min(Math.max(figures.highWatermark, figures.startOffset), state.endOffset)
  const firstDamaged = readSmallState(context, state)
  if (firstDamaged !== undefined) return { state, fault: { offset: firstDamaged, reason: "state" } }
  const fault = rebuild(context, state, figures.active, (visit) =>
    store.scanBatches(logNumber, replayFrom(context, state), figures.active.nextOffset, visit))
  if (fault === undefined && state.endOffset === figures.active.nextOffset) return { state, fault: undefined }
  return { state, fault: fault ?? { offset: state.endOffset, reason: "missing" } }
}

/**
 * Rebuilds the newest segment and the producers from the newest checkpoint and the batches behind it, which `batches`
 * visits. `figures` is the segment as it was; of it only the offset where it starts and its time of birth are used.
 */
export function rebuild(
  context: LogContext, state: LogState, figures: Descriptor, batches: (visit: (batch: Buffer) => boolean) => void
): LogFault | undefined {
  const checkpoint = newestCheckpoint(context, state)
  state.producers = context.newProducers(checkpoint?.producers)
  const isOfSegment = checkpoint !== undefined && checkpoint.active.firstOffset === figures.firstOffset
  state.active = isOfSegment ? checkpoint.active : new Descriptor(figures.firstOffset)
  const { startedMillis } = figures
  let fault: LogFault | undefined
  batches((batch) => {
    const reason = Batch.check(batch, 0, batch.length, context.crc32c)
      ?? (Batch.baseOffset(batch, 0) < state.producers.endOffset ? "range" : undefined)
    if (reason !== undefined) {
      fault = { offset: Math.max(state.producers.endOffset, state.active.firstOffset), reason }
      return false
    }
    if (Batch.baseOffset(batch, 0) < figures.firstOffset) state.producers.record(batch, 0)
    else state.add(batch, 0, batch.length, startedMillis)
    return true
  })
  state.active.startedMillis = startedMillis
  return fault
}

/** Where the batches start that `rebuild` needs. */
export function replayFrom(context: LogContext, state: LogState): number {
  const checkpoint = newestCheckpoint(context, state)
  return checkpoint?.active.nextOffset ?? (state.sealed[0] ?? state.active).firstOffset
}

function newestCheckpoint(context: LogContext, state: LogState): records.Checkpoint | undefined {
  for (let i = state.checkpoints.length - 1; i >= 0; i--) {
    const record = context.loop.get(keys.checkpoint(state.logNumber, state.checkpoints[i]!))
    const checkpoint = record === undefined ? undefined : records.decodeCheckpoint(record, context.crc32c)
    if (checkpoint !== undefined) return checkpoint
  }
  return undefined
}

/** Answers the offset of the first damaged record, if any. */
function readSmallState({ store, crc32c }: LogContext, state: LogState): number | undefined {
  let firstDamaged: number | undefined
  store.scan(keys.descriptorPrefix(state.logNumber), (key, record) => {
    const descriptor = records.decodeDescriptor(record, crc32c)
    if (descriptor === undefined) firstDamaged ??= keys.numberIn(key)
    else {
      state.sealed.push(descriptor)
      state.sealedBytes += descriptor.bytes
    }
  })
  store.scan(keys.checkpointPrefix(state.logNumber), (key) => {
    state.checkpoints.push(keys.numberIn(key))
  })
  const record = store.get(keys.epochs(state.logNumber))
  if (record === undefined) return firstDamaged
  const epochs = records.decodeBytes(record, crc32c)
  if (epochs === undefined) return state.startOffset
  state.epochs = LeaderEpochs.decode(epochs)
  return firstDamaged
}

function damaged(context: LogContext, logNumber: number): RecoveredLog {
  const state = new LogState(logNumber, 0, context.newProducers(), context.crc32c)
  return { state, fault: { offset: 0, reason: "state" } }
}
