import { isAcknowledged, isOpen } from "./internal/HistoryIndex.ts"
import { type Percentiles, percentilesOf } from "./internal/percentilesOf.ts"
import type { Operation } from "./Operation.ts"

export interface GapWindow {
  readonly fromMillis: number
  readonly toMillis: number
  /** Only these partitions; default every one that was sent to. */
  readonly keys?: ReadonlyArray<string> | undefined
}

/** A silence: no send to the partition was acknowledged between the two moments. */
export interface AckGap {
  readonly key: string
  readonly fromMillis: number
  readonly toMillis: number
  readonly millis: number
}

interface HistoryLike {
  readonly operations: ReadonlyArray<Operation>
}

/**
 * Every silence of each partition within a window, its ends included: a partition that nobody answers for at all has one silence
 * of the whole window. Partitions are listed from the sends that were under way in the window; those that have not ended are under way
 * until its end.
 */
export const ackGaps = (history: HistoryLike, window: GapWindow): ReadonlyMap<string, ReadonlyArray<AckGap>> => {
  const { fromMillis, toMillis } = window
  const acknowledgements = new Map<string, Array<number>>((window.keys ?? []).map((key) => [key, []]))
  for (const operation of history.operations) {
    const { f, records, invokeMillis, completeMillis } = operation
    if (f !== "send" || invokeMillis > toMillis || (completeMillis < fromMillis && !isOpen(operation))) continue
    for (const { key } of records) {
      let list = acknowledgements.get(key)
      if (list === undefined) {
        if (window.keys !== undefined) continue
        acknowledgements.set(key, list = [])
      }
      if (isAcknowledged(operation) && completeMillis <= toMillis) list.push(completeMillis)
    }
  }
  return new Map([...acknowledgements].map(([key, list]) => {
    const moments = [fromMillis, ...list.toSorted((a, b) => a - b), toMillis]
    return [key, moments.slice(1).map((moment, at) => {
      const before = moments[at] as number
      return { key, fromMillis: before, toMillis: moment, millis: moment - before }
    })]
  }))
}

/** The longest silence of each partition, the longest first. */
export const longestAckGaps = (history: HistoryLike, window: GapWindow): ReadonlyArray<AckGap> =>
  [...ackGaps(history, window).values()]
    .map((gaps) => gaps.reduce((longest, gap) => gap.millis > longest.millis ? gap : longest))
    .toSorted((a, b) => b.millis - a.millis)

/** The longest silence of any partition; throws where nothing was sent in the window, for such a run has measured nothing. */
export const longestAckGap = (history: HistoryLike, window: GapWindow): AckGap => {
  const longest = longestAckGaps(history, window)[0]
  if (longest === undefined) throw new Error(`no send between ${window.fromMillis} and ${window.toMillis} ms of the history`)
  return longest
}

/** The longest silence of each partition as a distribution over the partitions: what a fail-over cost each of them. */
export const gapPercentiles = (history: HistoryLike, window: GapWindow): Percentiles =>
  percentilesOf(longestAckGaps(history, window).map(({ millis }) => millis))
