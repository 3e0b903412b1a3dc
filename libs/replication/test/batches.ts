import { BatchBuilder } from "@tailrace/record"
import type { ProducerFields, RecordCodecs } from "@tailrace/record"

/** A checksum that is good enough to notice a changed byte; the real one is a native adapter. */
export const crc32c = (bytes: Uint8Array): number => {
  let sum = 0x811c9dc5
  for (const byte of bytes) sum = Math.imul(sum ^ byte, 0x01000193) >>> 0
  return sum
}

export const codecs: RecordCodecs = { crc32c, compress: (_, bytes) => Buffer.from(bytes), decompress: (_, bytes) => Buffer.from(bytes) }

export interface BatchInput extends Partial<ProducerFields> {
  readonly count?: number
  readonly baseOffset?: number
  readonly leaderEpoch?: number
  readonly timestamp?: number
  readonly isTransactional?: boolean
  readonly isControl?: boolean
  readonly compression?: 0 | 1 | 2 | 3 | 4
}

export const batch = (input: BatchInput = {}): Buffer => {
  const { count = 1, timestamp = 1000, producerId = -1, producerEpoch = producerId < 0 ? -1 : 0, baseSequence = -1, ...options } = input
  const builder = new BatchBuilder({ codecs, ...options })
  for (let i = 0; i < count; i++) builder.append({ timestamp: timestamp + i, value: `value ${i}` })
  return builder.build({ producerId, producerEpoch, baseSequence })
}

/** Numbers below a bound from a seed (mulberry32). */
export const seeded = (seed: number): ((bound: number) => number) => {
  let state = seed >>> 0
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound
  }
}
