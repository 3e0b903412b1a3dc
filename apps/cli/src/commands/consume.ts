import type { Consumer, ConsumerOptions, GroupConsumer, TopicPartition } from "@tailrace/client"
import type { Arguments } from "../Arguments.ts"
import { defineCommand } from "../Command.ts"
import { CommandError } from "../CommandError.ts"
import type { Context } from "../Context.ts"
import type { Settings } from "../internal/commandConfig.ts"
import { clientOptions, connectionFlags, findTopic, readSettings } from "../internal/connecting.ts"
import { EndOffsets } from "../internal/EndOffsets.ts"
import { OutputFormat } from "../internal/OutputFormat.ts"
import { RecordPrinter } from "../internal/RecordPrinter.ts"
import { nameMatcher, parsePair } from "../internal/texts.ts"
import { UsageError } from "../UsageError.ts"

const isolationLevels = ["read_uncommitted", "read_committed"] as const

const flags = {
  "topic": { type: "text", value: "NAME", help: "The topic; also as the bare word." },
  "include": { type: "text", value: "PATTERN", aliases: ["whitelist"], help: "All topics whose names match a regular expression." },
  "from-beginning": { type: "switch", help: "From the first record; otherwise what comes from now on, or after the group's committed offset." },
  "partition": { type: "integer", value: "N", short: "p", help: "Only this partition." },
  "offset": { type: "text", value: "OFFSET", short: "o", help: "earliest, latest or a number; with --partition." },
  "max-messages": { type: "integer", value: "N", short: "n", aliases: ["num-records"], help: "End after so many records." },
  "timeout-ms": { type: "integer", value: "MS", help: "End when no record comes for so long." },
  "until-end": { type: "switch", short: "e", help: "End at what is the end of the topic now." },
  "group": { type: "text", value: "ID", short: "g", help: "Read as a member of a group, and commit what was printed." },
  "isolation-level": { type: "text", value: "LEVEL", oneOf: isolationLevels, help: "read_committed leaves out aborted transactions." },
  "property": {
    type: "text", value: "KEY=VALUE", isList: true, aliases: ["formatter-property"],
    help: "What is printed: print.key=true, print.timestamp, print.partition, print.offset, print.headers, key.separator, …"
  },
  "formatter-config": { type: "text", value: "FILE", help: "A file with such properties." },
  "key-deserializer": { type: "text", value: "CLASS", help: "String, Long, Integer, Short, Double, Float or ByteArray." },
  "value-deserializer": { type: "text", value: "CLASS", help: "The same for values." },
  "skip-message-on-error": { type: "switch" },
  "enable-systest-events": { type: "switch" },
  ...connectionFlags
} as const

type ConsumeArguments = Arguments<keyof typeof flags>

/** How many records one step prints at most. */
const pollRecordsMax = 5_000
const pollMillis = 1_000

export const consume = defineCommand({
  name: "consume",
  summary: "Prints records until it is interrupted, or a flag says when to end.",
  usage: "TOPIC [flags]",
  flags,
  examples: [
    "tailrace consume orders --from-beginning --until-end",
    "tailrace consume orders --from-beginning --max-messages 10 --json",
    "tailrace consume orders --group billing",
    "tailrace consume orders --partition 0 --offset 42 --property print.key=true --property print.offset=true"
  ],
  async run(args, context) {
    const plan = readPlan(args)
    const format = args.has("json") ? undefined : await outputFormat(args)
    const settings = await readSettings(args, context)
    const options = consumerOptions(args, context, settings)
    const groupId = args.text("group") ?? settings?.text("group.id")
    settings?.reportUnused()
    const limits = { recordsMax: plan.recordsMax, idleMillisMax: args.integer("timeout-ms"), signal: context.interrupted() }
    const printer = new RecordPrinter(context, format, limits)
    if (groupId !== undefined && plan.partition === undefined) {
      const { GroupConsumer } = await import("@tailrace/client/group-consumer")
      const consumer = new GroupConsumer({ ...options, groupId, enableAutoCommit: false })
      return whileOpen(consumer, () => consumeInGroup(consumer, plan, printer))
    }
    const { Consumer } = await import("@tailrace/client/consumer")
    const consumer = new Consumer({ ...options, ...groupId === undefined ? {} : { groupId } })
    return whileOpen(consumer, () => consumeAssigned(consumer, plan, printer))
  }
})

interface Plan {
  readonly topic: string | undefined
  readonly pattern: string | undefined
  readonly partition: number | undefined
  readonly offset: "earliest" | "latest" | number | undefined
  readonly recordsMax: number
  readonly isUntilEnd: boolean
}

const readPlan = (args: ConsumeArguments): Plan => {
  const [positional, ...more] = args.positionals
  const topic = args.text("topic") ?? positional
  const pattern = args.text("include")
  if (topic === undefined && pattern === undefined) throw new UsageError("name a topic", "For example: tailrace consume orders --from-beginning")
  if (more.length > 0 || [args.text("topic"), positional, pattern].filter((it) => it !== undefined).length > 1) {
    throw new UsageError("only one topic can be given", "--include reads all topics that match a regular expression.")
  }
  const partition = args.integer("partition")
  const text = args.text("offset")?.toLowerCase()
  if (text !== undefined && partition === undefined) throw new UsageError("--offset needs --partition")
  if (text !== undefined && args.has("from-beginning")) throw new UsageError("--offset and --from-beginning cannot be given together")
  if (partition !== undefined && pattern !== undefined) throw new UsageError("--partition needs one topic")
  if (text !== undefined && text !== "earliest" && text !== "latest" && !/^\d+$/.test(text)) {
    throw new UsageError(`--offset cannot be "${text}"`, "It is earliest, latest or a number.")
  }
  const recordsMax = args.integer("max-messages") ?? -1
  return {
    topic, pattern, partition, recordsMax: recordsMax < 0 ? Infinity : recordsMax, isUntilEnd: args.has("until-end"),
    offset: text === "earliest" || text === "latest" ? text : text !== undefined ? Number(text) : args.has("from-beginning") ? "earliest" : undefined
  }
}

const outputFormat = async (args: ConsumeArguments): Promise<OutputFormat> => {
  const file = args.text("formatter-config")
  const fromFile = file === undefined ? [] : (await import("@tailrace/runtime")).loadConfig({ file }).values
  const classes = (["key-deserializer", "value-deserializer"] as const).flatMap((name) => {
    const given = args.text(name)
    return given === undefined ? [] : [[name.replace("-", "."), given] as const]
  })
  return new OutputFormat([...fromFile, ...classes, ...args.texts("property").map((text) => parsePair("--property", text))])
}

const consumerOptions = (args: ConsumeArguments, context: Context, settings: Settings | undefined): ConsumerOptions => {
  const isolationLevel = isolationLevels.find((it) => it === (args.text("isolation-level") ?? settings?.oneOf("isolation.level", isolationLevels)))
  const reset = settings?.oneOf("auto.offset.reset", ["earliest", "latest", "none"])
  const recordsMax = args.integer("max-messages") ?? -1
  const numbers = {
    fetchMinBytes: settings?.integer("fetch.min.bytes"), fetchMaxBytes: settings?.integer("fetch.max.bytes"),
    maxPartitionFetchBytes: settings?.integer("max.partition.fetch.bytes"), fetchMaxWaitMillis: settings?.integer("fetch.max.wait.ms"),
    maxPollRecords: settings?.integer("max.poll.records") ?? (recordsMax > 0 ? Math.min(recordsMax, pollRecordsMax) : pollRecordsMax)
  }
  return {
    ...clientOptions(args, context, settings),
    ...Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined)),
    ...isolationLevel === undefined ? {} : { isolationLevel },
    autoOffsetReset: args.has("from-beginning") ? "earliest" : reset ?? "latest"
  }
}

/** Runs with a consumer whose cluster can be reached, and ends it whatever happens. */
const whileOpen = async (consumer: Consumer, use: () => Promise<number>): Promise<number> => {
  try {
    await consumer.cluster.anyConnection()
    return await use()
  } finally {
    await consumer.close()
  }
}

const consumeAssigned = async (consumer: Consumer, plan: Plan, printer: RecordPrinter): Promise<number> => {
  const partitions = await partitionsOf(consumer, plan)
  consumer.assign(partitions)
  if (plan.offset === "earliest") consumer.seekToBeginning()
  else if (plan.offset === "latest") consumer.seekToEnd()
  else if (plan.offset !== undefined) for (const partition of partitions) consumer.seek(partition, plan.offset)
  const ends = plan.isUntilEnd ? new EndOffsets(consumer) : undefined
  await ends?.look()
  return printer.run((signal) => consumer.poll(pollMillis, { signal }), { hasMore: () => ends === undefined || !ends.areReached })
}

export type GroupMember = Pick<GroupConsumer,
  "assignment" | "beginningOffsets" | "cluster" | "commit" | "endOffsets" | "poll" | "positions" | "subscribe">

const lateCommitCodes: ReadonlySet<string> = new Set(["ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID", "REBALANCE_IN_PROGRESS"])

/** Commits what was printed, not what was read: whoever takes over after an end must not miss the rest. */
export const consumeInGroup = async (consumer: GroupMember, plan: Plan, printer: RecordPrinter): Promise<number> => {
  const matches = plan.pattern === undefined ? undefined : new RegExp(plan.pattern)
  if (plan.topic !== undefined) await findTopic(consumer.cluster, plan.topic, { allowsCreation: false })
  const commit = async (only?: ReadonlyArray<TopicPartition>): Promise<void> => {
    try {
      await consumer.commit(printer.takePrinted(only))
    } catch (error) {
      // The group has moved on without us; its members read those records again.
      if (!lateCommitCodes.has((error as { readonly codeName?: string }).codeName ?? "")) throw error
    }
  }
  // Between what the group takes and what it gives next, nothing may be assigned, which is no end.
  let isAssigned = false
  consumer.subscribe(matches ?? [plan.topic ?? ""], {
    onPartitionsAssigned: () => {
      isAssigned = true
    },
    onPartitionsRevoked: (revoked) => {
      isAssigned = false
      return commit(revoked)
    },
    onPartitionsLost: (lost) => {
      isAssigned = false
      printer.takePrinted(lost)
    }
  })
  const ends = plan.isUntilEnd ? new EndOffsets(consumer) : undefined
  return printer.run(async (signal) => {
    const records = await consumer.poll(pollMillis, { signal })
    await ends?.look()
    return records
  }, { hasMore: () => ends === undefined || !isAssigned || !ends.areReached, commit })
}

const partitionsOf = async (consumer: Consumer, plan: Plan): Promise<ReadonlyArray<TopicPartition>> => {
  const { cluster } = consumer
  if (plan.topic !== undefined) {
    await findTopic(cluster, plan.topic, { allowsCreation: false })
    const all = await consumer.partitionsFor(plan.topic)
    const wanted = all.filter(({ partition }) => plan.partition === undefined || partition === plan.partition)
    if (wanted.length === 0) throw new CommandError(`topic ${plan.topic} has no partition ${plan.partition}`, { code: "UNKNOWN_TOPIC_OR_PARTITION", advice: `It has ${all.length}, counted from 0.` })
    return wanted
  }
  await cluster.retry(undefined, () => cluster.refresh(null))
  const matches = nameMatcher(plan.pattern ?? "")
  const topics = [...cluster.metadata.topics.values()].filter((topic) => !topic.isInternal && matches(topic.name))
  if (topics.length === 0) throw new CommandError(`no topic matches ${plan.pattern}`, { code: "UNKNOWN_TOPIC_OR_PARTITION", advice: "`tailrace topic list` shows the topics." })
  return topics.flatMap((topic) => topic.partitions.map(({ partition }) => ({ topic: topic.name, partition })))
}
