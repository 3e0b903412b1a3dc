import type { LoadEvent } from "./LoadProcess.ts"

export interface Percentiles {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/**
 * For each partition the longest time without an acknowledgement that touches the span from `sinceMicros` on, in milliseconds. A silence that
 * nothing has ended counts until `untilMicros`.
 */
export function longestSilences(acks: ReadonlyArray<LoadEvent>, partitions: number, sinceMicros: number, untilMicros: number): number[] {
  const last: number[] = Array.from({ length: partitions }, () => sinceMicros)
  const longest: number[] = Array.from({ length: partitions }, () => 0)
  const silence = (partition: number, endMicros: number): void => {
    if (endMicros > sinceMicros) longest[partition] = Math.max(longest[partition]!, (endMicros - last[partition]!) / 1_000)
  }
  for (const { partition, micros } of acks) {
    if (micros > untilMicros) break
    silence(partition, micros)
    last[partition] = micros
  }
  for (let partition = 0; partition < partitions; partition++) silence(partition, untilMicros)
  return longest
}

/** By the nearest rank, so that every figure is one that was measured. */
export function percentilesOf(values: ReadonlyArray<number>): Percentiles {
  const sorted = [...values].sort((a, b) => a - b)
  const rank = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
  return { p50: rank(0.5), p99: rank(0.99), max: rank(1) }
}
