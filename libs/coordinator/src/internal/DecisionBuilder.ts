import type { CoordinatorRecord, Decision, GroupResponse, Reply } from "../Decision.ts"

/** Collects what one decision wants appended and answered. */
export class DecisionBuilder {
  recordsBytes = 0
  /** Set where each record stands for itself, as tombstones and the records of different groups do. */
  mayBeCut = false
  readonly #records: Array<CoordinatorRecord> = []
  readonly #replies: Array<Reply<unknown>> = []
  readonly #waiting: Map<unknown, unknown>

  /** `waiting` has the requests without an answer, by token; an answer takes a request out of it. */
  constructor(waiting: Map<unknown, unknown>) {
    this.#waiting = waiting
  }

  record(record: CoordinatorRecord): void {
    this.#records.push(record)
    this.recordsBytes += record.key.length + (record.value?.length ?? 0)
  }

  reply(token: unknown, response: GroupResponse): void {
    this.#waiting.delete(token)
    this.#replies.push({ token, response })
  }

  build(): Decision<unknown> {
    return { records: this.#records, isAtomic: !this.mayBeCut, replies: this.#replies }
  }
}
