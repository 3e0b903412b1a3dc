import type { PieceMessage } from "../ReplicaMessage.ts"

interface Reply {
  readonly previousSequence: number
  readonly received: Set<number>
  highestIndex: number
  /** -1 until the last piece came. */
  lastIndex: number
}

/** Pieces that one answer has at most; the largest answer in the smallest pieces has fewer. */
const piecesMax = 65_536

/**
 * Which pieces of which answers came. An answer counts once all of it is there and the answer before it counted: polls that
 * were replaced may have none, so each answer names the one before it.
 */
export class ReplyProgress {
  readonly #replies = new Map<number, Reply>()
  /** The last poll whose answer is there. */
  completed = 0

  /** False for a piece that came before, or belongs to what is complete. */
  take({ isLast, pieceIndex, previousSequence, sequence }: PieceMessage): boolean {
    if (sequence <= this.completed || pieceIndex >= piecesMax) return false
    let reply = this.#replies.get(sequence)
    if (reply === undefined) this.#replies.set(sequence, reply = { previousSequence, received: new Set(), highestIndex: -1, lastIndex: -1 })
    if (reply.received.has(pieceIndex)) return false
    reply.received.add(pieceIndex)
    reply.highestIndex = Math.max(reply.highestIndex, pieceIndex)
    if (isLast) reply.lastIndex = pieceIndex
    this.#complete()
    return true
  }

  /** Pieces of some answer are still to come. */
  get isUnderWay(): boolean {
    return this.#replies.size > 0
  }

  /** Something is missing that was sent before something that is here. */
  get hasGap(): boolean {
    for (const { highestIndex, lastIndex, previousSequence, received } of this.#replies.values()) {
      if (previousSequence !== this.completed && !this.#replies.has(previousSequence)) return true
      if (lastIndex >= 0 || received.size <= highestIndex) return true
    }
    return false
  }

  #complete(): void {
    for (let isMoving = true; isMoving;) {
      isMoving = false
      for (const [sequence, { lastIndex, previousSequence, received }] of this.#replies) {
        if (previousSequence !== this.completed || received.size !== lastIndex + 1) continue
        this.completed = sequence
        this.#replies.delete(sequence)
        isMoving = true
      }
    }
  }
}
