import type { LogFault } from "../LogFault.ts"
import type { LogState } from "./LogState.ts"

export interface RecoveredLog {
  readonly state: LogState
  readonly fault: LogFault | undefined
  /** A record of our own was damaged: everything was made anew from the batches. */
  readonly isRebuilt: boolean
  /** False where the record that said it was damaged: nobody knows what may be dropped. */
  readonly isHighWatermarkKnown: boolean
}
