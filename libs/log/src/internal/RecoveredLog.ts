import type { LogFault } from "../LogFault.ts"
import type { LogState } from "./LogState.ts"

export interface RecoveredLog {
  readonly state: LogState
  readonly fault: LogFault | undefined
  /** A record of our own was damaged: everything was made anew from the batches. */
  readonly isRebuilt: boolean
  /** An earlier run quarantined the log. What was kept then is not dropped now. */
  readonly isFaultStored: boolean
}
