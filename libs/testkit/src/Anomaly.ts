/** What each anomaly says. The first block are those of Jepsen's Kafka workload, by their definitions. */
export const anomalies = {
  "lost-write": "an acknowledged record is missing where a reader has passed it, or in a later read of the whole partition",
  "unseen": "an acknowledged record was never read by the end",
  "duplicate": "one record has several offsets",
  "inconsistent-offsets": "one offset has several records",
  "G1a": "a record was read whose send certainly failed",
  "precommitted-read": "a transaction read what it wrote itself",
  "poll-skip": "a reader jumped over records from one poll to the next",
  "nonmonotonic-poll": "a reader went back or got a record again from one poll to the next",
  "int-poll-skip": "a reader jumped over records inside one poll",
  "int-nonmonotonic-poll": "a reader went back or got a record again inside one poll",
  "nonmonotonic-send": "a producer's later record has a lower offset than its earlier one",
  "int-nonmonotonic-send": "records of one call or transaction are not in its order",
  "int-send-skip": "records of one transaction are not beside each other",
  "G0": "transactions wrote over each other in a circle",
  "G1c": "information went round in a circle",
  "G0-process": "a circle of writes by the order of one process",
  "G1c-process": "a circle of information by the order of one process",
  "G0-realtime": "a circle of writes by the order of real time",
  "G1c-realtime": "a circle of information by the order of real time",
  "realtime-lag": "a poll began long after a record that it missed was acknowledged",
  "consume-counts": "a group got a record more than once",

  "unsent-read": "a record was read that nobody sent",
  "repeated-value": "the history has two sends of one value, so nothing can be said of it",
  "offset-hole": "offsets of a partition hold neither data nor control records",
  "unrepeatable-read": "a record that was read is gone in a later read of the whole partition",
  "high-watermark-regression": "the end of a partition went back",
  "read-above-high-watermark": "an answer held records at or above the high watermark that it named",
  "stale-commit": "a commit of an old generation was accepted",
  "stale-committed-offset": "a group was told an offset that is not its last commit",
  "double-ownership": "two members of one generation had the same partition",
  "undelivered": "a group committed beyond a record that none of its members got"
} as const

export type AnomalyName = keyof typeof anomalies

/** `bad` breaks a promise; `report` is worth knowing, but allowed. */
export type Severity = "bad" | "report"
