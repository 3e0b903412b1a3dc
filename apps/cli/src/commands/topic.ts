import type { Admin, NewTopic } from "@tailrace/client"
import { defineCommand } from "../Command.ts"
import type { Context } from "../Context.ts"
import { ExitCode } from "../ExitCode.ts"
import { UsageError } from "../UsageError.ts"
import { printJson, reportFailures, withAdmin } from "../internal/connecting.ts"
import { parsePair, selectNames } from "../internal/texts.ts"
import { existingTopics, givenTopics } from "./existingTopics.ts"
import { topicFlags, type TopicArguments } from "./topicFlags.ts"

export const topic = defineCommand({
  name: "topic",
  summary: "Creates, lists, describes, alters and deletes topics.",
  actions: {
    create: { summary: "Creates topics.", usage: "NAME… [flags]" },
    list: { summary: "Names of topics.", usage: "[NAME…] [flags]" },
    describe: { summary: "Partitions, leaders, replicas and settings.", usage: "[NAME…] [flags]" },
    alter: { summary: "Adds partitions.", usage: "NAME --partitions N" },
    delete: { summary: "Deletes topics with all their records.", usage: "NAME…" }
  },
  flags: topicFlags,
  examples: [
    "tailrace topic create orders --partitions 3",
    "tailrace topic create orders -c retention.ms=86400000 -c max.message.bytes=2097152 --if-not-exists",
    "tailrace topic list --json",
    "tailrace topic describe orders",
    "tailrace topic alter orders --partitions 6",
    "tailrace topic delete 'test-.*'",
    "tailrace topic --create --topic orders --partitions 3 --replication-factor 1"
  ],
  run: (args, context) => withAdmin(args, context, async (admin) => {
    switch (args.action) {
      case "create": return create(admin, args, context)
      case "list": return list(admin, args, context)
      case "alter": return alter(admin, args, context)
      case "delete": return remove(admin, args, context)
      default: return (await import("./topicDescribe.ts")).describe(admin, args, context)
    }
  })
})

const givenSome = (args: TopicArguments): ReadonlyArray<string> => {
  const names = givenTopics(args)
  if (names.length === 0) throw new UsageError("name a topic", `For example: tailrace topic ${args.action} orders`)
  return names
}

const create = async (admin: Admin, args: TopicArguments, context: Context): Promise<number> => {
  const assignment = args.text("replica-assignment")
  if (assignment !== undefined && (args.has("partitions") || args.has("replication-factor"))) {
    throw new UsageError("--replica-assignment goes without --partitions and --replication-factor")
  }
  const partitions = args.integer("partitions")
  const replicationFactor = args.integer("replication-factor")
  if (partitions !== undefined && partitions < 1) throw new UsageError("--partitions needs a number above 0")
  const settings = {
    ...partitions === undefined ? {} : { numPartitions: partitions },
    ...replicationFactor === undefined ? {} : { replicationFactor },
    ...assignment === undefined ? {} : { replicasAssignments: parseAssignment(assignment) },
    configs: Object.fromEntries(args.texts("config").map((text) => parsePair("--config", text)))
  }
  const topics = givenSome(args).map((name): NewTopic => ({ name, ...settings }))
  const results = await admin.createTopics(topics, { validateOnly: args.has("validate-only") })
  const ignoresExisting = args.has("if-not-exists")
  const seen = results.map((result) => ({
    ...result, error: ignoresExisting && result.error?.codeName === "TOPIC_ALREADY_EXISTS" ? undefined : result.error,
    isNew: result.error === undefined
  }))
  const done = seen.filter((result) => result.error === undefined)
  if (args.has("json")) {
    printJson(context, done.map(({ isNew, name, numPartitions, replicationFactor: factor, topicId }) =>
      isNew ? { name, created: true, topicId, partitions: numPartitions, replicationFactor: factor } : { name, created: false }))
  } else {
    for (const { isNew, name } of done) {
      if (isNew) context.stdout.write(args.has("validate-only") ? `Topic ${name} can be created.\n` : `Created topic ${name}.\n`)
    }
  }
  return reportFailures("creating topics", seen)
}

const parseAssignment = (text: string): ReadonlyArray<ReadonlyArray<number>> => text.split(",").map((partition) => {
  const ids = partition.split(":").map((id) => id.trim())
  if (ids.some((id) => !/^\d+$/.test(id))) throw new UsageError(`--replica-assignment: "${partition}" is not of the form 1:2:3`)
  return ids.map(Number)
})

const list = async (admin: Admin, args: TopicArguments, context: Context): Promise<number> => {
  const listed = await admin.listTopics({ listInternal: !args.has("exclude-internal") })
  const wanted = givenTopics(args)
  const selected = new Set(wanted.length === 0 ? listed.map((it) => it.name) : selectNames(listed.map((it) => it.name), wanted).selected)
  const topics = listed.filter((it) => selected.has(it.name))
  if (args.has("json")) printJson(context, topics)
  else context.stdout.write(topics.map(({ name }) => `${name}\n`).join(""))
  return ExitCode.ok
}

const alter = async (admin: Admin, args: TopicArguments, context: Context): Promise<number> => {
  const partitions = args.integer("partitions")
  givenSome(args)
  if (partitions === undefined) throw new UsageError("--partitions N is missing", "Settings of topics are changed by `tailrace config alter --topic NAME --add-config KEY=VALUE`.")
  const names = await existingTopics(admin, args)
  const results = names.length === 0 ? [] : await admin.createPartitions(
    Object.fromEntries(names.map((name) => [name, partitions])), { validateOnly: args.has("validate-only") })
  const done = results.filter((result) => result.error === undefined)
  if (args.has("json")) printJson(context, done.map(({ name }) => ({ name, partitions })))
  else for (const { name } of done) context.stdout.write(`Topic ${name} ${args.has("validate-only") ? "can have" : "has"} ${partitions} partitions.\n`)
  return reportFailures("altering topics", results)
}

const remove = async (admin: Admin, args: TopicArguments, context: Context): Promise<number> => {
  givenSome(args)
  const names = await existingTopics(admin, args)
  const results = names.length === 0 ? [] : await admin.deleteTopics(names)
  const done = results.filter((result) => result.error === undefined)
  if (args.has("json")) printJson(context, done.map(({ name }) => ({ name, deleted: true })))
  else for (const { name } of done) context.stdout.write(`Deleted topic ${name}.\n`)
  return reportFailures("deleting topics", results)
}
