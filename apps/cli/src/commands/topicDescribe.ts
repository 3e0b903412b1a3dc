import type { Admin, ConfigEntry, PartitionDescription, TopicDescription } from "@tailrace/client"
import type { Context } from "../Context.ts"
import { ExitCode } from "../ExitCode.ts"
import { printJson } from "../internal/connecting.ts"
import { CommandError } from "../CommandError.ts"
import { existingTopics } from "./existingTopics.ts"
import type { TopicArguments } from "./topicFlags.ts"

interface DescribedTopic {
  readonly topic: TopicDescription
  readonly configs: ReadonlyArray<ConfigEntry>
}

/** `topic describe`: one line for the topic, one for each partition, or only those partitions that a flag asks for. */
export const describe = async (admin: Admin, args: TopicArguments, context: Context): Promise<number> => {
  const names = await namesOf(admin, args)
  const [topics, configs] = names.length === 0 ? [[], []] : await Promise.all([
    admin.describeTopics(names),
    admin.describeConfigs(names.map((name) => ({ type: "topic" as const, name })))
  ])
  const described: Array<DescribedTopic> = []
  for (const topic of topics) {
    if (topic.error !== undefined) throw topic.error
    described.push({ topic, configs: configs.find((it) => it.name === topic.name)?.entries ?? [] })
  }
  const filter = partitionFilter(args)
  const shown = args.has("topics-with-overrides") ? described.filter((it) => overrides(it.configs).length > 0) : described
  if (args.has("json")) printJson(context, shown.map((it) => asJson(it, filter)))
  else context.stdout.write(shown.map((it) => describeTopic(it, filter, args.has("topics-with-overrides"))).join(""))
  return ExitCode.ok
}

const namesOf = async (admin: Admin, args: TopicArguments): Promise<ReadonlyArray<string>> => {
  const id = args.text("topic-id")
  if (id === undefined) return existingTopics(admin, args)
  const found = (await admin.listTopics({ listInternal: true })).find((it) => it.topicId === id)
  if (found === undefined) throw new CommandError(`no topic has the id ${id}`, { code: "UNKNOWN_TOPIC_ID", advice: "`tailrace topic list --json` shows the ids." })
  return [found.name]
}

type PartitionFilter = (partition: PartitionDescription, minIsr: number) => boolean

const partitionFilter = (args: TopicArguments): PartitionFilter | undefined => {
  if (args.has("under-replicated-partitions")) return (partition) => partition.isr.length < partition.replicas.length
  if (args.has("unavailable-partitions")) return (partition) => partition.leader < 0
  if (args.has("under-min-isr-partitions")) return (partition, minIsr) => partition.isr.length < minIsr
  if (args.has("at-min-isr-partitions")) return (partition, minIsr) => partition.isr.length === minIsr
  return undefined
}

const minIsr = (configs: ReadonlyArray<ConfigEntry>): number => Number(configs.find((it) => it.name === "min.insync.replicas")?.value ?? 1)

const overrides = (configs: ReadonlyArray<ConfigEntry>): ReadonlyArray<ConfigEntry> => configs.filter((it) => it.source === "DYNAMIC_TOPIC_CONFIG")

/** The lines of one topic, columns separated by tabs. Brokers that do not tell the ELR have N/A there. */
export const describeTopic = ({ configs, topic }: DescribedTopic, filter: PartitionFilter | undefined, isHeadOnly = false): string => {
  const shown = configs.filter((it) => !it.isDefault).map((it) => `${it.name}=${it.value ?? ""}`).join(",")
  const head = `Topic: ${topic.name}\tTopicId: ${topic.topicId}\tPartitionCount: ${topic.partitions.length}\tReplicationFactor: ${
    topic.partitions[0]?.replicas.length ?? 0}\tConfigs: ${shown}\n`
  const partitions = topic.partitions.filter((it) => filter === undefined || filter(it, minIsr(configs))).map((it) =>
    `\tTopic: ${topic.name}\tPartition: ${it.partition}\tLeader: ${it.leader < 0 ? "none" : it.leader}\tReplicas: ${
      it.replicas.join(",")}\tIsr: ${it.isr.join(",")}\tElr: ${it.elr?.join(",") ?? "N/A"}\tLastKnownElr: ${it.lastKnownElr?.join(",") ?? "N/A"}\n`)
  return isHeadOnly ? head : filter === undefined ? head + partitions.join("") : partitions.join("")
}

const asJson = ({ configs, topic }: DescribedTopic, filter: PartitionFilter | undefined): unknown => ({
  name: topic.name, topicId: topic.topicId, isInternal: topic.isInternal, partitionCount: topic.partitions.length,
  replicationFactor: topic.partitions[0]?.replicas.length ?? 0,
  configs: Object.fromEntries(configs.filter((it) => !it.isDefault).map((it) => [it.name, it.value])),
  partitions: topic.partitions.filter((it) => filter === undefined || filter(it, minIsr(configs)))
    .map(({ elr, isr, lastKnownElr, leader, leaderEpoch, offlineReplicas, partition, replicas }) =>
      ({ partition, leader, leaderEpoch, replicas, isr, offlineReplicas, elr, lastKnownElr }))
})
