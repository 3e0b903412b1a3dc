import type { Admin } from "@tailrace/client"
import { defineCommand } from "../Command.ts"
import type { Context } from "../Context.ts"
import { ExitCode } from "../ExitCode.ts"
import { printJson, reportFailures, withAdmin } from "../internal/connecting.ts"
import { longest, table, type Column } from "../internal/table.ts"
import { UsageError } from "../UsageError.ts"
import { groupFlags, groupStates, groupTypes, type GroupArguments } from "./groupFlags.ts"

export const group = defineCommand({
  name: "group",
  summary: "Lists, describes, resets and deletes consumer groups.",
  actions: {
    list: { summary: "Names of groups.", usage: "[--state [STATES]] [--type [TYPES]]" },
    describe: { summary: "Offsets and lag, members, or the state.", usage: "GROUP… | --all-groups [--members|--state|--offsets] [--verbose]" },
    reset: { summary: "Sets committed offsets of groups without members.", usage: "GROUP… --topic NAME|--all-topics --to-earliest|… [--execute]", flag: "reset-offsets" },
    delete: { summary: "Deletes groups without members.", usage: "GROUP… | --all-groups" }
  },
  flags: groupFlags,
  examples: [
    "tailrace group list --state",
    "tailrace group describe billing",
    "tailrace group describe billing --members --verbose",
    "tailrace group reset billing --topic orders --to-earliest --execute",
    "tailrace group reset billing --all-topics --by-duration PT1H          # only prints what it would do",
    "tailrace group reset billing --all-topics --to-current --export > offsets.csv",
    "tailrace group delete billing"
  ],
  run: (args, context) => withAdmin(args, context, async (admin) => {
    switch (args.action) {
      case "list": return list(admin, args, context)
      case "delete": return remove(admin, args, context)
      case "reset": return (await import("./groupReset.ts")).reset(admin, args, context, await groupIds(admin, args))
      default: return (await import("./groupDescribe.ts")).describe(admin, args, context, await groupIds(admin, args))
    }
  })
})

const groupIds = async (admin: Admin, args: GroupArguments): Promise<ReadonlyArray<string>> => {
  const given = [...args.positionals, ...args.texts("group")]
  if (args.has("all-groups") && given.length > 0) throw new UsageError("--all-groups goes without names of groups")
  if (given.length === 0 && !args.has("all-groups")) throw new UsageError("name a group, or give --all-groups", `For example: tailrace group ${args.action} billing`)
  return given.length > 0 ? [...new Set(given)] : (await admin.listGroups()).map((it) => it.groupId)
}

const list = async (admin: Admin, args: GroupArguments, context: Context): Promise<number> => {
  if (args.positionals.length > 0) throw new UsageError(`unexpected ${args.positionals[0]}`)
  const wanted = (name: "state" | "type", known: ReadonlyArray<string>): ReadonlyArray<string> =>
    (args.text(name) ?? "").split(",").flatMap((part) => known.filter((it) => it.toLowerCase() === part.trim().toLowerCase()))
  const groups = await admin.listGroups({ states: wanted("state", groupStates), types: wanted("type", groupTypes) })
  if (args.has("json")) printJson(context, groups)
  else context.stdout.write(listLines(groups, args.has("type"), args.has("state")))
  return ExitCode.ok
}

/** Names only, or a table when types or states are asked for. */
export const listLines = (
  groups: ReadonlyArray<{ readonly groupId: string; readonly type: string; readonly state: string }>, hasType: boolean, hasState: boolean
): string => {
  if (!hasType && !hasState) return groups.map(({ groupId }) => `${groupId}\n`).join("")
  const width = longest(groups.map(({ groupId }) => groupId), 15) + 10
  const columns: Array<Column> = [["GROUP", width], ...hasType ? [["TYPE", 20] as const] : [], ...hasState ? [["STATE", 20] as const] : []]
  return table(columns, groups.map((it) => [
    it.groupId, ...hasType ? [typeName(it.type)] : [], ...hasState ? [it.state] : []
  ]))
}

/** Kafka prints types with a capital letter. */
const typeName = (type: string): string => type === "" ? "Unknown" : type.slice(0, 1).toUpperCase() + type.slice(1)

const remove = async (admin: Admin, args: GroupArguments, context: Context): Promise<number> => {
  const ids = await groupIds(admin, args)
  const results = await admin.deleteGroups(ids)
  const done = results.filter((result) => result.error === undefined).map(({ name }) => name)
  if (args.has("json")) printJson(context, done.map((groupId) => ({ groupId, deleted: true })))
  else if (done.length > 0) {
    const names = done.map((name) => `'${name}'`).join(", ")
    context.stdout.write(done.length === results.length
      ? `Deletion of requested consumer groups (${names}) was successful.\n`
      : `These consumer groups were deleted successfully: ${names}\n`)
  }
  return reportFailures("deleting groups", results)
}
