import { uuidText } from "./internal/uuidText.ts"
import type { Random } from "./Random.ts"

/** A repeatable generator (sfc32): the same seed gives the same choices on every machine. Not for secrets. */
export class SeededRandom implements Random {
  readonly seed: number
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(seed: number) {
    this.seed = seed
    this.#a = seed | 0
    this.#b = Math.floor(seed / 0x1_0000_0000) | 0
    this.#c = 0x9e3779b9 | 0
    // Near seeds differ in few bits; these rounds spread them over the whole state.
    for (let round = 0; round < 15; round++) this.nextUint32()
  }

  nextUint32(): number {
    const result = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0
    return result >>> 0
  }

  nextInt(boundExclusive: number): number {
    if (!Number.isInteger(boundExclusive) || boundExclusive < 1 || boundExclusive > 0x8000_0000) {
      throw new RangeError(`bound ${boundExclusive} is not within 1 and 2^31`)
    }
    return Math.floor((this.nextUint32() * boundExclusive) / 0x1_0000_0000)
  }

  /** 0 <= n < 1, for probabilities. */
  nextFraction(): number {
    return this.nextUint32() / 0x1_0000_0000
  }

  /** An independent generator, so that one part of a simulation may draw more without changing another's choices. */
  fork(): SeededRandom {
    return new SeededRandom(this.nextUint32() + this.nextInt(1 << 20) * 0x1_0000_0000)
  }

  uuid(): string {
    const bytes = Buffer.alloc(16)
    for (;;) {
      for (let at = 0; at < 16; at += 4) bytes.writeUInt32LE(this.nextUint32(), at)
      const text = uuidText(bytes)
      if (text !== undefined) return text
    }
  }
}
