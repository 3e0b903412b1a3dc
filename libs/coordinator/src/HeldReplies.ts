import type { Reply } from "./Decision.ts"

/**
 * Holds the replies of a shard until the records which they, or anything before them, rely on are committed. So
 * nothing is told to a client that a new coordinator would not know, and reads see committed state only.
 */
export class HeldReplies<Token> {
  #held: Array<{ readonly endOffset: number, readonly replies: ReadonlyArray<Reply<Token>> }> = []

  get isEmpty(): boolean {
    return this.#held.length === 0
  }

  /** `endOffset` is the partition's log end after the decision's records were appended. It never goes back. */
  hold(replies: ReadonlyArray<Reply<Token>>, endOffset: number): void {
    if (replies.length > 0) this.#held.push({ endOffset, replies })
  }

  /** The high watermark reached this offset: what may be sent now, in order. */
  release(highWatermark: number): ReadonlyArray<Reply<Token>> {
    let count = 0
    while (count < this.#held.length && (this.#held[count]?.endOffset ?? Infinity) <= highWatermark) count += 1
    return count === 0 ? [] : this.#held.splice(0, count).flatMap(({ replies }) => replies)
  }

  /** The append failed or leadership was lost: whose answers must be replaced by an error. */
  drain(): ReadonlyArray<Token> {
    return this.#held.splice(0).flatMap(({ replies }) => replies.map(({ token }) => token))
  }
}
