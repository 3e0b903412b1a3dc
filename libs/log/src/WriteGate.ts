/**
 * - `space`: the file system is nearly full; opens by itself when there is room again.
 * - `failed`: a commit failed; opens once the store was opened again and has taken a commit.
 * - `closed`: the directory is closing; never opens again.
 */
export type WriteGateReason = "space" | "failed" | "closed"

/** Whether a data directory takes appends. While it is closed every append is refused (KAFKA_STORAGE_ERROR); reads go on. */
export class WriteGate {
  #reason: WriteGateReason | undefined
  #cause: unknown
  readonly #listeners = new Set<() => void>()

  get isOpen(): boolean {
    return this.#reason === undefined
  }

  /** Whether the directory takes anything at all: nearly full it still takes what is small, and what makes room. */
  get isUsable(): boolean {
    return this.#reason === undefined || this.#reason === "space"
  }

  /** Why the gate is closed, undefined while it is open. */
  get reason(): WriteGateReason | undefined {
    return this.#reason
  }

  /** The error behind `failed`. */
  get cause(): unknown {
    return this.#cause
  }

  /** Called after each change. Answers the function that ends the calls. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** For the log directory alone. A stronger reason is never replaced by a weaker one. */
  change(reason: WriteGateReason | undefined, cause?: unknown): void {
    if (this.#reason === reason || this.#reason === "closed") return
    this.#reason = reason
    this.#cause = reason === undefined ? undefined : cause
    for (const listener of this.#listeners) listener()
  }
}
