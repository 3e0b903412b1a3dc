/** Milliseconds from well below one to a minute, three to a decade. */
const boundsDefault = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000]

/** Counts values by buckets with fixed upper bounds, in constant memory and without allocation. */
export class Histogram {
  readonly bounds: Float64Array
  /** One count per bound and one for whatever is above the last; not cumulative. */
  readonly counts: Float64Array
  sum = 0
  count = 0

  constructor(bounds: ReadonlyArray<number> = boundsDefault) {
    if (bounds.length === 0 || bounds.some((bound, index) => index > 0 && bound <= bounds[index - 1]!)) {
      throw new RangeError("the bounds of a histogram rise")
    }
    this.bounds = Float64Array.from(bounds)
    this.counts = new Float64Array(bounds.length + 1)
  }

  record(value: number): void {
    let low = 0
    let high = this.bounds.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (value <= this.bounds[middle]!) high = middle
      else low = middle + 1
    }
    this.counts[low]!++
    this.sum += value
    this.count++
  }

  /** The upper bound of the bucket that holds the quantile; Infinity above the last, NaN without values. */
  quantile(fraction: number): number {
    if (this.count === 0) return Number.NaN
    let left = Math.max(1, Math.ceil(fraction * this.count))
    for (let index = 0; index < this.bounds.length; index++) {
      left -= this.counts[index]!
      if (left <= 0) return this.bounds[index]!
    }
    return Infinity
  }
}
