import { cachePath } from "./Cache.ts"
import { javaFlags } from "./Clients.ts"
import { runProcess } from "./Processes.ts"

const toolMillisMax = 30_000

/** Kafka's scripts only find a JVM, a class path and one of these. */
const mainClasses = {
  "kafka-topics": "org.apache.kafka.tools.TopicCommand",
  "kafka-configs": "kafka.admin.ConfigCommand",
  "kafka-console-producer": "org.apache.kafka.tools.ConsoleProducer",
  "kafka-console-consumer": "org.apache.kafka.tools.consumer.ConsoleConsumer",
  "kafka-get-offsets": "org.apache.kafka.tools.GetOffsetShell",
  "kafka-delete-records": "org.apache.kafka.tools.DeleteRecordsCommand",
  "kafka-consumer-groups": "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
  "kafka-leader-election": "org.apache.kafka.tools.LeaderElectionCommand",
  "kafka-reassign-partitions": "org.apache.kafka.tools.reassign.ReassignPartitionsCommand",
  "kafka-metadata-quorum": "org.apache.kafka.tools.MetadataQuorumCommand",
  "kafka-log-dirs": "org.apache.kafka.tools.LogDirsCommand"
} as const

/** Runs a tool of Kafka 4.3.1 and answers what it printed; fails with its words when it ends with another code than 0. */
export async function tool(name: keyof typeof mainClasses, bootstrap: string, args: ReadonlyArray<string>, input?: string): Promise<string> {
  const command = [...javaFlags, "-cp", `${cachePath("kafka-4.3.1", "libs")}/*`, mainClasses[name], "--bootstrap-server", bootstrap, ...args]
  const { code, stdout, stderr } = await runProcess("java", command, { timeoutMillis: toolMillisMax, ...(input === undefined ? {} : { input }) })
  if (code === 0) return stdout
  const words = `${stdout}\n${stderr}`.trim().split("\n").slice(0, 6).join(" | ")
  throw new Error(`${name} ${args.join(" ")} ${code === null ? `did not end within ${toolMillisMax} ms` : `ended with ${code}`}: ${words}`)
}

export function expectMatch(output: string, pattern: RegExp): RegExpExecArray {
  const match = pattern.exec(output)
  if (match === null) throw new Error(`expected ${pattern} in: ${output.trim().split("\n").slice(0, 12).join(" | ")}`)
  return match
}

export function expectEqual(what: string, actual: unknown, expected: unknown): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (got !== wanted) throw new Error(`${what}: ${got} instead of ${wanted}`)
}
