import { describe, expect, it } from "vitest"
import { ackFaults } from "./verifyAcks.ts"

const log = (...numbers: ReadonlyArray<number>): { offset: number; value: Buffer }[] =>
  numbers.map((number, offset) => ({ offset, value: Buffer.from(String(number).padStart(16, "0")) }))

describe("what was acknowledged against what the log holds", () => {
  it("finds nothing where everything is in its place, whether or not the rest was acknowledged", () => {
    expect(ackFaults([log(0, 2), log(1, 3)], [{ number: 2, partition: 0, offset: 1 }, { number: 1, partition: 1, offset: 0 }])).toEqual([])
  })

  it("finds a lost record, one in another's place, a duplicate and a gap", () => {
    expect(ackFaults([log(0)], [{ number: 1, partition: 0, offset: 1 }])).toEqual([expect.stringContaining("record 1 is lost")])
    expect(ackFaults([log(0, 1)], [{ number: 1, partition: 0, offset: 0 }])).toEqual([expect.stringContaining("where record 0 stands")])
    expect(ackFaults([log(0, 1), log(1)], [])).toEqual([expect.stringContaining("record 1 stands twice")])
    expect(ackFaults([log(0, 1).slice(1)], [])).toEqual([expect.stringContaining("offsets have a gap")])
  })
})
