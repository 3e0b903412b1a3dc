import { readFileSync } from "node:fs"

export const golden = (name: string): Buffer => readFileSync(new URL(`golden/${name}`, import.meta.url))

/** mulberry32: the same numbers for the same seed. */
export const randomFrom = (seed: number) => {
  let state = seed >>> 0
  return (boundExclusive: number): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return Math.floor(((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000 * boundExclusive)
  }
}

/** Compressible, but only across some distance, so that blocks refer to the blocks before them where they may. */
export const repeatedText = (seed: number, sizeInBytes: number): Buffer => {
  const next = randomFrom(seed)
  const piece = Buffer.from(Array.from({ length: 3000 }, () => 97 + next(26)))
  return Buffer.alloc(sizeInBytes, piece)
}
