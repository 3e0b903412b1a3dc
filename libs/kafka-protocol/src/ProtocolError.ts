/** Why bytes from the other side are not a message. */
export type ProtocolErrorReason =
  | "truncated" // a field ends behind the end of the message
  | "negative-length" // a length below -1, or -1 where null is not legal
  | "string-length" // longer than stringBytesMax
  | "element-count" // more elements than the remaining bytes can hold, or than elementsMax
  | "varint" // more than 32 bits
  | "int64-range" // outside +-(2^53-1)
  | "tag-count" // more tagged fields than taggedFieldsMax or than the remaining bytes can hold
  | "tag-size" // a known tagged field whose content is not as long as its size says
  | "frame-length" // a frame shorter than frameBytesMin or longer than frameBytesMax
  | "version" // a version that this message does not have
  | "record-key" // a metadata or control record of an unknown kind

/** The peer sent bytes that break the protocol. The connection they came from cannot be used any further. */
export class ProtocolError extends Error {
  readonly _tag = "ProtocolError"
  readonly reason: ProtocolErrorReason
  /** Byte position in the buffer that was read. */
  readonly position: number
  /** The offending number: the length, count, version, ... */
  readonly value: number

  constructor(reason: ProtocolErrorReason, position: number, value: number) {
    super(`malformed message: ${reason} ${value} at byte ${position}`)
    this.name = "ProtocolError"
    this.reason = reason
    this.position = position
    this.value = value
  }
}
