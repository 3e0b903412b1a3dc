/** One request's place in the order of a connection's answers. */
export interface ResponseSlot {
  /** undefined while the request is worked on; an empty list where nothing is to be sent. */
  chunks: ReadonlyArray<Uint8Array> | undefined
}

/**
 * Answers leave in the order of the requests (the Kafka protocol demands it), while the requests are worked on
 * together. A slot is opened when a request arrives and filled once; filled slots leave from the front.
 */
export class ResponseQueue {
  readonly #slots: Array<ResponseSlot> = []
  #first = 0
  #heldBytes = 0
  readonly #send: (chunks: ReadonlyArray<Uint8Array>) => void

  constructor(send: (chunks: ReadonlyArray<Uint8Array>) => void) {
    this.#send = send
  }

  /** Requests that were read and are not answered yet, or whose answer waits for an earlier one. */
  get size(): number {
    return this.#slots.length - this.#first
  }

  /** Bytes of answers that wait for an earlier one. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /** Nothing before it is still to be answered. */
  isFirst(slot: ResponseSlot): boolean {
    return this.#slots[this.#first] === slot
  }

  open(): ResponseSlot {
    const slot: ResponseSlot = { chunks: undefined }
    this.#slots.push(slot)
    return slot
  }

  /** Everything that may leave now leaves as one write. */
  fill(slot: ResponseSlot, chunks: ReadonlyArray<Uint8Array>): void {
    if (slot.chunks !== undefined) throw new Error("a request was answered twice")
    slot.chunks = chunks
    if (this.#slots[this.#first] !== slot) {
      this.#heldBytes += sizeOf(chunks)
      return
    }
    let first = this.#first
    let next = this.#slots[first]
    let ready: ReadonlyArray<Uint8Array> = chunks
    let joined: Array<Uint8Array> | undefined
    slot.chunks = sent
    while (next?.chunks !== undefined) {
      if (next !== slot && next.chunks.length > 0) {
        this.#heldBytes -= sizeOf(next.chunks)
        joined ??= [...ready]
        // One by one: an answer may have more pieces than a call takes arguments.
        for (const chunk of next.chunks) joined.push(chunk)
        next.chunks = sent
        ready = joined
      }
      first++
      next = this.#slots[first]
    }
    this.#advance(first)
    if (ready.length > 0) this.#send(ready)
  }

  #advance(first: number): void {
    this.#first = first
    if (first === this.#slots.length) {
      this.#slots.length = 0
      this.#first = 0
    } else if (first > 256) {
      this.#slots.splice(0, first)
      this.#first = 0
    }
  }
}

/** A slot lives on in the list for a while after its answer has left; the answer's memory does not. */
const sent: ReadonlyArray<Uint8Array> = []

const sizeOf = (chunks: ReadonlyArray<Uint8Array>): number => {
  let bytes = 0
  for (const chunk of chunks) bytes += chunk.length
  return bytes
}
