import { assert, describe, it } from "vitest"
import { ackGaps, checkHistory, gapPercentiles, longestAckGap, longestAckGaps, percentilesOf, Report } from "../src/index.ts"
import { drain, poll, send, sequence } from "./operations.ts"

const acknowledged = (key: string, completeMillis: number, other = {}) =>
  ({ process: "p", f: "send", invokeMillis: completeMillis - 1, completeMillis, records: [{ key, offset: 0, value: `${key} ${completeMillis}` }], ...other }) as const

describe("silences", () => {
  const history = { operations: sequence([
    ...[100, 110, 400, 900].map((millis) => acknowledged("x/0", millis)),
    acknowledged("x/1", 500), acknowledged("x/1", 990, { type: "info" }),
    acknowledged("x/2", 50), acknowledged("x/3", 800, { type: "fail" })
  ]) }

  it("are measured from edge to edge of the window, for partitions that were sent to in it", () => {
    const window = { fromMillis: 105, toMillis: 1_000 }
    assert.deepStrictEqual(longestAckGaps(history, window).map(({ key, fromMillis, millis }) => [key, fromMillis, millis]),
      [["x/3", 105, 895], ["x/0", 400, 500], ["x/1", 500, 500]])
    assert.strictEqual(longestAckGap(history, window).key, "x/3")
    assert.deepStrictEqual(gapPercentiles(history, window), { count: 3, p50: 500, p99: 895, max: 895 })
    assert.deepStrictEqual(ackGaps(history, { ...window, keys: ["x/0"] }).get("x/0")?.map(({ millis }) => millis), [5, 290, 500, 100])
    // A partition that was asked for and not even sent to is silent.
    assert.strictEqual(longestAckGap(history, { ...window, keys: ["y/0"] }).millis, 895)
    assert.throws(() => longestAckGap(history, { fromMillis: 2_000, toMillis: 3_000 }))
  })

  it("last as long as a send that has not ended, whenever it began", () => {
    const open = { type: "info", invokeMillis: 90, completeMillis: 90, completeIndex: Number.MAX_SAFE_INTEGER } as const
    const stuck = { operations: sequence([
      ...[100, 1_000, 2_000].map((millis) => acknowledged("x/0", millis)), acknowledged("x/1", 91, open), acknowledged("x/2", 90, { type: "info" })
    ]) }
    assert.deepStrictEqual(longestAckGaps(stuck, { fromMillis: 100, toMillis: 2_000 }).map(({ key, millis }) => [key, millis]),
      [["x/1", 1_900], ["x/0", 1_000]])
    assert.throws(() => longestAckGap(stuck, { fromMillis: 50, toMillis: 60 }))
  })

  it("do not end with a send that asked for no acknowledgement", () => {
    const sends = { operations: sequence([acknowledged("x/0", 100), acknowledged("x/0", 500, { meta: { acks: 0 } }), acknowledged("x/0", 900)]) }
    assert.strictEqual(longestAckGap(sends, { fromMillis: 100, toMillis: 900 }).millis, 800)
  })

  it("have percentiles that were measured", () => {
    const numbers = Array.from({ length: 100 }, (_, at) => 100 - at)
    assert.deepStrictEqual(percentilesOf(numbers), { count: 100, p50: 50, p99: 99, max: 100 })
    assert.deepStrictEqual(percentilesOf([]), { count: 0, p50: 0, p99: 0, max: 0 })
  })
})

describe("Report", () => {
  const good = checkHistory({ operations: sequence([send("p", [[0, "a"]]), ...drain("d", [[0, "a"]])]) })
  const bad = checkHistory({ operations: sequence([send("p", [[0, "a"]]), send("p", [[1, "b"]]), poll("c", [[0, "a"]]), ...drain("d", [[0, "a"]])]) })

  it("shows scenarios as a table, and says what was found", () => {
    const report = new Report()
    report.add({ scenario: "kill leader", seed: 7, check: good, gaps: percentilesOf([100, 900]), attemptsPerFault: { kill: 100 } })
    assert.isTrue(report.isGood)
    report.add({ scenario: "kill all", check: bad })
    assert.isFalse(report.isGood)
    const text = report.toMarkdown()
    assert.include(text, "| kill leader | 7 | 1 | 1 | 0 | 0 | 0 | 100 | 900 | 900 | 5 | good |")
    assert.include(text, "| kill all |  | 2 | 2 | 1 |")
    assert.include(text, "- kill all: lost-write 1 bad, 0 allowed")
    const json = JSON.parse(JSON.stringify(report)) as { isGood: boolean; scenarios: ReadonlyArray<{ check: { isValid: boolean } }> }
    assert.deepStrictEqual(json.scenarios.map(({ check }) => check.isValid), [true, false])
  })

  it("does not count a run that tried too little while something was broken", () => {
    const report = new Report()
    report.add({ scenario: "quiet", check: good, attemptsPerFault: { kill: 99 } })
    assert.isFalse(report.isGood)
    assert.include(report.toMarkdown(), "99 operations during kill, at least 100 are needed")
  })
})
