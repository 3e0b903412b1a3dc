export interface Target {
  readonly port: number
  /** A topic that exists, apart from the one of the well-behaved client. */
  readonly topic: string
  readonly seed: number
}

/** One way to misbehave. */
export interface Attack {
  readonly name: string
  /** The largest frame that it really sends; twice that much memory may be in use on top of the fixed allowance. */
  readonly frameBytesMax: number
  readonly timeoutMillis: number
  /** Returns what was seen, for the report; throws when the server answered wrongly. */
  run(target: Target): Promise<string>
}
