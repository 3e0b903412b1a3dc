/**
 * - `disconnected`: the connection could not be opened or ended before the answer; the request may have been carried out.
 * - `timeout`: no answer in time; the request may have been carried out.
 * - `closed`: this client, producer or consumer was closed.
 * - `unsupported`: the broker has no version of a request in common with us, or the version cannot express the call.
 * - `protocol`: the broker sent bytes that are not an answer.
 * - `configuration`: an option, or a part of a record, has a value that it cannot have.
 * - `buffer-full`: the producer's buffer had no room within `maxBlockMillis`.
 * - `record-too-large`: a record above `requestBytesMax`.
 * - `no-offset`: a partition has no position and `autoOffsetReset` is "none".
 * - `not-assigned`: the partition is not assigned to this consumer.
 * - `limit`: more requests wait on one connection than `pendingRequestsMax`.
 * - `corrupt-records`: fetched bytes are no valid batch; `seek` past them, or they are fetched again.
 * - `in-use`: `poll` was called while another call of it was running.
 * - `outcome-unknown`: an earlier batch may or may not be in the log, so sending this one again could repeat it.
 */
export type ClientErrorReason =
  | "disconnected" | "timeout" | "closed" | "unsupported" | "protocol" | "configuration" | "buffer-full"
  | "record-too-large" | "no-offset" | "not-assigned" | "limit" | "outcome-unknown" | "corrupt-records" | "in-use"

/** Something failed on our side of the connection. */
export class ClientError extends Error {
  readonly _tag = "ClientError"
  readonly reason: ClientErrorReason

  constructor(reason: ClientErrorReason, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.name = "ClientError"
    this.reason = reason
  }

  get isRetriable(): boolean {
    return this.reason === "disconnected" || this.reason === "timeout"
  }
}
