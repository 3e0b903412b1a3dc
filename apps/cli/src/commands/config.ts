import type { Admin, AlterConfig, ConfigEntry, ConfigResource, DescribedConfig } from "@tailrace/client"
import type { Arguments } from "../Arguments.ts"
import { defineCommand } from "../Command.ts"
import type { Context } from "../Context.ts"
import { ExitCode } from "../ExitCode.ts"
import { connectionFlags, printJson, reportFailures, timeoutFlag, withAdmin } from "../internal/connecting.ts"
import { parsePairs } from "../internal/texts.ts"
import { UsageError } from "../UsageError.ts"

const entityTypes = ["topics", "brokers", "broker-loggers", "groups", "client-metrics"] as const

const flags = {
  "entity-type": { type: "text", value: "TYPE", oneOf: entityTypes, help: "topics, brokers, broker-loggers, groups or client-metrics." },
  "entity-name": { type: "text", value: "NAME", help: "The topic, the broker's id, or the group." },
  "entity-default": { type: "switch", help: "With brokers: the default of all of them." },
  "topic": { type: "text", value: "NAME", help: "Short for --entity-type topics --entity-name NAME." },
  "broker": { type: "text", value: "ID", help: "Short for --entity-type brokers --entity-name ID." },
  "broker-defaults": { type: "switch", help: "Short for --entity-type brokers --entity-default." },
  "broker-logger": { type: "text", value: "ID" },
  "group": { type: "text", value: "ID", help: "Short for --entity-type groups --entity-name ID." },
  "client-metrics": { type: "text", value: "NAME" },
  "all": { type: "switch", of: ["describe"], help: "Also settings that have their defaults." },
  "add-config": { type: "text", value: "K=V,K=[V,V]", isList: true, of: ["alter"], help: "Settings to set." },
  "add-config-file": { type: "text", value: "FILE", of: ["alter"], help: "A file with settings to set." },
  "delete-config": { type: "text", value: "K,K", isList: true, of: ["alter"], help: "Settings to give their defaults." },
  "validate-only": { type: "switch", of: ["alter"], help: "Only say whether it could be done." },
  ...connectionFlags,
  ...timeoutFlag
} as const

type ConfigArguments = Arguments<keyof typeof flags>

export const config = defineCommand({
  name: "config",
  summary: "Describes and alters configurations of topics, brokers and groups.",
  actions: {
    describe: { summary: "Settings and where their values come from.", usage: "--topic NAME | --broker ID | --entity-type TYPE [--entity-name NAME] [--all]" },
    alter: { summary: "Sets settings, or gives them their defaults.", usage: "--topic NAME | --broker ID | … --add-config K=V | --delete-config K" }
  },
  flags,
  examples: [
    "tailrace config describe --topic orders",
    "tailrace config describe --broker 1 --all",
    "tailrace config alter --topic orders --add-config retention.ms=86400000,max.message.bytes=2097152",
    "tailrace config alter --topic orders --delete-config retention.ms",
    "tailrace config --alter --entity-type topics --entity-name orders --add-config retention.ms=86400000"
  ],
  run: (args, context) => withAdmin(args, context, (admin) => args.action === "alter" ? alter(admin, args, context) : describe(admin, args, context))
})

const typeOf = { "topics": "topic", "brokers": "broker", "broker-loggers": "brokerLogger", "groups": "group", "client-metrics": "clientMetrics" } as const

/** Kafka's word for each type in what it prints. */
const wordOf: Readonly<Record<ConfigResource["type"], string>> =
  { topic: "topic", broker: "broker", brokerLogger: "broker-logger", group: "group", clientMetrics: "client-metric" }

interface Entity {
  readonly type: ConfigResource["type"]
  /** Undefined for all of the type. */
  readonly name: string | undefined
}

const entityOf = (args: ConfigArguments): Entity => {
  const shorts = (["topic", "broker", "broker-logger", "group", "client-metrics"] as const).filter((name) => args.has(name))
  const chosen = shorts.length + (args.has("entity-type") ? 1 : 0) + (args.has("broker-defaults") ? 1 : 0)
  if (args.positionals.length > 0) throw new UsageError(`unexpected ${args.positionals[0]}`, `For example: tailrace config ${args.action} --topic ${args.positionals[0]}`)
  if (chosen !== 1) throw new UsageError(chosen === 0 ? "say whose settings: --topic, --broker, --group or --entity-type" : "only one kind of entity can be given")
  const isDefault = args.has("entity-default") || args.has("broker-defaults")
  const short = shorts[0]
  const type = short === undefined ? typeOf[entityTypes.find((it) => it === args.text("entity-type")?.toLowerCase()) ?? "brokers"]
    : short === "client-metrics" ? "clientMetrics" : short === "broker-logger" ? "brokerLogger" : short
  if (isDefault && type !== "broker") throw new UsageError("--entity-default goes with brokers")
  const name = isDefault ? "" : short === undefined ? args.text("entity-name") : args.text(short)
  if ((type === "broker" || type === "brokerLogger") && name !== undefined && name !== "" && !/^\d+$/.test(name)) {
    throw new UsageError(`"${name}" is not the id of a broker`, "`tailrace cluster info` shows the ids.")
  }
  return { type, name }
}

/** Who is described when no name was given: every topic, broker or group, and for brokers the default too. */
const namesOf = async (admin: Admin, { name, type }: Entity): Promise<ReadonlyArray<string>> => {
  if (name !== undefined) return [name]
  if (type === "topic") return (await admin.listTopics({ listInternal: true })).map((it) => it.name)
  if (type === "broker" || type === "brokerLogger") {
    const ids = (await admin.describeCluster()).nodes.map(({ id }) => String(id))
    return type === "broker" ? [...ids, ""] : ids
  }
  if (type === "group") return (await admin.listGroups()).map((it) => it.groupId)
  throw new UsageError("--entity-name is missing")
}

const describe = async (admin: Admin, args: ConfigArguments, context: Context): Promise<number> => {
  const entity = entityOf(args)
  const names = await namesOf(admin, entity)
  if (entity.type === "topic" && entity.name !== undefined) {
    const [topic] = await admin.describeTopics([entity.name])
    if (topic?.error !== undefined) throw topic.error
  }
  const described = await admin.describeConfigs(names.map((name) => ({ type: entity.type, name })), { includeSynonyms: true })
  const done = described.filter((it) => it.error === undefined)
  const all = args.has("all")
  if (args.has("json")) printJson(context, done.map((it) => ({ type: it.type, name: it.name, configs: shownEntries(it, all).map(entryAsJson) })))
  else context.stdout.write(done.map((it) => describeEntity(it, all)).join(""))
  return reportFailures("describing configurations", described)
}

/** Without --all only what was set for this very entity while the cluster ran: Kafka's dynamic configs. */
const shownEntries = ({ entries, name, type }: DescribedConfig, all: boolean): ReadonlyArray<ConfigEntry> => {
  const dynamic = type === "topic" ? "DYNAMIC_TOPIC_CONFIG" : type === "group" ? "GROUP_CONFIG" : type === "clientMetrics" ? "CLIENT_METRICS_CONFIG"
    : type === "brokerLogger" ? "DYNAMIC_BROKER_LOGGER_CONFIG" : name === "" ? "DYNAMIC_DEFAULT_BROKER_CONFIG" : "DYNAMIC_BROKER_CONFIG"
  return entries.filter((entry) => all || entry.source === dynamic).toSorted((a, b) => a.name < b.name ? -1 : 1)
}

/** The lines of one entity, as Kafka's kafka-configs.sh prints them. */
export const describeEntity = (described: DescribedConfig, all: boolean): string => {
  const { name, type } = described
  const head = type === "broker" && name === ""
    ? "Default configs for brokers in the cluster are:"
    : `${all ? "All" : "Dynamic"} configs for ${wordOf[type]} ${name} are:`
  return `${head}\n${shownEntries(described, all).map((entry) => `  ${entry.name}=${entry.value ?? "null"} sensitive=${entry.isSensitive} synonyms={${
    entry.synonyms.map((synonym) => `${synonym.source}:${synonym.name}=${synonym.value ?? "null"}`).join(", ")}}\n`).join("")}`
}

const entryAsJson = ({ isDefault, isReadOnly, isSensitive, name, source, synonyms, value }: ConfigEntry): unknown =>
  ({ name, value, source, isDefault, isReadOnly, isSensitive, synonyms })

const alter = async (admin: Admin, args: ConfigArguments, context: Context): Promise<number> => {
  const { name, type } = entityOf(args)
  if (name === undefined) throw new UsageError("--entity-name is missing")
  const file = args.text("add-config-file")
  const fromFile = file === undefined ? [] : (await import("@tailrace/runtime")).loadConfig({ file }).values
  const set = new Map([...fromFile, ...args.texts("add-config").flatMap((text) => parsePairs("--add-config", text))])
  const deleted = args.texts("delete-config").flatMap((text) => text.split(",")).map((key) => key.trim()).filter((key) => key !== "")
  if (set.size + deleted.length === 0) throw new UsageError("--add-config or --delete-config is missing")
  const both = deleted.find((key) => set.has(key))
  if (both !== undefined) throw new UsageError(`${both} cannot be set and deleted at once`)
  const change: AlterConfig = {
    type, name, operations: [
      ...[...set].map(([key, value]) => ({ name: key, operation: "set" as const, value })),
      ...deleted.map((key) => ({ name: key, operation: "delete" as const }))
    ]
  }
  const [result] = await admin.incrementalAlterConfigs([change], { validateOnly: args.has("validate-only") })
  if (result?.error !== undefined) throw result.error
  if (args.has("json")) printJson(context, { type, name, set: Object.fromEntries(set), deleted })
  else if (args.has("validate-only")) context.stdout.write("The change can be made.\n")
  else context.stdout.write(name === "" ? "Completed updating default config for brokers in the cluster.\n" : `Completed updating config for ${wordOf[type]} ${name}.\n`)
  return ExitCode.ok
}
