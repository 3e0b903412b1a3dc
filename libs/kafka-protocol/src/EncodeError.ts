/** Why a value cannot be written. */
export type EncodeErrorReason =
  | "unsupported-field" // the version lacks the field, the value is not its default, and dropping it would change the meaning
  | "unsupported-null" // null is not legal in this version
  | "unsupported-version" // the message has no such version
  | "out-of-range" // a number that its wire type cannot hold, or no number at all
  | "too-long" // a string above 32,767 bytes, a message above 2^31-1
  | "wrong-type" // a string, uuid or byte field that holds something else

/** Our own side tried to send what the protocol cannot express: a mistake of the caller, found before a byte leaves. */
export class EncodeError extends Error {
  readonly _tag = "EncodeError"
  readonly reason: EncodeErrorReason
  /** Message and field, as far as known: `JoinGroupRequest.groupInstanceId`, or the wire type. */
  readonly subject: string
  readonly value: unknown

  constructor(reason: EncodeErrorReason, subject: string, value: unknown) {
    super(`cannot encode ${subject}: ${reason} (${describe(value)})`)
    this.name = "EncodeError"
    this.reason = reason
    this.subject = subject
    this.value = value
  }
}

function describe(value: unknown): string {
  const text = typeof value === "object" && value !== null ? Object.prototype.toString.call(value) : String(value)
  return text.length > 64 ? `${text.slice(0, 64)}...` : text
}
