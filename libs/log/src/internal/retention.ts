import type { LogConfig } from "../LogConfig.ts"
import type { WriteSet } from "../WriteSet.ts"
import type { LogState } from "./LogState.ts"

/**
 * Where the log has to start from now on, undefined where nothing is to be removed. The newest segment is sealed where nothing of
 * it is left, by its age or because all of it was deleted by hand: what lies below the start goes with its segment.
 */
export function expire(
  state: LogState, config: LogConfig, nowMillis: number, isTimeTrusted: boolean, stage: () => WriteSet
): number | undefined {
  const offset = expiredOffset(state, config, nowMillis, isTimeTrusted)
  if (offset === state.endOffset && !state.active.isEmpty) state.roll(stage())
  else if (offset <= state.startOffset) return undefined
  return offset
}

/**
 * Whole segments go, oldest first, and only below the high watermark; the newest one goes too once all its records are too
 * old, as in Kafka. A wall clock that jumped does not delete by time.
 */
function expiredOffset(state: LogState, config: LogConfig, nowMillis: number, isTimeTrusted: boolean): number {
  if (!config.cleanupPolicy.includes("delete")) return state.startOffset
  let offset = state.startOffset
  let bytes = state.bytes
  for (const segment of state.segments()) {
    if (segment.nextOffset > state.highWatermark) break
    const newest = segment.maxTimestamp >= 0 ? segment.maxTimestamp : segment.startedMillis
    const isTooOld = isTimeTrusted && config.retentionMillis >= 0 && nowMillis - newest > config.retentionMillis
    const isTooMuch = config.retentionBytes >= 0 && bytes - segment.bytes >= config.retentionBytes
    if (!isTooOld && !isTooMuch) break
    offset = segment.nextOffset
    bytes -= segment.bytes
  }
  return offset
}
