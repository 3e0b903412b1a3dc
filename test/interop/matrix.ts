import type { Expressible } from "./src/Seeded.ts"

/** The checked-in plan of the tier: which client proves what, and for every empty cell the reason why it is empty. */
export type ClientName = "kcat" | "kafkajs" | "confluent-kafka" | "kafka-python" | "franz-go" | "java-4.3.1" | "java-3.9.1"

export const codecs = ["none", "gzip", "snappy", "lz4", "zstd"] as const
export type Codec = (typeof codecs)[number]

export const acksLevels = ["0", "1", "all"] as const
export type Acks = (typeof acksLevels)[number]

export interface ClientRow {
  readonly name: ClientName
  /** How to get it, in words for a person who has not run `.ci/install-interop.sh`. */
  readonly from: string
  readonly expressible: Expressible
  readonly expressibleReason?: string
  /** Column (or, for a codec, all columns with it) to the reason why this client has no such cell. */
  readonly empty: Readonly<Record<string, string>>
  /** Why the flow of records has to pause for a moment before a member leaves or is killed. */
  readonly quietExit?: string
}

const everything: Expressible = { binary: true, nullHeaderValue: true, timestamp: true }

export const clients: ReadonlyArray<ClientRow> = [
  {
    name: "kcat",
    from: "Debian package kcat (librdkafka)",
    expressible: { binary: false, nullHeaderValue: true, timestamp: false },
    expressibleReason: "its command line takes text, one set of headers per invocation and no timestamp",
    quietExit: "kcat stores an offset when it polls and prints the record afterwards, and on a signal it drops the polled one: its own loss",
    empty: { live: "kcat ends when all its brokers are down" }
  },
  {
    name: "kafkajs",
    from: "npm package kafkajs, in the workspace's devDependencies",
    expressible: { ...everything, nullHeaderValue: false },
    expressibleReason: "its encoder takes no null header value",
    empty: {
      snappy: "kafkajs has only gzip built in",
      lz4: "kafkajs has only gzip built in",
      zstd: "kafkajs has only gzip built in"
    }
  },
  { name: "confluent-kafka", from: "PyPI package confluent-kafka (librdkafka)", expressible: everything, empty: {} },
  {
    name: "kafka-python",
    from: "PyPI package kafka-python with crc32c, lz4, snappy, zstd",
    expressible: { ...everything, nullHeaderValue: false },
    expressibleReason: "its producer measures len(header value), so a null header value cannot be sent",
    empty: {}
  },
  { name: "franz-go", from: "Go module github.com/twmb/franz-go, built from drivers/go", expressible: everything, empty: {} },
  { name: "java-4.3.1", from: "Maven org.apache.kafka:kafka-clients:4.3.1, drivers/java compiled with javac", expressible: everything, empty: {} },
  { name: "java-3.9.1", from: "Maven org.apache.kafka:kafka-clients:3.9.1, drivers/java compiled with javac", expressible: everything, empty: {} }
]

/** Beside codec/acks, e.g. "gzip/all", a client has these columns. `bulk/<codec>` is many records with acks=all, `read/<codec>` what all others wrote with it. */
export const columnsOf = (row: ClientRow): string[] => [
  ...codecs.flatMap((codec) => acksLevels.map((acks) => `${codec}/${acks}`)),
  ...codecs.map((codec) => `bulk/${codec}`),
  ...codecs.map((codec) => `read/${codec}`),
  "group",
  "resume",
  "live"
].filter((column) => emptyReason(row, column) === undefined)

export function emptyReason(row: ClientRow, column: string): string | undefined {
  const codec = column.replace(/^(bulk|read)\//, "").replace(/\/.*$/, "")
  return row.empty[column] ?? row.empty[codec]
}

/** The command-line tools of Kafka 4.3.1, in the order in which they run; the writing ones come before the reading ones. */
export const toolCells = [
  "topics --create", "topics --list", "topics --describe", "topics --alter",
  "configs --alter", "configs --describe topic", "configs --describe broker",
  "console-producer none", "console-producer gzip", "console-producer snappy", "console-producer lz4", "console-producer zstd",
  "console-consumer --from-beginning", "console-consumer --group", "console-consumer --offset",
  "get-offsets latest", "get-offsets earliest", "get-offsets timestamp", "get-offsets max-timestamp",
  "consumer-groups --list", "consumer-groups --describe", "consumer-groups --describe --members", "consumer-groups --describe --state",
  "consumer-groups --reset-offsets --dry-run", "consumer-groups --reset-offsets --execute",
  "consumer-groups --delete-offsets", "consumer-groups --delete", "topics --delete"
] as const
export type ToolCell = (typeof toolCells)[number]

/** Sizes: the bulk cells are the strong ones, the others look at every combination with few records. */
export const sizes = {
  bulkRecords: 100_000,
  smallRecords: 900,
  partitions: 3,
  groupPartitions: 6,
  resumeRecords: 3_000
} as const
