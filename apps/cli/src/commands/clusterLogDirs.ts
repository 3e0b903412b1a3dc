import type { Admin, LogDirDescription } from "@tailrace/client"
import type { Context } from "../Context.ts"
import { ExitCode } from "../ExitCode.ts"
import { printJson } from "../internal/connecting.ts"
import { noValue, table } from "../internal/table.ts"
import { UsageError } from "../UsageError.ts"
import type { ClusterArguments } from "./clusterFlags.ts"

/** `cluster log-dirs`: what the data directories of nodes hold; with --json the document of kafka-log-dirs. */
export const logDirs = async (admin: Admin, args: ClusterArguments, context: Context): Promise<number> => {
  const brokerIds = (args.text("nodes") ?? args.positionals.join(",")).split(",").filter((text) => text !== "").map((text) => {
    if (!/^\d+$/.test(text)) throw new UsageError(`"${text}" is not the id of a node`)
    return Number(text)
  })
  const topics = new Set(args.texts("topic").flatMap((names) => names.split(",")))
  const found = (await admin.describeLogDirs(brokerIds.length === 0 ? {} : { brokerIds })).map((it) => ({
    ...it, replicas: it.replicas.filter(({ topic }) => topics.size === 0 || topics.has(topic))
  }))
  if (args.has("json")) printJson(context, asKafka(found))
  else if (args.has("as-kafka")) context.stdout.write(toolLines(found))
  else {
    context.stdout.write(table([["NODE", 6], ["REPLICAS", 8], ["BYTES", 14], ["USABLE", 14], ["TOTAL", 14], ["DIRECTORY", 0]], found.map((it) => [
      it.brokerId, it.replicas.length, it.replicas.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      it.usableBytes < 0 ? noValue : it.usableBytes, it.totalBytes < 0 ? noValue : it.totalBytes,
      `${it.path}${it.error === undefined ? "" : ` (${it.error.codeName})`}`
    ])))
  }
  return ExitCode.ok
}

/**
 * What kafka-log-dirs prints, to the letter: scripts take the third line, which has the document in one line, in the order of Java's
 * maps, with errors by the names of Java's classes.
 */
const toolLines = (found: ReadonlyArray<LogDirDescription>): string => {
  const byBroker = Map.groupBy(found, ({ brokerId }) => brokerId)
  const brokers = [...byBroker].map(([broker, dirs]) => ({
    broker, logDirs: dirs.map(({ error, path, replicas }) => ({
      partitions: replicas.map(partitionOf),
      error: error === undefined ? null : javaClassOf(error.codeName), logDir: path
    }))
  }))
  return `Querying brokers for log directories information
Received log directory information from brokers ${[...byBroker.keys()].join(",")}
${JSON.stringify({ brokers, version: 1 })}
`
}

const partitionOf = ({ isFuture, offsetLag, partition, sizeBytes, topic }: LogDirDescription["replicas"][number]) =>
  ({ partition: `${topic}-${partition}`, size: sizeBytes, offsetLag, isFuture })

/** KAFKA_STORAGE_ERROR is a KafkaStorageException. */
const javaClassOf = (codeName: string): string => {
  const words = codeName.replace(/_(?:ERROR|FAILED|EXCEPTION)$/, "").toLowerCase().split("_")
  return `org.apache.kafka.common.errors.${words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join("")}Exception`
}

const asKafka = (found: ReadonlyArray<LogDirDescription>): unknown => ({
  version: 1,
  brokers: [...Map.groupBy(found, ({ brokerId }) => brokerId)].map(([broker, dirs]) => ({
    broker, logDirs: dirs.map(({ error, path, replicas }) => ({
      logDir: path, error: error?.codeName ?? null,
      partitions: replicas.map(partitionOf)
    }))
  }))
})
