import { assert, describe, it } from "vitest"
import { type AnomalyName, checkHistory, type CheckOptions, type Operation, type Severity } from "../src/index.ts"
import { drain, key, poll, send, sequence, txn } from "./operations.ts"

type Sketch = Parameters<typeof sequence>[0]

/** What each anomaly looks like, and the most similar history that is allowed. */
interface Row {
  readonly name: AnomalyName
  readonly severity?: Severity
  readonly bad: Sketch
  readonly good: Sketch
  readonly options?: CheckOptions
}

const assign = (process: string, keys: ReadonlyArray<string>, meta: Operation["meta"] = {}) => ({ process, f: "assign", keys, meta }) as const
const mark = (kind: Operation["marks"][number]["kind"], offset: number, leaderEpoch?: number) =>
  ({ kind, key, offset, ...(leaderEpoch === undefined ? {} : { leaderEpoch }) }) as const
const commit = (process: string, offset: number, generation: number, other: Partial<Operation> = {}) =>
  ({ process, f: "commit", marks: [mark("committed", offset)], meta: { group: "g", generation }, ...other }) as const
const committed = (process: string, offset: number) => ({ process, f: "committed", marks: [mark("committed", offset)], meta: { group: "g" } }) as const
const offsets = (process: string, end: number, epoch: number, other: Partial<Operation> = {}) =>
  ({ process, f: "offsets", marks: [mark("end", end, epoch)], ...other }) as const

const three = [send("p", [[0, "a"]]), send("p", [[1, "b"]]), send("p", [[2, "c"]])]

const whole = drain("d", [[0, "a"], [1, "b"], [2, "c"]])
/** A read that was given up. */
const given = [poll("d", [[0, "a"], [1, "b"]], { isDrain: true }), { process: "d", f: "drain", type: "fail", keys: [key] }] as const

const rows: ReadonlyArray<Row> = [
  { name: "lost-write", bad: [...three, poll("c", [[0, "a"]]), poll("d", [[2, "c"]])], good: [...three, poll("c", [[0, "a"], [1, "b"], [2, "c"]])] },
  { name: "lost-write", bad: [...three, ...drain("d", [[0, "a"], [1, "b"]])], good: [...three, ...drain("d", [[0, "a"], [1, "b"], [2, "c"]])] },
  // Each read of a whole partition stands for itself, also where the same process has read it before.
  { name: "lost-write", bad: [...three, ...whole, ...drain("d", [[0, "a"], [1, "b"]])], good: [...three, ...whole, ...whole] },
  { name: "unrepeatable-read", bad: [...three, ...whole, ...drain("d", [[0, "a"], [1, "b"]])], good: [...three, ...whole, ...whole] },
  { name: "nonmonotonic-poll", bad: [...three, poll("d", [[1, "b"]]), poll("d", [[0, "a"]])], good: [...three, ...given, ...whole, ...whole] },
  // Transactions are atomic: where one record is to be seen, all are.
  {
    name: "lost-write", bad: [txn("p", [["send", key, -1, "a"], ["send", key, -1, "b"]], { type: "info" }), ...drain("d", [[0, "a"]], 2, 1)],
    good: [txn("p", [["send", key, -1, "a"], ["send", key, -1, "b"]], { type: "info" }), ...drain("d", [], 3, 3)]
  },
  { name: "unseen", bad: [...three, poll("c", [[0, "a"], [1, "b"]])], good: [...three, poll("c", [[0, "a"], [1, "b"], [2, "c"]])], options: { recoveryMillis: 1 } },
  // Too young to be missed.
  { name: "unseen", severity: "report", bad: [...three, poll("c", [[0, "a"], [1, "b"]])], good: [send("p", [[0, "a"]], { type: "info" }), poll("c", [])] },
  { name: "duplicate", bad: [...three, ...drain("d", [[0, "a"], [1, "b"], [2, "c"], [3, "b"]])], good: [...three, ...drain("d", [[0, "a"], [1, "b"], [2, "c"]])] },
  {
    name: "duplicate", severity: "report", bad: [send("p", [[0, "a"]], { meta: { isIdempotent: false } }), ...drain("d", [[0, "a"], [1, "a"]])],
    good: [send("p", [[0, "a"]], { meta: { isIdempotent: false } }), ...drain("d", [[0, "a"]])]
  },
  { name: "inconsistent-offsets", bad: [...three, poll("c", [[0, "a"], [1, "c"]])], good: [...three, poll("c", [[0, "a"], [1, "b"]])] },
  // What the leader alone had acknowledged may be replaced.
  {
    name: "inconsistent-offsets", bad: [send("p", [[0, "a"]], { meta: { acks: 1 } }), poll("c", [[0, "a"]]), send("q", [[0, "b"]])],
    good: [send("p", [[0, "a"]], { meta: { acks: 1 } }), send("q", [[0, "b"]]), poll("c", [[0, "b"]])]
  },
  {
    name: "G1a", bad: [send("p", [[-1, "a"]], { type: "fail", error: "NOT_ENOUGH_REPLICAS" }), poll("c", [[0, "a"]])],
    good: [send("p", [[-1, "a"]], { type: "info", error: "REQUEST_TIMED_OUT" }), poll("c", [[0, "a"]])]
  },
  {
    name: "precommitted-read", bad: [txn("p", [["send", key, 0, "a"], ["poll", key, 0, "a"]])],
    good: [txn("p", [["send", key, 0, "a"]]), txn("p", [["poll", key, 0, "a"]])]
  },
  {
    name: "poll-skip", bad: [...three, assign("c", [key]), poll("c", [[0, "a"]]), poll("c", [[2, "c"]])],
    good: [...three, assign("c", [key]), poll("c", [[0, "a"]]), assign("c", [key], { mode: "subscribe" }), poll("c", [[2, "c"]])]
  },
  // Offsets of control records are nothing to skip.
  {
    name: "poll-skip", bad: [send("p", [[0, "a"]]), send("p", [[1, "b"]]), send("p", [[2, "c"]]), poll("c", [[0, "a"]]), poll("c", [[2, "c"]])],
    good: [send("p", [[0, "a"]]), send("p", [[2, "c"]]), poll("c", [[0, "a"]]), poll("c", [[2, "c"]])]
  },
  {
    name: "nonmonotonic-poll", bad: [...three, poll("c", [[0, "a"], [1, "b"]]), poll("c", [[1, "b"], [2, "c"]])],
    good: [...three, poll("c", [[0, "a"], [1, "b"]]), { process: "c", f: "seek", marks: [mark("position", 1)] }, poll("c", [[1, "b"], [2, "c"]])]
  },
  { name: "int-poll-skip", bad: [...three, poll("c", [[0, "a"], [2, "c"]])], good: [...three, poll("c", [[0, "a"], [1, "b"], [2, "c"]])] },
  { name: "int-nonmonotonic-poll", bad: [...three, poll("c", [[0, "a"], [2, "c"], [1, "b"]])], good: [...three, poll("c", [[0, "a"], [1, "b"], [2, "c"]])] },
  { name: "nonmonotonic-send", bad: [send("p", [[1, "a"]]), send("p", [[0, "b"]])], good: [send("p", [[1, "a"]]), send("q", [[0, "b"]])] },
  {
    // Two calls under way together keep their order with idempotence only.
    name: "nonmonotonic-send", severity: "report",
    bad: [
      send("p", [[1, "a"]], { completeIndex: 9, meta: { isIdempotent: false } }), send("p", [[0, "b"]], { completeIndex: 10, meta: { isIdempotent: false } })
    ],
    good: [send("p", [[0, "a"]], { completeIndex: 9 }), send("p", [[1, "b"]], { completeIndex: 10 })]
  },
  { name: "int-nonmonotonic-send", bad: [txn("p", [["send", key, 1, "a"], ["send", key, 0, "b"]])], good: [txn("p", [["send", key, 0, "a"], ["send", key, 1, "b"]])] },
  {
    name: "int-send-skip", severity: "report", bad: [txn("p", [["send", key, 0, "a"], ["send", key, 2, "c"]]), send("q", [[1, "b"]])],
    good: [txn("p", [["send", key, 0, "a"], ["send", key, 1, "c"]]), send("q", [[2, "b"]])]
  },
  {
    name: "G0", severity: "report",
    bad: [txn("p", [["send", "x/0", 0, "a"], ["send", "y/0", 1, "b"]]), txn("q", [["send", "x/0", 1, "c"], ["send", "y/0", 0, "d"]])],
    good: [txn("p", [["send", "x/0", 0, "a"], ["send", "y/0", 0, "b"]]), txn("q", [["send", "x/0", 1, "c"], ["send", "y/0", 1, "d"]])]
  },
  {
    name: "G1c",
    bad: [txn("p", [["send", "x/0", 0, "a"], ["poll", "y/0", 0, "b"]]), txn("q", [["poll", "x/0", 0, "a"], ["send", "y/0", 0, "b"]])],
    good: [txn("p", [["send", "x/0", 0, "a"]]), txn("q", [["poll", "x/0", 0, "a"], ["send", "y/0", 0, "b"]])]
  },
  {
    name: "G1c", severity: "report",
    bad: [txn("p", [["send", "x/0", 0, "a"], ["poll", "y/0", 0, "b"]]), txn("q", [["send", "x/0", 1, "c"], ["send", "y/0", 0, "b"]])],
    good: [txn("p", [["send", "x/0", 1, "a"], ["poll", "y/0", 0, "b"]]), txn("q", [["send", "x/0", 0, "c"], ["send", "y/0", 0, "b"]])]
  },
  {
    name: "G0-process", severity: "report", bad: [send("p", [[1, "a"]]), send("p", [[0, "b"]])],
    good: [send("p", [[0, "a"]]), send("p", [[1, "b"]])]
  },
  {
    name: "G1c-process", severity: "report", bad: [poll("p", [[0, "a"]]), send("p", [[0, "a"]])],
    good: [send("p", [[0, "a"]]), poll("p", [[0, "a"]])]
  },
  { name: "G0-realtime", severity: "report", bad: [send("p", [[1, "a"]]), send("q", [[0, "b"]])], good: [send("p", [[0, "a"]]), send("q", [[1, "b"]])] },
  { name: "G1c-realtime", severity: "report", bad: [poll("c", [[0, "a"]]), send("q", [[0, "a"]])], good: [send("q", [[0, "a"]]), poll("c", [[0, "a"]])] },
  {
    name: "realtime-lag", severity: "report", options: { lagMillisMax: 20 },
    bad: [...three, poll("c", [[0, "a"]]), poll("c", []), poll("c", [])], good: [...three, poll("c", [[0, "a"]])]
  },
  {
    name: "consume-counts", severity: "report",
    bad: [...three, poll("c", [[0, "a"]], { group: "g" }), poll("d", [[0, "a"]], { group: "g" })],
    good: [...three, poll("c", [[0, "a"]], { group: "g" }), poll("d", [[0, "a"]], { group: "h" })]
  },
  { name: "unsent-read", bad: [...three, poll("c", [[0, "a"], [1, "b"], [2, "c"], [3, "z"]])], good: [...three, poll("c", [[0, "a"]])] },
  { name: "repeated-value", bad: [send("p", [[0, "a"]]), send("q", [[1, "a"]])], good: [send("p", [[0, "a"]]), send("q", [[1, "b"]])] },
  { name: "offset-hole", bad: [...three, ...drain("d", [[0, "a"], [1, "b"], [2, "c"]], 4)], good: [...three, ...drain("d", [[0, "a"], [1, "b"], [2, "c"]], 4, 1)] },
  {
    name: "unrepeatable-read", bad: [send("p", [[0, "a"]], { type: "info" }), poll("c", [[0, "a"]]), ...drain("d", [])],
    good: [send("p", [[0, "a"]], { type: "info" }), poll("c", [[0, "a"]]), ...drain("d", [[0, "a"]])]
  },
  { name: "high-watermark-regression", bad: [offsets("c", 5, 1), offsets("d", 4, 1)], good: [offsets("c", 5, 2), offsets("d", 4, 1)] },
  { name: "high-watermark-regression", bad: [offsets("c", 5, 1), offsets("d", 4, 2)], good: [offsets("c", 5, 1, { completeIndex: 3 }), offsets("d", 4, 1, { completeIndex: 4 })] },
  {
    name: "read-above-high-watermark", bad: [send("p", [[0, "a"]]), poll("c", [[0, "a"]], {}, { marks: [mark("highWatermark", 0)] })],
    good: [send("p", [[0, "a"]]), poll("c", [[0, "a"]], {}, { marks: [mark("highWatermark", 1)] })]
  },
  {
    name: "stale-commit", bad: [commit("c", 0, 1), assign("d", [key], { group: "g", generation: 2 }), commit("c", 0, 1)],
    good: [commit("c", 0, 1), assign("d", [key], { group: "g", generation: 2 }), commit("c", 0, 1, { type: "fail", error: "ILLEGAL_GENERATION" })]
  },
  { name: "stale-committed-offset", bad: [commit("c", 1, 1), commit("c", 2, 1), committed("d", 1)], good: [commit("c", 2, 1), commit("c", 1, 1), committed("d", 1)] },
  { name: "stale-committed-offset", bad: [commit("c", 1, 1), committed("d", -1)], good: [commit("c", 1, 1, { type: "info" }), committed("d", -1)] },
  {
    name: "stale-committed-offset", bad: [commit("c", 1, 1, { type: "fail" }), committed("d", 1)],
    good: [commit("c", 2, 1), commit("c", 1, 1, { type: "info" }), commit("c", 2, 1), committed("d", 1)]
  },
  {
    name: "double-ownership", bad: [assign("c", [key], { group: "g", generation: 3 }), assign("d", [key], { group: "g", generation: 3 })],
    good: [assign("c", [key], { group: "g", generation: 3 }), assign("d", [key], { group: "g", generation: 4 })]
  },
  {
    name: "undelivered", bad: [...three, poll("c", [[0, "a"]], { group: "g" }), poll("d", [[2, "c"]], { group: "g" }), commit("d", 3, 1)],
    good: [...three, poll("c", [[0, "a"], [1, "b"]], { group: "g" }), poll("d", [[2, "c"]], { group: "g" }), commit("d", 3, 1)]
  }
]

describe("each anomaly", () => {
  it.each(rows)("$name ($severity)", ({ name, severity = "bad", bad, good, options = {} }) => {
    const found = checkHistory({ operations: sequence(bad) }, options)
    assert.isAbove(found.counts[name]?.[severity] ?? 0, 0, JSON.stringify(found.counts))
    assert.strictEqual(found.isValid, found.findings.every((finding) => finding.severity !== "bad"))
    assert.isUndefined(checkHistory({ operations: sequence(good) }, options).counts[name])
  })
})
