/**
 * A cluster did not become what a test waits for, or did not keep what it promised, or so little was asked of it that nobody knows.
 * The message says how to see it again.
 */
export class ClusterError extends Error {
  override readonly name = "ClusterError"
  readonly reason: "timeout" | "history" | "unreadable" | "too-little" | "closed"

  constructor(reason: ClusterError["reason"], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.reason = reason
  }
}
