import type { Clock } from "@tailrace/runtime"
import type { LogDirectoryOptions } from "../LogDirectoryOptions.ts"
import type { CompactionOptions } from "./Compaction.ts"
import type { WallClockWatch } from "./WallClockWatch.ts"

/** How a pass that begins now compacts. By a wall clock that jumped no tombstone is old enough to go. */
export const compactionOptionsOf = (
  options: Required<LogDirectoryOptions>, clock: Clock, wallClock: WallClockWatch
): Omit<CompactionOptions, "segmentBytesMax"> => ({
  nowMillis: clock.wallMillis(),
  tombstoneMillis: wallClock.isTrusted() ? options.compactionTombstoneMillis : Infinity,
  dirtyFractionMin: options.compactionDirtyFractionMin,
  keysMax: options.compactionKeysMax
})
