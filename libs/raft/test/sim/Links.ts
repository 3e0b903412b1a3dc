import type { Random } from "./Random.ts"

/** Which way messages get through. */
export class Links {
  readonly #nodeIds: ReadonlyArray<number>
  readonly #random: Random
  readonly #blocked = new Set<string>()

  constructor(nodeIds: ReadonlyArray<number>, random: Random) {
    this.#nodeIds = nodeIds
    this.#random = random
  }

  isOpen(from: number, to: number): boolean {
    return !this.#blocked.has(`${from}>${to}`)
  }

  heal(): void {
    this.#blocked.clear()
  }

  /** One node or some from the others, both ways or one. Answers what it was. */
  partition(nodeId: number): string {
    const random = this.#random
    const isOneWay = random.chance(0.4)
    const side = new Set(random.chance(0.6) ? [nodeId] : this.#nodeIds.filter(() => random.chance(0.5)))
    const isOutward = random.chance(0.5)
    for (const a of this.#nodeIds) {
      for (const b of this.#nodeIds) {
        if (side.has(a) === side.has(b)) continue
        if (!isOneWay || side.has(a) === isOutward) this.#blocked.add(`${a}>${b}`)
      }
    }
    return isOneWay ? "partitionOneWay" : "partition"
  }

  cut(nodeId: number): void {
    const other = this.#random.pick(this.#nodeIds)
    this.#blocked.add(`${nodeId}>${other}`)
    if (this.#random.chance(0.5)) this.#blocked.add(`${other}>${nodeId}`)
  }
}
