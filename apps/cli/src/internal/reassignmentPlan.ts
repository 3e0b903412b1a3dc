import type { TopicPartition } from "@tailrace/client"
import { CommandError } from "../CommandError.ts"
import { ExitCode } from "../ExitCode.ts"

/** A partition and the replicas that it has or is to have. */
export interface Placement extends TopicPartition {
  readonly replicas: ReadonlyArray<number>
}

/** The JSON that kafka-reassign-partitions writes and reads. Data directories are the nodes' own choice. */
export const formatPlan = (placements: ReadonlyArray<Placement>): string => JSON.stringify({
  version: 1,
  partitions: placements.map(({ partition, replicas, topic }) => ({ topic, partition, replicas, log_dirs: replicas.map(() => "any") }))
})

export const readPlanFile = (path: string): ReadonlyArray<Placement> => {
  const placements = listIn(path, "partitions").map((entry) => {
    const { replicas } = entry as { readonly replicas?: unknown }
    if (!Array.isArray(replicas) || replicas.length === 0 || !replicas.every(isNumber)) throw malformed(path, `no list of replicas in ${JSON.stringify(entry)}`)
    return { ...partitionOf(entry, path), replicas: replicas as ReadonlyArray<number> }
  })
  if (placements.length === 0) throw malformed(path, "the partition list is empty")
  const names = placements.map(({ partition, topic }) => `${topic}-${partition}`)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw malformed(path, `${twice} is there twice`)
  return placements
}

/** The file of kafka-leader-election. */
export const readPartitionsFile = (path: string): ReadonlyArray<TopicPartition> => listIn(path, "partitions").map((entry) => partitionOf(entry, path))

/** The file of `--topics-to-move-json-file`. */
export const readTopicsFile = (path: string): ReadonlyArray<string> => listIn(path, "topics").map((entry) => {
  const { topic } = entry as { readonly topic?: unknown }
  if (typeof topic !== "string") throw malformed(path, `no topic in ${JSON.stringify(entry)}`)
  return topic
})

const isNumber = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0

const malformed = (path: string, what: string): CommandError => new CommandError(`${path}: ${what}`, {
  advice: "It has the form of Kafka's tools: `tailrace cluster reassign --generate` prints one.", exitCode: ExitCode.usage
})

const listIn = (path: string, key: "partitions" | "topics"): ReadonlyArray<object> => {
  let value: unknown
  try {
    value = JSON.parse(process.getBuiltinModule("node:fs").readFileSync(path, "utf8"))
  } catch (cause) {
    throw new CommandError(`cannot read ${path}: ${(cause as Error).message}`, { exitCode: ExitCode.usage, cause })
  }
  const list = (value as Record<string, unknown> | null)?.[key]
  if (!Array.isArray(list) || !list.every((entry) => typeof entry === "object" && entry !== null)) throw malformed(path, `no list named ${key}`)
  return list as ReadonlyArray<object>
}

const partitionOf = (entry: object, path: string): TopicPartition => {
  const { partition, topic } = entry as { readonly topic?: unknown; readonly partition?: unknown }
  if (typeof topic !== "string" || !isNumber(partition)) throw malformed(path, `no topic and partition in ${JSON.stringify(entry)}`)
  return { topic, partition: partition as number }
}
