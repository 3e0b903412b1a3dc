import { describe, expect, it } from "vitest"
import { LeaderEpochs } from "../src/index.ts"
import { seeded } from "./batches.ts"

const history = (...rows: Array<[epoch: number, startOffset: number]>): LeaderEpochs => {
  const epochs = new LeaderEpochs()
  for (const [epoch, startOffset] of rows) epochs.assign(epoch, startOffset)
  return epochs
}
const list = (epochs: LeaderEpochs) => [...epochs.entries()].map((it) => [it.epoch, it.startOffset])

describe("LeaderEpochs", () => {
  it.each([
    ["the newest epoch ends at the log end", 5, [5, 100]],
    ["a middle epoch ends where the next begins", 3, [3, 30]],
    ["an epoch that is not there answers the one below", 4, [3, 30]],
    ["an epoch from the future is unknown", 6, [-1, -1]],
    ["an epoch before the first ends at the first start", 1, [1, 10]],
    ["no epoch", -1, [-1, -1]]
  ] as const)("%s", (_, epoch, [leaderEpoch, endOffset]) => {
    expect(history([2, 10], [3, 20], [5, 30]).endOffsetFor(epoch, 100)).toEqual({ leaderEpoch, endOffset })
  })

  it("knows nothing when empty", () => {
    expect(new LeaderEpochs().endOffsetFor(0, 0)).toEqual({ leaderEpoch: -1, endOffset: -1 })
    expect(new LeaderEpochs().epochAt(5)).toBe(-1)
  })

  it("keeps an epoch that wrote nothing, and gives the offset to its successor", () => {
    const epochs = history([1, 0], [2, 10], [3, 10])
    expect(epochs.endOffsetFor(2, 50)).toEqual({ leaderEpoch: 2, endOffset: 10 })
    expect(epochs.endOffsetFor(1, 50)).toEqual({ leaderEpoch: 1, endOffset: 10 })
    expect([epochs.epochAt(9), epochs.epochAt(10)]).toEqual([1, 3])
  })

  it("drops what a new entry contradicts", () => {
    expect(list(history([1, 0], [2, 10], [4, 20], [3, 15]))).toEqual([[1, 0], [2, 10], [3, 15]])
    expect(list(history([1, 0], [2, 10], [3, 5]))).toEqual([[1, 0], [3, 5]])
    expect(history([1, 0]).assign(1, 7)).toBe(false)
  })

  it("truncates at both ends", () => {
    const epochs = history([1, 0], [2, 10], [3, 20], [4, 20])
    epochs.truncateTo(20)
    expect(list(epochs)).toEqual([[1, 0], [2, 10]])
    epochs.advanceStart(12)
    expect(list(epochs)).toEqual([[2, 12]])
    epochs.advanceStart(30)
    expect(list(epochs)).toEqual([[2, 30]])
  })

  it("is bounded by dropping old epochs without batches first", () => {
    const epochs = new LeaderEpochs({ epochsMax: 3 })
    for (const [epoch, start] of [[1, 0], [2, 5], [3, 5], [4, 5], [5, 5]] as const) epochs.assign(epoch, start)
    expect(list(epochs)).toEqual([[1, 0], [4, 5], [5, 5]])
  })

  it("refuses a damaged snapshot", () => {
    const bytes = history([1, 0], [2, 10]).encode()
    expect(() => LeaderEpochs.decode(bytes.subarray(0, bytes.length - 1))).toThrow()
    bytes.writeInt32BE(9, 5)
    expect(() => LeaderEpochs.decode(bytes)).toThrow()
  })

  // The model is the epoch of every single offset.
  it.each([1, 2, 3, 4, 5, 6])("agrees with a model of one epoch per offset, seed %i", (seed) => {
    const next = seeded(seed)
    let epochs = new LeaderEpochs()
    let offsets: number[] = []
    let start = 0
    let epoch = 0
    for (let step = 0; step < 300; step++) {
      const choice = next(8)
      if (choice < 5) {
        if (next(3) === 0) epoch += 1 + next(2)
        epochs.assign(epoch, offsets.length)
        for (let i = next(3); i >= 0; i--) offsets.push(epoch)
      } else if (choice === 5) {
        offsets = offsets.slice(0, start + next(offsets.length - start + 1))
        epochs.truncateTo(offsets.length)
      } else if (choice === 6) {
        start += next(offsets.length - start + 1)
        epochs.advanceStart(start)
      } else {
        epochs = LeaderEpochs.decode(epochs.encode())
      }
      for (let offset = start; offset < offsets.length; offset++) expect(epochs.epochAt(offset)).toBe(offsets[offset])
      const known = offsets.slice(start)
      for (const asked of new Set(known)) {
        const end = start + known.lastIndexOf(asked) + 1
        expect(epochs.endOffsetFor(asked, offsets.length)).toEqual({ leaderEpoch: asked, endOffset: end })
      }
    }
  })
})
