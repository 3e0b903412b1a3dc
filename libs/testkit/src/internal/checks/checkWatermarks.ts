import type { OffsetMark, Operation } from "../../Operation.ts"
import type { Findings } from "../Findings.ts"
import type { HistoryIndex } from "../HistoryIndex.ts"

interface Seen {
  readonly offset: number
  readonly operation: Operation
}

/** The furthest end that was seen of one partition: in each leader epoch, and by lookups of the end in any. */
class Ends {
  readonly byEpoch = new Map<number, Seen>()
  lookup: (Seen & { readonly epoch: number }) | undefined
}

const unknownEpoch = -1

/**
 * The end of a partition as clients see it does not go back from an answer to a request that began behind it, within one leader
 * epoch; and what a lookup says in a later epoch neither, for a new leader has to wait until it has all of the old one. A leader of
 * an older epoch may say less without harm.
 */
export const checkWatermarks = (index: HistoryIndex, findings: Findings): void => {
  const ends = new Map<string, Ends>()
  const bounds = new Map<Operation, ReadonlyArray<Bound>>()
  for (const { operation, isEnd } of events(index)) {
    if (!isEnd) {
      bounds.set(operation, operation.marks.filter((mark) => isEndMark(operation, mark)).map((mark) => boundOf(ends.get(mark.key), mark)))
      continue
    }
    for (const bound of bounds.get(operation) ?? []) check(bound, operation, findings)
    bounds.delete(operation)
    for (const mark of operation.marks) if (isEndMark(operation, mark)) raise(ends, mark, operation)
  }
}

interface Bound {
  readonly mark: OffsetMark
  readonly inEpoch: Seen | undefined
  readonly lookup: (Seen & { readonly epoch: number }) | undefined
}

const epochOf = (mark: OffsetMark): number => mark.leaderEpoch ?? unknownEpoch

/** A lookup that leaves out open transactions answers the last stable offset instead. */
const isEndMark = (operation: Operation, { kind, offset }: OffsetMark): boolean =>
  operation.type === "ok" && offset >= 0 && (kind === "highWatermark" || (kind === "end" && operation.meta.isolation !== "read_committed"))

const events = (index: HistoryIndex): ReadonlyArray<{ readonly at: number; readonly operation: Operation; readonly isEnd: boolean }> =>
  index.operations.filter((operation) => operation.marks.some((mark) => isEndMark(operation, mark)))
    .flatMap((operation) => [
      { at: operation.invokeIndex, operation, isEnd: false }, { at: operation.completeIndex, operation, isEnd: true }
    ]).toSorted((a, b) => a.at - b.at)

const boundOf = (known: Ends | undefined, mark: OffsetMark): Bound => ({
  mark, inEpoch: known?.byEpoch.get(epochOf(mark)), lookup: mark.kind === "end" ? known?.lookup : undefined
})

const check = ({ mark, inEpoch, lookup }: Bound, operation: Operation, findings: Findings): void => {
  const isLater = lookup !== undefined && epochOf(mark) > lookup.epoch && lookup.epoch !== unknownEpoch
  const violated = inEpoch !== undefined && mark.offset < inEpoch.offset ? inEpoch
    : isLater && mark.offset < lookup.offset ? lookup : undefined
  if (violated === undefined) return
  findings.add("high-watermark-regression", epochOf(mark) === unknownEpoch ? "report" : "bad", mark.key,
    `the end was ${violated.offset} and then ${mark.offset}, in epoch ${epochOf(mark)}`, [violated.operation, operation])
}

const raise = (ends: Map<string, Ends>, mark: OffsetMark, operation: Operation): void => {
  const known = ends.get(mark.key) ?? new Ends()
  ends.set(mark.key, known)
  const epoch = epochOf(mark)
  const seen = { offset: mark.offset, operation }
  if ((known.byEpoch.get(epoch)?.offset ?? -1) < mark.offset) known.byEpoch.set(epoch, seen)
  if (mark.kind === "end" && (known.lookup?.offset ?? -1) < mark.offset) known.lookup = { ...seen, epoch }
}
