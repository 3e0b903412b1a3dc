import type { Admin, PartitionResult, TopicPartition } from "@tailrace/client"
import type { Context } from "../Context.ts"
import { CommandError } from "../CommandError.ts"
import { ExitCode } from "../ExitCode.ts"
import { printJson } from "../internal/connecting.ts"
import { readPartitionsFile } from "../internal/reassignmentPlan.ts"
import { UsageError } from "../UsageError.ts"
import type { ClusterArguments } from "./clusterFlags.ts"

/** `cluster elect`, which answers in the words of kafka-leader-election. */
export const elect = async (admin: Admin, args: ClusterArguments, context: Context): Promise<number> => {
  const type = args.text("election-type")?.toLowerCase() === "unclean" ? "unclean" : "preferred"
  const partitions = await selected(admin, args)
  const results = await admin.electLeaders(type, partitions)
  const names = (list: ReadonlyArray<PartitionResult>): string => list.map(({ partition, topic }) => `${topic}-${partition}`).join(", ")
  const elected = results.filter(({ error }) => error === undefined)
  const valid = results.filter(({ error }) => error?.codeName === "ELECTION_NOT_NEEDED")
  const failed = results.filter((result) => result.error !== undefined && !valid.includes(result))
  if (args.has("json")) {
    const asJson = ({ partition, topic }: PartitionResult): TopicPartition => ({ topic, partition })
    printJson(context, {
      type, elected: elected.map(asJson), notNeeded: valid.map(asJson), failed: failed.map((it) => ({ ...asJson(it), error: it.error?.message }))
    })
  } else {
    if (elected.length > 0) context.stdout.write(`Successfully completed leader election (${type.toUpperCase()}) for partitions ${names(elected)}\n`)
    if (valid.length > 0) context.stdout.write(`Valid replica already elected for partitions ${names(valid)}\n`)
    if (results.length === 0) context.stdout.write("Valid replica already elected for all partitions\n")
  }
  if (failed.length === 0) return ExitCode.ok
  throw new CommandError(failed.length === 1 ? failed[0]?.error?.message ?? "" : `${failed.length} elections failed:\n${
    failed.map(({ error }) => `  ${error?.message}`).join("\n")}`, {
    advice: "`tailrace cluster partitions --offline --not-preferred` shows replicas and in-sync sets."
  })
}

/** The partitions that were named; null for all of them. */
const selected = async (admin: Admin, args: ClusterArguments): Promise<ReadonlyArray<TopicPartition> | null> => {
  const file = args.text("path-to-json-file")
  const topics = [...args.positionals, ...args.texts("topic")].flatMap((names) => names.split(","))
  const numbers = args.texts("partition").flatMap((text) => text.split(",")).map((text) => {
    if (!/^\d+$/.test(text)) throw new UsageError(`--partition: "${text}" is not the number of a partition`)
    return Number(text)
  })
  const ways = [args.has("all-topic-partitions"), file !== undefined, topics.length > 0].filter(Boolean).length
  if (ways !== 1) throw new UsageError("say which partitions: TOPIC, --path-to-json-file or --all-topic-partitions", "For example: tailrace cluster elect orders --partition 0")
  if (numbers.length > 0 && topics.length !== 1) throw new UsageError("--partition goes with one topic")
  if (args.has("all-topic-partitions")) return null
  if (file !== undefined) return readPartitionsFile(file)
  if (numbers.length > 0) return numbers.map((partition) => ({ topic: topics[0] as string, partition }))
  return (await admin.describeTopics(topics)).flatMap(({ error, name, partitions }) => {
    if (error !== undefined) throw error
    return partitions.map(({ partition }) => ({ topic: name, partition }))
  })
}
