import { NotAvailable } from "@tailrace/contracts"
import { ErrorCode } from "@tailrace/kafka-protocol"
import type { ProducerIdBlock } from "@tailrace/metadata"

/** Hands out producer ids from blocks that the controller grants, one request for a block at a time. */
export class ProducerIds {
  readonly #allocate: () => Promise<ProducerIdBlock>
  #next = 0
  #end = 0
  #pending: Promise<void> | undefined

  constructor(allocate: () => Promise<ProducerIdBlock>) {
    this.#allocate = allocate
  }

  /** Rejects as the allocation does; the next call tries again. */
  async next(): Promise<number> {
    while (this.#next >= this.#end) {
      this.#pending ??= this.#allocate().then(({ errorCode, producerIdLen, producerIdStart }) => {
        if (errorCode !== ErrorCode.NONE) throw new NotAvailable("controller", errorCode)
        this.#next = producerIdStart
        this.#end = producerIdStart + producerIdLen
      }).finally(() => {
        this.#pending = undefined
      })
      await this.#pending
    }
    return this.#next++
  }
}
