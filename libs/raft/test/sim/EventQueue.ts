interface Scheduled<E> {
  readonly at: number
  readonly sequence: number
  readonly event: E
}

/** Events by time; those of one moment in the order they were added. */
export class EventQueue<E> {
  readonly #heap: Array<Scheduled<E>> = []
  #sequence = 0

  add(at: number, event: E): void {
    const heap = this.#heap
    heap.push({ at, sequence: this.#sequence++, event })
    let i = heap.length - 1
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!isBefore(heap[i]!, heap[parent]!)) break
      ;[heap[i], heap[parent]] = [heap[parent]!, heap[i]!]
      i = parent
    }
  }

  take(): { at: number; event: E } | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first
    heap[0] = last
    for (let i = 0; ;) {
      let least = i
      for (const child of [2 * i + 1, 2 * i + 2]) if (child < heap.length && isBefore(heap[child]!, heap[least]!)) least = child
      if (least === i) return first
      ;[heap[i], heap[least]] = [heap[least]!, heap[i]!]
      i = least
    }
  }
}

function isBefore<E>(a: Scheduled<E>, b: Scheduled<E>): boolean {
  return a.at < b.at || (a.at === b.at && a.sequence < b.sequence)
}
