import type { Admin, AlterConfig, PartitionResult, Reassignment, ReassignmentUnderWay, TopicPartition } from "@tailrace/client"
import type { Placement } from "./reassignmentPlan.ts"

/** Below what a controller takes in one request. */
const partitionsPerRequestMax = 1_000

/** Begins, or with null for replicas ends, moves of partitions, in as many requests as it takes. */
export const alterReassignments = async (admin: Admin, changes: ReadonlyArray<Reassignment>): Promise<ReadonlyArray<PartitionResult>> => {
  const results: Array<PartitionResult> = []
  for (let start = 0; start < changes.length; start += partitionsPerRequestMax) {
    results.push(...await admin.alterPartitionReassignments(changes.slice(start, start + partitionsPerRequestMax)))
  }
  return results
}

export const nameOf = ({ partition, topic }: TopicPartition): string => `${topic}-${partition}`

/** Where partitions are when the moves that are under way have ended. */
export const targetsOf = (partitions: ReadonlyArray<Placement>, underWay: ReadonlyArray<ReassignmentUnderWay>): ReadonlyArray<Placement> => {
  const removing = new Map(underWay.map((it) => [nameOf(it), it.removing]))
  return partitions.map(({ partition, replicas, topic }) => {
    const going = removing.get(nameOf({ topic, partition })) ?? []
    return { topic, partition, replicas: replicas.filter((id) => !going.includes(id)) }
  })
}

const rateKeys = ["leader.replication.throttled.rate", "follower.replication.throttled.rate"] as const
const replicaKeys = ["leader.replication.throttled.replicas", "follower.replication.throttled.replicas"] as const

/**
 * The settings by which Kafka throttles moves: for every node a rate, for every topic which replicas it goes for: those that
 * give, towards the ones that take.
 */
export const throttleSettings = (
  moves: ReadonlyArray<{ readonly from: Placement; readonly to: Placement }>, bytesPerSecond: number
): ReadonlyArray<AlterConfig> => {
  const nodes = new Set(moves.flatMap(({ from, to }) => [...from.replicas, ...to.replicas]))
  const ofTopic = [...Map.groupBy(moves, ({ to }) => to.topic)].map(([name, group]): AlterConfig => {
    const list = (choose: (move: { readonly from: Placement; readonly to: Placement }) => ReadonlyArray<number>): string =>
      group.flatMap((move) => choose(move).map((id) => `${move.to.partition}:${id}`)).join(",")
    return { type: "topic", name, operations: [
      { name: replicaKeys[0], operation: "set", value: list(({ from }) => from.replicas) },
      { name: replicaKeys[1], operation: "set", value: list(({ from, to }) => to.replicas.filter((id) => !from.replicas.includes(id))) }
    ] }
  })
  const ofNode = [...nodes].toSorted((a, b) => a - b).map((id): AlterConfig =>
    ({ type: "broker", name: String(id), operations: rateKeys.map((name) => ({ name, operation: "set", value: String(bytesPerSecond) })) }))
  return [...ofNode, ...ofTopic]
}

/** Takes the throttle back, whether or not there was one. */
export const noThrottle = (nodeIds: ReadonlyArray<number>, topics: ReadonlyArray<string>): ReadonlyArray<AlterConfig> => [
  ...nodeIds.map((id): AlterConfig => ({ type: "broker", name: String(id), operations: rateKeys.map((name) => ({ name, operation: "delete" })) })),
  ...topics.map((name): AlterConfig => ({ type: "topic", name, operations: replicaKeys.map((key) => ({ name: key, operation: "delete" })) }))
]

/** Makes all changes, and throws the first refusal. */
export const applySettings = async (admin: Admin, changes: ReadonlyArray<AlterConfig>): Promise<void> => {
  for (const { error } of await admin.incrementalAlterConfigs(changes)) if (error !== undefined) throw error
}
