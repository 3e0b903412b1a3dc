export interface Percentiles {
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** The nearest rank, so that every number was measured. All 0 where nothing was. */
export const percentilesOf = (numbers: ReadonlyArray<number>): Percentiles => {
  const sorted = Float64Array.from(numbers).sort()
  const at = (fraction: number): number => sorted[Math.max(0, Math.ceil(sorted.length * fraction) - 1)] ?? 0
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) }
}
