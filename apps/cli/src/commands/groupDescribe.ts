import type { Admin, CommittedOffset, GroupDescription, MemberDescription } from "@tailrace/client"
import { CommandError } from "../CommandError.ts"
import type { Context } from "../Context.ts"
import { ExitCode } from "../ExitCode.ts"
import { printJson } from "../internal/connecting.ts"
import { type Column, noValue, table } from "../internal/table.ts"
import { UsageError } from "../UsageError.ts"
import type { GroupArguments } from "./groupFlags.ts"

/** One partition of a group: what was committed, what the log has, and who reads it. */
export interface PartitionRow {
  readonly topic: string
  readonly partition: number
  readonly currentOffset: number | null
  readonly leaderEpoch: number | null
  readonly logEndOffset: number | null
  readonly lag: number | null
  readonly member: MemberDescription | undefined
}

/** `group describe`: offsets and lag, members, or the state of each group. */
export const describe = async (admin: Admin, args: GroupArguments, context: Context, ids: ReadonlyArray<string>): Promise<number> => {
  const kinds = (["members", "offsets", "state"] as const).filter((name) => args.has(name))
  if (kinds.length > 1) throw new UsageError(`only one of ${kinds.map((name) => `--${name}`).join(", ")} can be given`)
  const kind = kinds[0] ?? "offsets"
  const groups = ids.length === 0 ? [] : await admin.describeGroups(ids)
  const found: Array<GroupDescription> = []
  const missing: Array<string> = []
  for (const group of groups) {
    if (group.error?.codeName === "GROUP_ID_NOT_FOUND") missing.push(group.groupId)
    else if (group.error !== undefined) throw group.error
    else if (group.state === "Dead") missing.push(group.groupId)
    else found.push(group)
  }
  const json: Array<unknown> = []
  for (const group of found) {
    if (!args.has("json")) warnAboutState(group, context)
    const rows = kind === "offsets" ? await partitionRows(admin, group) : []
    if (args.has("json")) json.push(asJson(group, kind, rows))
    else if (kind === "offsets") context.stdout.write(offsetLines(group.groupId, rows, args.has("verbose")))
    else if (kind === "members") context.stdout.write(memberLines(group, args.has("verbose")))
    else context.stdout.write(stateLines(group, await coordinatorOf(admin, group), args.has("verbose")))
  }
  if (args.has("json")) printJson(context, json)
  if (missing.length > 0) {
    throw new CommandError(`consumer group ${missing.map((id) => `'${id}'`).join(", ")} does not exist`, { code: "GROUP_ID_NOT_FOUND", advice: "`tailrace group list` shows the groups." })
  }
  return ExitCode.ok
}

const warnAboutState = ({ groupId, state }: GroupDescription, { stderr }: Context): void => {
  if (state === "Empty") stderr.write(`\nConsumer group '${groupId}' has no active members.\n`)
  else if (state !== "Stable") stderr.write(`\nWarning: Consumer group '${groupId}' is rebalancing.\n`)
}

/** Assigned partitions first, then those that have an offset but no reader. */
const partitionRows = async (admin: Admin, group: GroupDescription): Promise<ReadonlyArray<PartitionRow>> => {
  const committed = await admin.listGroupOffsets(group.groupId)
  const rows = new Map<string, { topic: string; partition: number; committed?: CommittedOffset; member?: MemberDescription }>()
  for (const member of group.members) for (const { partition, topic } of member.assignment) rows.set(`${topic}/${partition}`, { topic, partition, member })
  for (const offset of committed) {
    const key = `${offset.topic}/${offset.partition}`
    rows.set(key, { topic: offset.topic, partition: offset.partition, ...rows.get(key), committed: offset })
  }
  const sorted = [...rows.values()].toSorted((a, b) => a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1)
  const ends = sorted.length === 0 ? [] : await admin.listOffsets(sorted.map(({ partition, topic }) => ({ topic, partition, spec: "latest" as const })))
  return sorted.map(({ committed: offset, member, partition, topic }, index) => {
    const end = ends[index]
    const logEndOffset = end === undefined || end.error !== undefined ? null : end.offset
    const currentOffset = offset === undefined || offset.offset < 0 ? null : offset.offset
    return {
      topic, partition, currentOffset, logEndOffset, member,
      leaderEpoch: offset === undefined || offset.leaderEpoch < 0 ? null : offset.leaderEpoch,
      lag: currentOffset === null || logEndOffset === null ? null : logEndOffset - currentOffset
    }
  })
}

export const offsetLines = (groupId: string, rows: ReadonlyArray<PartitionRow>, isVerbose: boolean): string => {
  if (rows.length === 0) return ""
  const epoch: ReadonlyArray<Column> = isVerbose ? [["LEADER-EPOCH", 15]] : []
  return `\n${table([
    ["GROUP", 15], ["TOPIC", 15], ["PARTITION", 10], ...epoch, ["CURRENT-OFFSET", 15], ["LOG-END-OFFSET", 15], ["LAG", 15],
    ["CONSUMER-ID", 15], ["HOST", 15], ["CLIENT-ID", 0]
  ], rows.map(({ currentOffset, lag, leaderEpoch, logEndOffset, member, partition, topic }) => [
    groupId, topic, partition, ...isVerbose ? [leaderEpoch ?? noValue] : [], currentOffset ?? noValue, logEndOffset ?? noValue, lag ?? noValue,
    member?.memberId ?? noValue, member?.host ?? noValue, member?.clientId ?? noValue
  ]))}`
}

/** `orders:0,1;returns:0`. */
const assignmentText = ({ assignment }: MemberDescription): string => {
  const topics = Map.groupBy(assignment, ({ topic }) => topic)
  return [...topics].map(([topic, list]) => `${topic}:${list.map(({ partition }) => partition).toSorted((a, b) => a - b).join(",")}`).toSorted().join(";") || noValue
}

/** Members of the classic protocol have one assignment and no epochs. */
export const memberLines = ({ groupId, members }: GroupDescription, isVerbose: boolean): string => {
  const hasInstances = members.some((member) => member.groupInstanceId !== null)
  const instance: ReadonlyArray<Column> = hasInstances ? [["GROUP-INSTANCE-ID", 17]] : []
  const verbose: ReadonlyArray<Column> = isVerbose
    ? [["CURRENT-EPOCH", 15], ["CURRENT-ASSIGNMENT", 20], ["TARGET-EPOCH", 15], ["TARGET-ASSIGNMENT", 20]] : []
  return `\n${table([
    ["GROUP", 15], ["CONSUMER-ID", 15], ...instance, ["HOST", 15], ["CLIENT-ID", 15], ["#PARTITIONS", 15], ...verbose
  ], members.map((member) => [
    groupId, member.memberId, ...hasInstances ? [member.groupInstanceId ?? ""] : [], member.host, member.clientId, member.assignment.length,
    ...isVerbose ? [noValue, assignmentText(member), noValue, noValue] : []
  ]))}`
}

const coordinatorOf = async (admin: Admin, { coordinator }: GroupDescription): Promise<string> => {
  const broker = admin.cluster.metadata.broker(coordinator)
  return `${broker === undefined ? noValue : `${broker.host}:${broker.port}`}  (${coordinator})`
}

export const stateLines = (
  { groupId, members, partitionAssignor, state }: GroupDescription, coordinator: string, isVerbose: boolean
): string => {
  const epochs: ReadonlyArray<Column> = isVerbose ? [["GROUP-EPOCH", 15], ["TARGET-ASSIGNMENT-EPOCH", 25]] : []
  return `\n${table([
    ["GROUP", 15], ["COORDINATOR (ID)", 25], ["ASSIGNMENT-STRATEGY", 20], ["STATE", 20], ...epochs, ["#MEMBERS", 0]
  ], [[groupId, coordinator, partitionAssignor === "" ? noValue : partitionAssignor, state, ...isVerbose ? [noValue, noValue] : [], members.length]])}`
}

const asJson = (group: GroupDescription, kind: "members" | "offsets" | "state", rows: ReadonlyArray<PartitionRow>): unknown => ({
  groupId: group.groupId, state: group.state, protocolType: group.protocolType, partitionAssignor: group.partitionAssignor, coordinator: group.coordinator,
  ...kind === "offsets" ? {
    offsets: rows.map(({ member, ...row }) => ({ ...row, memberId: member?.memberId ?? null, host: member?.host ?? null, clientId: member?.clientId ?? null }))
  } : {},
  ...kind === "members" ? { members: group.members } : { memberCount: group.members.length }
})
