import { assert, describe, it } from "vitest"
import type { ReadRecord } from "../bench/harness/recordBatch.ts"
import { historyFaults } from "./historyFaults.ts"
import type { LoadEvent } from "./LoadProcess.ts"
import { longestSilences, percentilesOf } from "./silences.ts"

const logOf = (...numbers: ReadonlyArray<number>): ReadRecord[] => numbers.map((number, offset) => ({ offset, value: Buffer.from(String(number).padStart(16, "0")) }))
const event = (number: number, partition: number, offset: number, micros = 0): LoadEvent => ({ number, partition, offset, micros })

const logs = [logOf(0, 2, 4), logOf(1, 3)]
const acks = [event(0, 0, 0), event(1, 1, 0), event(2, 0, 1), event(4, 0, 2)]
const deliveries = [event(0, 0, 0), event(2, 0, 1), event(1, 1, 0), event(2, 0, 1), event(4, 0, 2)]

describe("historyFaults", () => {
  it("finds none in a good history, with an unacknowledged record and one got twice", () => {
    assert.deepEqual(historyFaults({ logs, acks, deliveries, isIdempotent: true }), [])
  })

  it.each([
    ["a lost record", { logs: [logOf(0, 2), logs[1]!], acks }, /record 4 is lost/],
    ["a moved record", { logs: [logOf(2, 0, 4), logs[1]!], acks }, /record 0 was promised/],
    ["a doubled record", { logs: [logOf(0, 2, 4, 4), logs[1]!], acks }, /stands twice/],
    ["records out of order", { logs: [logOf(0, 2, 4), logOf(1, 5, 3)], acks }, /record 3 stands behind 5/],
    ["a jump", { logs, acks, deliveries: [event(0, 0, 0), event(4, 0, 2), event(1, 1, 0)] }, /jumped in partition 0 from offset 1 to 2/],
    ["a record not delivered", { logs, acks, deliveries: deliveries.slice(0, 4) }, /never got acknowledged record 4/],
    ["a record delivered that the log does not hold", { logs, acks, deliveries: [...deliveries, event(9, 1, 1)] }, /got record 9 at partition 1 offset 1, where the log has 3/]
  ])("finds %s", (_, history, expected) => {
    assert.match(historyFaults({ ...history, isIdempotent: true }).join("\n"), expected)
  })
})

describe("a producer without idempotence", () => {
  it("may have stored a record twice, but lost and reordered none", () => {
    const doubled = [logOf(0, 0, 2)]
    assert.deepEqual(historyFaults({ logs: doubled, acks: [event(0, 0, 1), event(2, 0, 2)], isIdempotent: false }), [])
    assert.match(historyFaults({ logs: [logOf(0, 2, 0)], acks: [event(0, 0, 0)], isIdempotent: false }).join(), /record 0 stands behind 2/)
    assert.match(historyFaults({ logs: doubled, acks: [event(0, 0, 1), event(4, 0, 3)], isIdempotent: false }).join(), /record 4 is lost/)
  })
})

describe("silences", () => {
  it("are counted from the last word before the fault, and to the end where nothing came back", () => {
    const line = [event(0, 0, 0, 1_000), event(1, 1, 0, 1_000), event(2, 0, 1, 9_000), event(3, 1, 1, 9_500), event(4, 0, 2, 70_000), event(5, 0, 3, 75_000)]
    // The silence before the fault is none of its making.
    assert.deepEqual(longestSilences(line, 2, 10_000, 100_000), [61, 90.5])
    assert.deepEqual(longestSilences([], 1, 10_000, 100_000), [90])
  })

  it("have percentiles that were measured", () => {
    assert.deepEqual(percentilesOf(Array.from({ length: 200 }, (_, index) => 200 - index)), { p50: 100, p99: 198, max: 200 })
    assert.deepEqual(percentilesOf([3]), { p50: 3, p99: 3, max: 3 })
  })
})
