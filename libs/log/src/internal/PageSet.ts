/** Pages of a file, by number. */
export class PageSet {
  readonly #bits: Uint8Array

  constructor(pages: number) {
    this.#bits = new Uint8Array((pages + 7) >>> 3)
  }

  has(page: number): boolean {
    return (this.#bits[page >>> 3]! & (1 << (page & 7))) !== 0
  }

  /** False where one of them is in the set already. */
  add(page: number, count: number): boolean {
    for (let i = page; i < page + count; i++) {
      if (this.has(i)) return false
      this.#bits[i >>> 3]! |= 1 << (i & 7)
    }
    return true
  }

  intersects(other: PageSet): boolean {
    return this.#bits.some((bits, i) => (bits & other.#bits[i]!) !== 0)
  }
}
