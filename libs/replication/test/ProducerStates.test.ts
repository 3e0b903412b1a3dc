import { describe, expect, it } from "vitest"
import { ProducerStates } from "../src/index.ts"
import { batch, seeded } from "./batches.ts"

const sequences = 0x8000_0000

const appended = (...rows: Array<[epoch: number, baseSequence: number, count: number, offset: number]>): ProducerStates => {
  const states = new ProducerStates()
  for (const [producerEpoch, baseSequence, count, baseOffset] of rows) {
    states.record(batch({ producerId: 7, producerEpoch, baseSequence, count, baseOffset }), 0)
  }
  return states
}

describe("ProducerStates", () => {
  it.each([
    ["no producer id", [], -1, -1, -1, -1, "append"],
    ["no state: any sequence", [], 7, 3, 500, 509, "append"],
    ["next in order", [[0, 0, 3, 10]], 7, 0, 3, 3, "append"],
    ["a gap", [[0, 0, 3, 10]], 7, 0, 4, 4, 45],
    ["half a duplicate", [[0, 0, 3, 10]], 7, 0, 0, 1, 45],
    ["a duplicate", [[0, 0, 3, 10]], 7, 0, 0, 2, 10],
    ["the oldest retained duplicate", [[0, 0, 1, 10], [0, 1, 1, 11], [0, 2, 1, 12], [0, 3, 1, 13], [0, 4, 1, 14]], 7, 0, 0, 0, 10],
    ["a duplicate that fell out", [[0, 0, 1, 10], [0, 1, 1, 11], [0, 2, 1, 12], [0, 3, 1, 13], [0, 4, 1, 14], [0, 5, 1, 15]], 7, 0, 0, 0, 45],
    ["new epoch from 0", [[0, 0, 3, 10]], 7, 1, 0, 0, "append"],
    ["new epoch from elsewhere", [[0, 0, 3, 10]], 7, 1, 3, 3, 45],
    ["old epoch", [[2, 0, 3, 10]], 7, 1, 3, 3, 47],
    ["a duplicate of an old epoch", [[0, 0, 3, 10], [1, 0, 3, 13]], 7, 0, 0, 2, 47],
    ["the same sequences in a new epoch", [[0, 0, 3, 10]], 7, 1, 0, 2, "append"],
    ["the wrap to 0", [[0, sequences - 2, 2, 10]], 7, 0, 0, 4, "append"],
    ["a batch across the wrap", [[0, sequences - 2, 2, 10], [0, 0, 1, 12]], 7, 0, 1, 1, "append"],
    ["a duplicate across the wrap", [[0, sequences - 1, 3, 10]], 7, 0, sequences - 1, 1, 10]
  ] as const)("judges %s", (_, rows, producerId, epoch, first, last, expected) => {
    const verdict = appended(...(rows as any)).check(producerId, epoch, first, last)
    if (expected === "append") expect(verdict).toEqual({ kind: "append" })
    else if (expected === 45 || expected === 47) expect(verdict).toEqual({ kind: "error", errorCode: expected })
    else expect(verdict).toMatchObject({ kind: "duplicate", baseOffset: expected })
  })

  it("answers a duplicate with the old batch's offsets and timestamp", () => {
    const states = new ProducerStates()
    states.record(batch({ producerId: 7, baseSequence: 0, count: 3, baseOffset: 40, timestamp: 100 }), 0)
    states.record(batch({ producerId: 7, baseSequence: 3, count: 1, baseOffset: 50 }), 0)
    expect(states.check(7, 0, 0, 2)).toEqual({ kind: "duplicate", baseOffset: 40, lastOffset: 42, timestamp: 102 })
  })

  it("expires by the time of the append, and keeps what is younger", () => {
    const states = new ProducerStates()
    states.record(batch({ producerId: 1, baseSequence: 0, timestamp: 5 }), 0, 1000)
    states.record(batch({ producerId: 2, baseSequence: 0, timestamp: 5 }), 0, 2000)
    expect(states.expire(2000, 1001)).toBe(0)
    expect(states.expire(2000, 1000)).toBe(1)
    expect([...states.describe()].map((it) => it.producerId)).toEqual([2])
  })

  it("forgets the longest silent producer when there are too many", () => {
    const states = new ProducerStates({ producerIdsMax: 2 })
    for (const [producerId, baseSequence] of [[1, 0], [2, 0], [1, 1], [3, 0]] as const) {
      states.record(batch({ producerId, baseSequence }), 0)
    }
    expect([...states.describe()].map((it) => it.producerId)).toEqual([1, 3])
    expect(states.check(2, 0, 9, 9).kind).toBe("append")
  })

  it("lets a transaction marker move the epoch without a sequence", () => {
    const states = appended([0, 0, 3, 10])
    states.record(batch({ producerId: 7, producerEpoch: 1, isControl: true, isTransactional: true, baseOffset: 13 }), 0)
    expect(states.endOffset).toBe(14)
    expect(states.check(7, 0, 3, 3)).toMatchObject({ errorCode: 47 })
    expect(states.check(7, 1, 0, 0).kind).toBe("append")
    expect(states.check(7, 1, 1, 1)).toMatchObject({ errorCode: 45 })
  })

  it("refuses a damaged snapshot", () => {
    const bytes = appended([0, 0, 3, 10]).encode()
    expect(() => ProducerStates.decode(bytes.subarray(0, bytes.length - 1))).toThrow()
    expect(() => ProducerStates.decode(Buffer.concat([bytes, Buffer.alloc(1)]))).toThrow()
    expect(() => ProducerStates.decode(Buffer.alloc(0))).toThrow()
  })

  // The model keeps every batch for ever and looks at the last five of the epoch.
  it.each([1, 2, 3, 4, 5, 6])("agrees with a naive model and with a rebuild from any snapshot, seed %i", (seed) => {
    const next = seeded(seed)
    let states = new ProducerStates()
    const log: Array<{ producerId: number; producerEpoch: number; baseSequence: number; count: number; baseOffset: number }> = []
    const snapshots: Array<Buffer> = [states.encode()]
    let logEnd = 0
    for (let step = 0; step < 400; step++) {
      const producerId = next(3)
      const mine = log.filter((it) => it.producerId === producerId)
      const last = mine.at(-1)
      const count = 1 + next(4)
      const wraps = last !== undefined ? (last.baseSequence + last.count) % sequences : sequences - 20
      const earlier = mine.at(-1 - next(7))
      const choice = next(6)
      const producerEpoch = Math.max(0, (last?.producerEpoch ?? 0) + (choice === 0 ? 1 : choice === 1 ? -1 : 0))
      const retry = choice >= 4 && earlier !== undefined
      const baseSequence = retry ? earlier.baseSequence : choice === 3 ? wraps + next(2) : choice === 0 ? next(2) : wraps
      const size = retry ? earlier.count : count
      const lastSequence = (baseSequence + size - 1) % sequences

      const inEpoch = mine.filter((it) => it.producerEpoch === last?.producerEpoch)
      const same = producerEpoch === last?.producerEpoch
        ? inEpoch.slice(-5).find((it) => it.baseSequence === baseSequence && it.count === size) : undefined
      const expected = last === undefined ? "append"
        : producerEpoch < last.producerEpoch ? 47
        : producerEpoch > last.producerEpoch ? (baseSequence === 0 ? "append" : 45)
        : same !== undefined ? "duplicate" : baseSequence === wraps ? "append" : 45
      const verdict = states.check(producerId, producerEpoch, baseSequence, lastSequence)
      expect(verdict.kind === "error" ? verdict.errorCode : verdict.kind).toBe(expected)
      if (verdict.kind === "duplicate") expect(verdict.baseOffset).toBe(same?.baseOffset)
      if (verdict.kind === "append") {
        const entry = { producerId, producerEpoch, baseSequence, count: size, baseOffset: logEnd }
        states.record(batch(entry), 0)
        log.push(entry)
        logEnd += size
      }
      if (next(20) === 0) snapshots.push(states.encode())
      if (next(40) === 0 && log.length > 0) {
        // Truncation: the newest snapshot at or below the new end, then the batches after it.
        log.length = next(log.length) + 1
        logEnd = log.at(-1)!.baseOffset + log.at(-1)!.count
        while (ProducerStates.decode(snapshots.at(-1)!).endOffset > logEnd) snapshots.pop()
        states = ProducerStates.decode(snapshots.at(-1)!)
        for (const it of log) if (it.baseOffset >= states.endOffset) states.record(batch(it), 0)
        const fresh = new ProducerStates()
        for (const it of log) fresh.record(batch(it), 0)
        expect(states.encode().equals(fresh.encode())).toBe(true)
      }
    }
  })
})
