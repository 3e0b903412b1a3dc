import type { ProtocolErrorReason } from "@tailrace/kafka-protocol"

export type ReplicaMessageReason = ProtocolErrorReason | "kind" | "range" | "trailing"

/** Bytes that are no message between replicas. Whoever sent them, nothing was changed by them. */
export class ReplicaMessageError extends Error {
  readonly _tag = "ReplicaMessageError"
  readonly reason: ReplicaMessageReason

  constructor(reason: ReplicaMessageReason) {
    super(`malformed replica message: ${reason}`)
    this.name = "ReplicaMessageError"
    this.reason = reason
  }
}
