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
  else {
    context.stdout.write(table([["NODE", 6], ["REPLICAS", 8], ["BYTES", 14], ["USABLE", 14], ["TOTAL", 14], ["DIRECTORY", 0]], found.map((it) => [
      it.brokerId, it.replicas.length, it.replicas.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      it.usableBytes < 0 ? noValue : it.usableBytes, it.totalBytes < 0 ? noValue : it.totalBytes,
      `${it.path}${it.error === undefined ? "" : ` (${it.error.codeName})`}`
    ])))
  }
  return ExitCode.ok
}

const asKafka = (found: ReadonlyArray<LogDirDescription>): unknown => ({
  version: 1,
  brokers: [...Map.groupBy(found, ({ brokerId }) => brokerId)].map(([broker, dirs]) => ({
    broker, logDirs: dirs.map(({ error, path, replicas }) => ({
      logDir: path, error: error?.codeName ?? null,
      partitions: replicas.map(({ isFuture, offsetLag, partition, sizeBytes, topic }) => ({ partition: `${topic}-${partition}`, size: sizeBytes, offsetLag, isFuture }))
    }))
  }))
})
