import { zeroUuid } from "@tailrace/kafka-protocol"
import { Chosen } from "./Chosen.ts"
import type { Step } from "./Peer.ts"
import { readBatches } from "./readBatches.ts"

interface Rule {
  readonly what: string
  readonly reason: string
  /** The field names it is about. */
  readonly fields: ReadonlySet<string>
  readonly apply: (value: unknown) => unknown
}

const chosen = (kind: string, isChosen: (value: unknown) => boolean) => (value: unknown): unknown => isChosen(value) ? new Chosen(kind, value) : value
const isUuid = (value: unknown): boolean => typeof value === "string" && value !== zeroUuid
const isPositive = (value: unknown): boolean => typeof value === "number" && value > 0

/** Everything that is made alike before it is compared, with the reason why it must differ. */
const rules: ReadonlyArray<Rule> = [
  { what: "error messages", reason: "their words are ours; only whether there is one is compared", fields: new Set(["errorMessage", "batchIndexErrorMessage"]),
    apply: (value) => typeof value === "string" ? "a message" : value },
  { what: "documentation of configurations", reason: "the sentences are ours", fields: new Set(["documentation"]),
    apply: (value) => typeof value === "string" ? "a sentence" : value },
  { what: "topic ids", reason: "random", fields: new Set(["topicId"]), apply: chosen("topic id", isUuid) },
  { what: "directory ids", reason: "random", fields: new Set(["replicaDirectoryId"]), apply: chosen("directory id", isUuid) },
  { what: "directory names", reason: "each server has its own", fields: new Set(["logDir"]), apply: chosen("directory", isUuid) },
  { what: "cluster ids", reason: "random", fields: new Set(["clusterId"]), apply: chosen("cluster", isUuid) },
  { what: "ports", reason: "free ones", fields: new Set(["port"]), apply: chosen("port", isPositive) },
  { what: "member ids", reason: "random", fields: new Set(["memberId", "leader"]),
    apply: chosen("member", (value) => typeof value === "string" && /-([0-9a-f-]{36}|[\w-]{22})$/.test(value)) },
  { what: "producer ids", reason: "each server counts for itself", fields: new Set(["producerId"]),
    apply: chosen("producer", (value) => typeof value === "number" && value >= 0 && value < 900_000) },
  { what: "fetch sessions", reason: "random", fields: new Set(["sessionId"]), apply: chosen("session", isPositive) },
  { what: "sizes of disk", reason: "bytes of the directory and of its disk", fields: new Set(["totalBytes", "usableBytes"]),
    apply: (value) => typeof value === "number" && value > 0 ? "some" : value },
  { what: "times of the clock", reason: "the servers are asked one after the other", fields: new Set(["logAppendTimeMs", "lastFetchTimestamp", "lastCaughtUpTimestamp", "baseTimestamp", "maxTimestamp", "timestamp"]),
    apply: (value) => typeof value === "number" && Math.abs(value - Date.now()) < 3_600_000 ? "now" : value }
]

interface Order {
  readonly reason: string
  readonly field: string
  readonly by: (element: Record<string, unknown>) => string
}

const byField = (...names: ReadonlyArray<string>) => (element: Record<string, unknown>): string => names.map((name) => String(element[name]).padStart(12)).join(" ")

/** Arrays whose order says nothing in Kafka, by API and path. */
const orders: Readonly<Record<string, ReadonlyArray<Order>>> = {
  ApiVersions: [{ reason: "a hash's order for features", field: "finalizedFeatures", by: byField("name") }, { reason: "a hash's order", field: "supportedFeatures", by: byField("name") }],
  Metadata: [{ reason: "a set's order", field: "topics", by: byField("name", "errorCode") }, { reason: "a hash's order", field: "partitions", by: byField("partitionIndex") }],
  DescribeConfigs: [{ reason: "a hash's order", field: "configs", by: byField("name") }],
  CreateTopics: [{ reason: "a hash's order", field: "configs", by: byField("name") }, { reason: "those in error come first, the rest by a hash", field: "topics", by: byField("name", "errorCode") }],
  DeleteTopics: [{ reason: "a hash's order", field: "responses", by: byField("name", "errorCode") }],
  CreatePartitions: [{ reason: "a hash's order", field: "results", by: byField("name", "errorCode") }],
  ListGroups: [{ reason: "a hash's order", field: "groups", by: byField("groupId") }],
  DescribeLogDirs: [{ reason: "a hash's order", field: "topics", by: byField("name") }, { reason: "a hash's order", field: "partitions", by: byField("partitionIndex") }],
  DeleteGroups: [{ reason: "grouped by the partitions of the groups", field: "results", by: byField("groupId") }],
  DescribeGroups: [{ reason: "grouped by the partitions of the groups", field: "groups", by: byField("groupId") }, { reason: "a hash's order of members", field: "members", by: byField("groupInstanceId", "memberAssignment", "memberMetadata") }],
  JoinGroup: [{ reason: "a hash's order of members", field: "members", by: byField("metadata") }],
  OffsetFetch: [{ reason: "a hash's order when all are asked for", field: "topics", by: byField("name") }, { reason: "the same", field: "partitions", by: byField("partitionIndex") }],
  ListOffsets: [{ reason: "grouped by a hash", field: "topics", by: byField("name") }, { reason: "grouped by a hash", field: "partitions", by: byField("partitionIndex", "errorCode") }],
  DeleteRecords: [{ reason: "grouped by a hash", field: "topics", by: byField("name") }, { reason: "grouped by a hash", field: "partitions", by: byField("partitionIndex") }],
  OffsetForLeaderEpoch: [{ reason: "grouped by a hash", field: "topics", by: byField("topic") }],
  Produce: [{ reason: "grouped by a hash", field: "responses", by: byField("name") }, { reason: "grouped by a hash", field: "partitionResponses", by: byField("index", "errorCode") }]
}

/** Arrays of topics that a server may answer in several pieces: a topic that is named twice, or whose partitions do not stand together, is the same in one piece. */
const pieces: Readonly<Record<string, { readonly topics: string; readonly partitions: string }>> = {
  Fetch: { topics: "responses", partitions: "partitions" },
  ListOffsets: { topics: "topics", partitions: "partitions" },
  Produce: { topics: "responses", partitions: "partitionResponses" }
}

type Tree = Record<string, unknown>

function inOnePiece(tree: Tree, api: string): Tree {
  const { topics: topicsField, partitions: partitionsField } = pieces[api] ?? {}
  const topics = tree[topicsField ?? ""]
  if (topicsField === undefined || partitionsField === undefined || !Array.isArray(topics)) return tree
  const merged = new Map<string, Tree>()
  for (const topic of topics as ReadonlyArray<Tree>) {
    const key = [topic["name"], topic["topic"], topic["topicId"]].join(" ")
    const known = merged.get(key)
    merged.set(key, known === undefined ? topic : { ...known, [partitionsField]: [...known[partitionsField] as unknown[], ...topic[partitionsField] as unknown[]] })
  }
  return { ...tree, [topicsField]: [...merged.values()] }
}

/** The steps of a script on one server, with everything made alike that must differ. */
export function normalise(steps: ReadonlyArray<Step>): unknown[] {
  return steps.map((step) => normaliseValue(typeof step.answer === "string" ? step.answer : inOnePiece(step.answer as Tree, step.api ?? ""), "", step.api ?? ""))
}

function normaliseValue(value: unknown, field: string, api: string): unknown {
  if (Buffer.isBuffer(value)) return field === "records" ? normaliseValue(readBatches(value), field, api) : value.toString("hex")
  if (Array.isArray(value)) {
    const order = orders[api]?.find((each) => each.field === field)
    const elements: unknown[] = order === undefined ? value : value.toSorted((one: Record<string, unknown>, other: Record<string, unknown>) => {
      const [left, right] = [order.by(one), order.by(other)]
      return left < right ? -1 : left > right ? 1 : 0
    })
    return elements.map((element) => normaliseValue(element, field, api))
  }
  const rule = rules.find(({ fields }) => fields.has(field))
  const changed = rule === undefined ? value : rule.apply(value)
  if (typeof changed !== "object" || changed === null || changed instanceof Chosen) return changed
  return Object.fromEntries(Object.entries(changed).map(([key, inner]) => [key, normaliseValue(inner, key, api)]))
}
