import type { LogFault } from "./LogFault.ts"

/** What was to be read is damaged and is never served. The log is quarantined until it is repaired from a peer. */
export class CorruptLogError extends Error {
  readonly _tag = "CorruptLogError"
  readonly topic: string
  readonly partition: number
  readonly fault: LogFault

  constructor(topic: string, partition: number, fault: LogFault) {
    super(`${topic}-${partition} is damaged at [${fault.offset}, ${fault.endOffset}): ${fault.reason}`)
    this.name = "CorruptLogError"
    this.topic = topic
    this.partition = partition
    this.fault = fault
  }
}
