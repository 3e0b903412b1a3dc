import { codecs } from "../../matrix.ts"
import type { Codec, ToolCell } from "../../matrix.ts"
import { firstDifference } from "../Records.ts"
import type { InteropRecord } from "../Records.ts"
import { eventually } from "../Tier.ts"
import type { Tier } from "../Tier.ts"
import { expectEqual, expectMatch, tool } from "../Tool.ts"
import { writtenTopic } from "./WriteCells.ts"

/** The topics that exist before: the tools' own `tools-topic` is created by kafka-topics itself. */
export const timesTopic = "tools-times"
export const toolTopics = (): string[] => [timesTopic, ...codecs.map((codec) => writtenTopic("tools", codec, "all"))]

const topic = "tools-topic"
const group = "tools-group"
const liveGroup = "tools-live"
const recordCount = 200
/** The record with the largest timestamp stands in the middle of its batch. */
const timesCount = 100
const latestTimeAt = 50

type Cell = (name: ToolCell, body: () => Promise<void>) => Promise<boolean>

/** The tools of Kafka 4.3.1, each cell one run of the JVM or a few; later cells use what earlier ones wrote. */
export async function toolCells(tier: Tier): Promise<void> {
  const cell: Cell = (name, body) => tier.results.cell("tools", name, body)
  await topicCells(tier, cell)
  await configCells(tier, cell)
  await consoleCells(tier, cell)
  await offsetCells(tier, cell)
  await liveGroupCells(tier, cell)
  await idleGroupCells(tier, cell)
  await cell("topics --delete", async () => {
    await tool("kafka-topics", tier.broker.bootstrap, ["--delete", "--topic", topic])
    await eventually(5_000, async () => (await tier.admin.listTopics()).includes(topic) ? `${topic} is still listed` : undefined)
  })
}

async function topicCells(tier: Tier, cell: Cell): Promise<void> {
  const topics = (...args: string[]): Promise<string> => tool("kafka-topics", tier.broker.bootstrap, args)
  await cell("topics --create", async () => {
    const output = await topics("--create", "--topic", topic, "--partitions", "2", "--replication-factor", "1", "--config", "retention.ms=3600000")
    expectMatch(output, /^Created topic tools-topic\.$/m)
    await eventually(5_000, async () => (await tier.admin.listTopics()).includes(topic) ? undefined : `${topic} was created but is not listed`)
  })
  await cell("topics --list", async () => {
    expectMatch(await topics("--list"), /^tools-topic$/m)
  })
  await cell("topics --describe", async () => {
    const output = await topics("--describe", "--topic", topic)
    expectMatch(output, /^Topic: tools-topic\s+TopicId: [\w-]{22}\s+PartitionCount: 2\s+ReplicationFactor: 1\s+Configs: \S*retention\.ms=3600000/m)
    for (const partition of [0, 1]) expectMatch(output, new RegExp(`Topic: tools-topic\\s+Partition: ${partition}\\s+Leader: (\\d+)\\s+Replicas: \\1\\s+Isr: \\1(\\s|$)`))
  })
  await cell("topics --alter", async () => {
    await topics("--alter", "--topic", topic, "--partitions", "4")
    const { topics: [described] } = await tier.admin.fetchTopicMetadata({ topics: [topic] })
    expectEqual("partitions", described?.partitions.map((one) => one.partitionId).toSorted(), [0, 1, 2, 3])
  })
}

async function configCells(tier: Tier, cell: Cell): Promise<void> {
  const configs = (...args: string[]): Promise<string> => tool("kafka-configs", tier.broker.bootstrap, args)
  await cell("configs --alter", async () => {
    const output = await configs("--alter", "--entity-type", "topics", "--entity-name", topic, "--add-config", "max.message.bytes=200000", "--delete-config", "retention.ms")
    expectMatch(output, /^Completed updating config for topic tools-topic\.$/m)
  })
  await cell("configs --describe topic", async () => {
    const output = await configs("--describe", "--entity-type", "topics", "--entity-name", topic)
    expectMatch(output, /max\.message\.bytes=200000 sensitive=false synonyms=\{DYNAMIC_TOPIC_CONFIG:max\.message\.bytes=200000, DEFAULT_CONFIG:message\.max\.bytes=1048588\}/)
    if (output.includes("retention.ms=3600000")) throw new Error(`the deleted retention.ms is still there: ${output}`)
    expectMatch(await configs("--describe", "--all", "--entity-type", "topics", "--entity-name", topic), /^\s*cleanup\.policy=delete sensitive=false synonyms=\{DEFAULT_CONFIG:log\.cleanup\.policy=delete\}$/m)
  })
  await cell("configs --describe broker", async () => {
    const { brokers: [broker] } = await tier.admin.describeCluster()
    const output = await configs("--describe", "--all", "--entity-type", "brokers", "--entity-name", String(broker?.nodeId))
    for (const name of ["num.partitions", "log.dirs", "message.max.bytes", "log.retention.hours"]) expectMatch(output, new RegExp(`^\\s*${name.replaceAll(".", "\\.")}=\\S+ sensitive=`, "m"))
  })
}

function toolRecords(codec: Codec): InteropRecord[] {
  return Array.from({ length: recordCount }, (_, offset) => ({
    lane: 0, offset, timestamp: -1,
    key: offset % 5 === 0 ? null : Buffer.from(`key-${offset}`),
    value: offset % 7 === 0 ? null : Buffer.from(`${codec} value ${offset} größe ${"x".repeat(offset % 50)}`),
    headers: offset % 3 === 0 ? [] : [["trace", Buffer.from(`t${offset}`)], ["empty", Buffer.alloc(0)]] as const
  }))
}

async function consoleCells(tier: Tier, cell: Cell): Promise<void> {
  for (const codec of codecs) {
    await cell(`console-producer ${codec}`, async () => {
      const records = toolRecords(codec)
      const lines = records.map((record) => [
        record.headers.length === 0 ? "NULL" : record.headers.map(([name, value]) => `${name}:${value?.toString()}`).join(","),
        record.key?.toString() ?? "NULL", record.value?.toString() ?? "NULL"
      ].join("\t"))
      const properties = ["parse.key=true", "parse.headers=true", "null.marker=NULL"].flatMap((property) => ["--reader-property", property])
      await tool("kafka-console-producer", tier.broker.bootstrap, ["--topic", writtenTopic("tools", codec, "all"), "--compression-codec", codec, ...properties], `${lines.join("\n")}\n`)
      tier.expected.set(writtenTopic("tools", codec, "all"), records)
    })
  }
  const read = (count: number, ...args: string[]): Promise<InteropRecord[]> => consoleConsume(tier, count, args)
  const plain = toolRecords("none")
  const compare = (expected: ReadonlyArray<InteropRecord>, actual: ReadonlyArray<InteropRecord>): void => {
    const difference = firstDifference(expected, actual)
    if (difference !== undefined) throw new Error(difference)
  }
  await cell("console-consumer --from-beginning", async () => {
    for (const codec of codecs) compare(toolRecords(codec), await read(recordCount, "--topic", writtenTopic("tools", codec, "all"), "--from-beginning"))
  })
  await cell("console-consumer --group", async () => {
    const output = await read(recordCount, "--topic", writtenTopic("tools", "none", "all"), "--group", group, "--from-beginning")
    compare(plain, output)
    expectEqual("committed", [...await tier.committedOffsets(group, writtenTopic("tools", "none", "all"))], [[0, recordCount]])
  })
  await cell("console-consumer --offset", async () => {
    compare(plain.slice(150), await read(recordCount - 150, "--topic", writtenTopic("tools", "none", "all"), "--partition", "0", "--offset", "150"))
  })
}

async function consoleConsume(tier: Tier, count: number, args: ReadonlyArray<string>): Promise<InteropRecord[]> {
  const properties = ["print.key", "print.headers", "print.partition", "print.offset", "print.value"].flatMap((name) => ["--formatter-property", `${name}=true`])
  const output = await tool("kafka-console-consumer", tier.broker.bootstrap, [...args, "--max-messages", String(count), "--timeout-ms", "10000",
    ...properties, "--formatter-property", "null.literal=NULL"])
  return output.trimEnd().split("\n").filter((line) => line !== "").map((line) => {
    const [partition = "", offset = "", headers = "", key = "", value = ""] = line.split("\t")
    return {
      lane: Number(partition.replace("Partition:", "")), offset: Number(offset.replace("Offset:", "")), timestamp: -1,
      key: key === "NULL" ? null : Buffer.from(key), value: value === "NULL" ? null : Buffer.from(value),
      headers: headers === "NO_HEADERS" ? [] : headers.split(",").map((one) => [one.slice(0, one.indexOf(":")), Buffer.from(one.slice(one.indexOf(":") + 1))] as const)
    }
  })
}

async function offsetCells(tier: Tier, cell: Cell): Promise<void> {
  const timeOf = (i: number): number => tier.baseTimestamp + (i === latestTimeAt ? 10_000_000 : i * 1_000) - 7_200_000
  const offsets = async (time: string): Promise<string> => (await tool("kafka-get-offsets", tier.broker.bootstrap, ["--topic", timesTopic, "--time", time])).trim()
  await cell("get-offsets latest", async () => {
    const producer = tier.kafka.producer({ allowAutoTopicCreation: false })
    await producer.connect()
    const messages = Array.from({ length: timesCount }, (_, i) => ({ partition: 0, value: `${i}`, timestamp: String(timeOf(i)) }))
    for (const part of [messages.slice(0, 20), messages.slice(20, 70), messages.slice(70)]) await producer.send({ topic: timesTopic, messages: part })
    await producer.disconnect()
    expectEqual("latest", await offsets("latest"), `${timesTopic}:0:${timesCount}`)
  })
  await cell("get-offsets earliest", async () => expectEqual("earliest", await offsets("earliest"), `${timesTopic}:0:0`))
  await cell("get-offsets timestamp", async () => {
    expectEqual("a time between two records of a batch", await offsets(String(timeOf(37) - 500)), `${timesTopic}:0:37`)
    expectEqual("a time after every record", await offsets(String(timeOf(latestTimeAt) + 1)), "")
  })
  await cell("get-offsets max-timestamp", async () => expectEqual("max-timestamp", await offsets("max-timestamp"), `${timesTopic}:0:${latestTimeAt}`))
}

/** A group with a living member: the console consumer's group is empty by now. */
async function liveGroupCells(tier: Tier, cell: Cell): Promise<void> {
  const groups = (...args: string[]): Promise<string> => tool("kafka-consumer-groups", tier.broker.bootstrap, args)
  const consumer = tier.kafka.consumer({ groupId: liveGroup, maxWaitTimeInMs: 100, allowAutoTopicCreation: false })
  try {
    await consumer.connect()
    await consumer.subscribe({ topics: [timesTopic], fromBeginning: true })
    await consumer.run({ autoCommitInterval: 100, eachMessage: async () => {} })
  } catch {
    // The cells below fail by themselves.
  }
  await cell("consumer-groups --list", async () => {
    const output = await groups("--list")
    for (const name of [group, liveGroup]) expectMatch(output, new RegExp(`^${name}$`, "m"))
  })
  await cell("consumer-groups --describe", async () => {
    await eventually(10_000, async () => (await tier.committedOffsets(liveGroup, timesTopic)).get(0) === timesCount ? undefined : "the live member has not committed")
    const output = await groups("--describe", "--group", liveGroup)
    expectMatch(output, /^GROUP\s+TOPIC\s+PARTITION\s+CURRENT-OFFSET\s+LOG-END-OFFSET\s+LAG\s+CONSUMER-ID\s+HOST\s+CLIENT-ID/m)
    expectMatch(output, /^tools-live\s+tools-times\s+0\s+100\s+100\s+0\s+interop-runner-\S+\s+\/127\.0\.0\.1\s+interop-runner/m)
    expectMatch(await groups("--describe", "--group", group), /^tools-group\s+tools-none-all\s+0\s+200\s+200\s+0\s+-\s+-\s+-/m)
  })
  await cell("consumer-groups --describe --members", async () => {
    expectMatch(await groups("--describe", "--members", "--verbose", "--group", liveGroup), /^tools-live\s+interop-runner-\S+\s+\/127\.0\.0\.1\s+interop-runner\s+1\s+.*tools-times(\(0\)|:0)/m)
  })
  await cell("consumer-groups --describe --state", async () => {
    expectMatch(await groups("--describe", "--state", "--group", liveGroup), /^tools-live\s+127\.0\.0\.1:\d+\s+\(\d+\)\s+RoundRobinAssigner\s+Stable\s+1/m)
  })
  await consumer.disconnect().catch(() => {})
}

async function idleGroupCells(tier: Tier, cell: Cell): Promise<void> {
  const groups = (...args: string[]): Promise<string> => tool("kafka-consumer-groups", tier.broker.bootstrap, args)
  const source = writtenTopic("tools", "none", "all")
  const at = async (): Promise<number | undefined> => (await tier.committedOffsets(group, source)).get(0)
  await cell("consumer-groups --reset-offsets --dry-run", async () => {
    expectMatch(await groups("--reset-offsets", "--group", group, "--topic", source, "--to-earliest", "--dry-run"), /^tools-group\s+tools-none-all\s+0\s+0/m)
    expectEqual("the committed offset after a dry run", await at(), recordCount)
  })
  await cell("consumer-groups --reset-offsets --execute", async () => {
    expectMatch(await groups("--reset-offsets", "--group", group, "--topic", source, "--to-offset", "10", "--execute"), /^tools-group\s+tools-none-all\s+0\s+10/m)
    expectEqual("the committed offset", await at(), 10)
  })
  await cell("consumer-groups --delete-offsets", async () => {
    expectMatch(await groups("--delete-offsets", "--group", group, "--topic", source), /^tools-none-all\s+0\s+Successful/m)
    expectEqual("the committed offset", await at(), -1)
  })
  await cell("consumer-groups --delete", async () => {
    expectMatch(await groups("--delete", "--group", liveGroup), /Deletion of requested consumer groups .* was successful\./)
    if (/^tools-live$/m.test(await groups("--list"))) throw new Error("the group is still listed")
  })
}
