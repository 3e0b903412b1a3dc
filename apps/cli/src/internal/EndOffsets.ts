import type { Consumer, TopicPartition } from "@tailrace/client"

/** Where the partitions of a consumer ended when they were first looked at, and whether it has come that far. */
export class EndOffsets {
  readonly #consumer: Pick<Consumer, "assignment" | "beginningOffsets" | "endOffsets" | "positions">
  /** 0 for a partition that held nothing. */
  readonly #ends = new Map<string, number>()

  constructor(consumer: Pick<Consumer, "assignment" | "beginningOffsets" | "endOffsets" | "positions">) {
    this.#consumer = consumer
  }

  /** Looks at the assigned partitions that are new. */
  async look(): Promise<void> {
    const partitions = this.#consumer.assignment().filter((partition) => !this.#ends.has(partitionKey(partition)))
    if (partitions.length === 0) return
    const [starts, ends] = await Promise.all([this.#consumer.beginningOffsets(partitions), this.#consumer.endOffsets(partitions)])
    ends.forEach((end, index) => {
      if (end.error !== undefined) throw end.error
      this.#ends.set(partitionKey(end), end.offset > (starts[index]?.offset ?? 0) ? end.offset : 0)
    })
  }

  /** Of what is assigned now: what was taken away is read by others. False until something was assigned. */
  get areReached(): boolean {
    const positions = new Map(this.#consumer.positions().map((it) => [partitionKey(it), it.offset]))
    return this.#ends.size > 0 && this.#consumer.assignment().map(partitionKey)
      .every((key) => (positions.get(key) ?? 0) >= (this.#ends.get(key) ?? Infinity))
  }
}

const partitionKey = ({ partition, topic }: TopicPartition): string => `${topic}/${partition}`
