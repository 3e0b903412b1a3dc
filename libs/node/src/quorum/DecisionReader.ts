import type { MetadataRecord } from "@tailrace/kafka-protocol"
import type { Entry } from "@tailrace/raft"
import type { MetadataBatches } from "./MetadataBatches.ts"

/**
 * Puts decisions together that are larger than one entry of the log: all of their records take effect or none. A leader
 * appends the entries of one decision at once, so they lie side by side in one term. Where it died before all of them were
 * safe, the next entry has another term, and every node that reads the log drops what there is of the decision.
 */
export class DecisionReader {
  readonly #batches: MetadataBatches
  #term = -1
  #records: Array<MetadataRecord> = []

  constructor(batches: MetadataBatches) {
    this.#batches = batches
  }

  /** The records that hold from this entry on; undefined while more of their decision has to follow. */
  take(entry: Entry): ReadonlyArray<MetadataRecord> | undefined {
    if (entry.term !== this.#term) this.reset()
    const records = this.#batches.decode(entry)
    if (this.#batches.isContinued(entry)) {
      this.#term = entry.term
      for (const record of records) this.#records.push(record)
      return undefined
    }
    if (this.#records.length === 0) return records
    if (entry.kind !== "data") throw new Error(`assertion: a decision of term ${entry.term} is interrupted at ${entry.offset}`)
    const all = [...this.#records, ...records]
    this.reset()
    return all
  }

  /** Reading begins somewhere else. */
  reset(): void {
    this.#records = []
  }
}
