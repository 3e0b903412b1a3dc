import type { Admin, CommittedOffset, GroupDescription, ListedOffset, OffsetSpec, TopicPartition } from "@tailrace/client"
import { CommandError } from "../CommandError.ts"
import type { Context } from "../Context.ts"
import { ExitCode } from "../ExitCode.ts"
import { printJson } from "../internal/connecting.ts"
import { offsetsFromCsv, offsetsToCsv } from "../internal/offsetsCsv.ts"
import { table } from "../internal/table.ts"
import { parseDateTime, parseDuration } from "../internal/times.ts"
import { wallMillis } from "../internal/timing.ts"
import { UsageError } from "../UsageError.ts"
import type { GroupArguments } from "./groupFlags.ts"

const targets = ["to-earliest", "to-latest", "to-current", "to-offset", "to-datetime", "by-duration", "shift-by", "from-file"] as const

export interface NewOffset extends TopicPartition {
  readonly group: string
  readonly offset: number
}

/** `group reset`: works out new offsets, prints them, and commits them only with --execute. */
export const reset = async (admin: Admin, args: GroupArguments, context: Context, ids: ReadonlyArray<string>): Promise<number> => {
  const chosen = targets.filter((name) => args.has(name))
  const target = chosen[0]
  if (target === undefined || chosen.length > 1) throw new UsageError(`give one of ${targets.map((name) => `--${name}`).join(", ")}`)
  if (args.has("execute") && args.has("dry-run")) throw new UsageError("--execute and --dry-run cannot be given together")
  if (target !== "from-file" && args.has("topic") === args.has("all-topics")) throw new UsageError("give --topic NAME or --all-topics")
  const groups = ids.length === 0 ? [] : await admin.describeGroups(ids)
  for (const group of groups) checkInactive(group)
  const planned = (await Promise.all(groups.map(({ groupId }) => plan(admin, args, context, target, groupId, ids.length)))).flat()
  if (args.has("execute")) {
    for (const groupId of ids) await commit(admin, groupId, planned.filter((it) => it.group === groupId))
  }
  if (args.has("json")) printJson(context, { executed: args.has("execute"), offsets: planned })
  else if (args.has("export")) context.stdout.write(offsetsToCsv(planned, ids.length > 1))
  else context.stdout.write(resetLines(planned))
  if (!args.has("execute") && !args.has("export")) context.stderr.write("Nothing was changed. Repeat it with --execute to commit these offsets.\n")
  return ExitCode.ok
}

const checkInactive = ({ error, groupId, state }: GroupDescription): void => {
  // A group that nobody has used yet can be given offsets.
  if (error !== undefined && error.codeName !== "GROUP_ID_NOT_FOUND") throw error
  if (error === undefined && state !== "Empty" && state !== "Dead") {
    throw new CommandError(`offsets can only be reset if the group '${groupId}' is inactive, but the current state is ${state}`,
      { code: "NON_EMPTY_GROUP", advice: `Stop its members first; \`tailrace group describe ${groupId} --members\` shows them.` })
  }
}

const plan = async (
  admin: Admin, args: GroupArguments, context: Context, target: (typeof targets)[number], group: string, groupCount: number
): Promise<ReadonlyArray<NewOffset>> => {
  const committed = (await admin.listGroupOffsets(group)).filter((it) => it.offset >= 0)
  if (target === "from-file") {
    const wanted = args.texts("from-file").flatMap((path) => offsetsFromCsv(path, groupCount > 1)).filter((it) => (it.group ?? group) === group)
    return clamp(admin, context, wanted.map(({ offset, partition, topic }) => ({ group, topic, partition, offset })))
  }
  const partitions = await partitionsToReset(admin, args, group, committed)
  const current = (it: TopicPartition): number | undefined => committed.find((known) => known.topic === it.topic && known.partition === it.partition)?.offset
  const look = (spec: OffsetSpec): Promise<ReadonlyArray<number>> => offsetsAt(admin, partitions, spec)
  const fixed = (offsets: ReadonlyArray<number>): ReadonlyArray<NewOffset> =>
    partitions.map(({ partition, topic }, index) => ({ group, topic, partition, offset: offsets[index] ?? 0 }))
  switch (target) {
    case "to-earliest": return fixed(await look("earliest"))
    case "to-latest": return fixed(await look("latest"))
    case "to-current": {
      const ends = await look("latest")
      return fixed(partitions.map((it, index) => current(it) ?? ends[index] ?? 0))
    }
    case "to-offset": return clamp(admin, context, fixed(partitions.map(() => args.integer("to-offset") ?? 0)))
    case "to-datetime": return fixed(await look({ timestampMillis: parseDateTime(args.text("to-datetime") ?? "") }))
    case "by-duration": return fixed(await look({ timestampMillis: wallMillis() - parseDuration(args.text("by-duration") ?? "") }))
    case "shift-by": {
      const missing = partitions.find((it) => current(it) === undefined)
      if (missing !== undefined) throw new CommandError(`group ${group} has no offset of ${missing.topic}-${missing.partition} to shift`)
      return clamp(admin, context, fixed(partitions.map((it) => (current(it) ?? 0) + (args.integer("shift-by") ?? 0))))
    }
  }
}

const partitionsToReset = async (
  admin: Admin, args: GroupArguments, group: string, committed: ReadonlyArray<CommittedOffset>
): Promise<ReadonlyArray<TopicPartition>> => {
  if (args.has("all-topics")) {
    if (committed.length === 0) throw new CommandError(`group ${group} has no committed offsets`, { advice: "Name a topic with --topic." })
    const names = [...new Set(committed.map((it) => it.topic))]
    return (await existingTopics(admin, names)).flatMap((topic) => topic.partitions.map(({ partition }) => ({ topic: topic.name, partition })))
  }
  const wanted = args.texts("topic").map((text) => {
    const [, name = "", list] = /^([^:]+)(?::([\d,]+))?$/.exec(text) ?? []
    if (name === "") throw new UsageError(`--topic: "${text}" is not of the form orders or orders:0,1`)
    return { name, partitions: list?.split(",").map(Number) }
  })
  const topics = await existingTopics(admin, wanted.map((it) => it.name))
  return wanted.flatMap(({ name, partitions }, index) => {
    const all = topics[index]?.partitions.map(({ partition }) => partition) ?? []
    const unknown = partitions?.find((partition) => !all.includes(partition))
    if (unknown !== undefined) throw new CommandError(`topic ${name} has no partition ${unknown}`, { code: "UNKNOWN_TOPIC_OR_PARTITION", advice: `It has ${all.length}, counted from 0.` })
    return (partitions ?? all).map((partition) => ({ topic: name, partition }))
  })
}

const existingTopics = async (admin: Admin, names: ReadonlyArray<string>) => {
  const topics = await admin.describeTopics(names)
  for (const { error } of topics) if (error !== undefined) throw error
  return topics
}

/** Offsets in the order of the partitions. Where no record is that new, the end of the log, as Kafka does. */
const offsetsAt = async (admin: Admin, partitions: ReadonlyArray<TopicPartition>, spec: OffsetSpec): Promise<ReadonlyArray<number>> => {
  const list = async (wanted: OffsetSpec): Promise<ReadonlyArray<ListedOffset>> => {
    const found = await admin.listOffsets(partitions.map((it) => ({ topic: it.topic, partition: it.partition, spec: wanted })))
    for (const { error } of found) if (error !== undefined) throw error
    return found
  }
  const found = await list(spec)
  if (found.every((it) => it.offset >= 0)) return found.map((it) => it.offset)
  const ends = await list("latest")
  return found.map((it, index) => it.offset >= 0 ? it.offset : ends[index]?.offset ?? 0)
}

/** Keeps offsets within what the logs hold, and says so. */
const clamp = async (admin: Admin, context: Context, wanted: ReadonlyArray<NewOffset>): Promise<ReadonlyArray<NewOffset>> => {
  const [starts, ends] = await Promise.all([offsetsAt(admin, wanted, "earliest"), offsetsAt(admin, wanted, "latest")])
  return wanted.map((it, index) => {
    const offset = Math.min(Math.max(it.offset, starts[index] ?? 0), ends[index] ?? 0)
    if (offset !== it.offset) context.stderr.write(`New offset (${it.offset}) is ${it.offset > offset ? "higher than latest" : "lower than earliest"} offset for topic partition ${it.topic}-${it.partition}. Value will be set to ${offset}\n`)
    return { ...it, offset }
  })
}

const commit = async (admin: Admin, groupId: string, offsets: ReadonlyArray<NewOffset>): Promise<void> => {
  if (offsets.length === 0) return
  const results = await admin.alterGroupOffsets(groupId, offsets.map(({ offset, partition, topic }) => ({ topic, partition, offset })))
  const failed = results.find((result) => result.error !== undefined)
  if (failed?.error !== undefined) throw failed.error
}

export const resetLines = (offsets: ReadonlyArray<NewOffset>): string => offsets.length === 0 ? "" : `\n${table(
  [["GROUP", 30], ["TOPIC", 30], ["PARTITION", 10], ["NEW-OFFSET", 15]],
  offsets.map(({ group, offset, partition, topic }) => [group, topic, partition, offset]))}`
