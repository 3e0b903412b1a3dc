/** One acknowledged record: its number, and where the broker said that it is. */
export interface Ack {
  readonly number: number
  readonly partition: number
  readonly offset: number
}

/** An idempotent producer that goes on through the broker's death and return, and remembers every acknowledgement. */
export interface AckedLoad {
  readonly title: string
  readonly topic: string
  readonly acks: ReadonlyArray<Ack>
  /** Records whose fate the client lost by a fault of its own: they may or may not be in the log. */
  readonly unknown: number
  /** Why it ended before it was told to, if it did. */
  readonly failure: string | undefined
  start(): Promise<void>
  /** Stops sending, waits for what is outstanding, and fails when an answer is missing. */
  finish(): Promise<void>
}

/** The record's number in sixteen digits at the start of its value. */
export function numberOf(value: Buffer): number {
  return Number(value.toString("latin1", 0, 16))
}
