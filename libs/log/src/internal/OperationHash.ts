import type { StoreRead } from "../Store.ts"
import type { WriteSet } from "../WriteSet.ts"

const seed = 0x811c9dc5
const prime = 0x01000193

/** What a store was asked, and what it answered, as a number: FNV-1a, 32 bits. */
export class OperationHash {
  #hash = seed

  get value(): number {
    return this.#hash >>> 0
  }

  bytes(bytes: Uint8Array): this {
    this.number(bytes.length)
    let hash = this.#hash
    for (const byte of bytes) hash = Math.imul(hash ^ byte, prime)
    this.#hash = hash
    return this
  }

  number(n: number): this {
    let hash = Math.imul(this.#hash ^ (n | 0), prime)
    hash = Math.imul(hash ^ Math.floor(n / 0x1_0000_0000), prime)
    this.#hash = hash
    return this
  }

  text(text: string): this {
    let hash = this.#hash
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), prime)
    this.#hash = hash
    return this
  }

  read(read: StoreRead): this {
    for (const chunk of read.chunks) this.bytes(chunk)
    return this
  }

  set(set: WriteSet): this {
    for (let i = 0; i < set.batchLogs.length; i++) {
      this.number(set.batchLogs[i]!).number(set.batchOffsets[i]!)
      const batch = set.batchValues[i]
      if (batch === undefined) this.number(-1)
      else this.bytes(batch)
    }
    for (const [key, value] of set.state) {
      this.text(key)
      if (value === undefined) this.number(-1)
      else this.bytes(value)
    }
    return this
  }
}
