import type { ConsumerRecord } from "../ConsumerOptions.ts"
import { partitionKey } from "./offsets.ts"

/** The records of one poll that a loop over a consumer is given one by one. */
export class RecordQueue {
  #records: ReadonlyArray<ConsumerRecord>
  #next = 0

  constructor(records: ReadonlyArray<ConsumerRecord>) {
    this.#records = records
  }

  shift(): ConsumerRecord | undefined {
    return this.#records[this.#next++]
  }

  /** The first record of each partition that is still here. */
  heads(): ReadonlyMap<string, ConsumerRecord> {
    const heads = new Map<string, ConsumerRecord>()
    for (let at = this.#records.length - 1; at >= this.#next; at--) {
      const record = this.#records[at] as ConsumerRecord
      heads.set(partitionKey(record.topic, record.partition), record)
    }
    return heads
  }

  /** Leaves only records of partitions that are wanted. */
  keep(isWanted: (record: ConsumerRecord) => boolean): void {
    this.#records = this.#records.slice(this.#next).filter(isWanted)
    this.#next = 0
  }
}
