/** The first error of many processes that is no answer of a cluster, but a fault in the tests themselves. */
export class FaultLatch {
  #first: unknown
  #isSet = false

  readonly set = (error: unknown): void => {
    if (this.#isSet) return
    this.#isSet = true
    this.#first = error
  }

  throwIfSet(): void {
    if (this.#isSet) throw this.#first
  }
}
