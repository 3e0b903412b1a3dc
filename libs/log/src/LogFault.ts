import type { BatchFault } from "@tailrace/record"

/**
 * Offsets [offset, endOffset) of a log that are not what was written, with everything between the first and the last
 * damaged batch. It begins where a batch begins. The reason is that of the damage found first:
 *
 * - a `BatchFault`: the bytes of a batch changed.
 * - `order`: a batch that does not belong where it is.
 * - `epoch`: a batch that names another leader epoch than the log knows for its offset.
 * - `missing`: batches are gone.
 * - `state`: a record of our own is damaged, and what it said cannot be learned from the batches.
 */
export interface LogFault {
  readonly offset: number
  readonly endOffset: number
  readonly reason: BatchFault | "order" | "epoch" | "missing" | "state"
}
