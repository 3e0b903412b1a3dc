export type RaftMessageReason = "truncated" | "trailing" | "version" | "kind" | "range" | "limit"

/** Bytes that are no message of this protocol. Whoever sent them, nothing was changed by them. */
export class RaftMessageError extends Error {
  override readonly name = "RaftMessageError"
  readonly reason: RaftMessageReason

  constructor(reason: RaftMessageReason) {
    super(reason)
    this.reason = reason
  }
}
