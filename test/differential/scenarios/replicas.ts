import type { InputOf } from "../codec.ts"
import type { Peer } from "../Peer.ts"
import type { Scenario } from "../Scenario.ts"

/** DescribeTopicPartitions, DescribeLogDirs, DescribeQuorum, ElectLeaders and reassignments. */
export const replicas: Scenario = {
  name: "replicas",
  async run(peer) {
    await peer.topic("replicas", 5)
    await peer.topic("replicas-b", 2)
    await pages(peer)
    await logDirs(peer)
    await elections(peer)
    await moves(peer)
    await quorum(peer)
  }
}

async function pages(peer: Peer): Promise<void> {
  const ask = (label: string, names: ReadonlyArray<string>, change: Partial<InputOf<"DescribeTopicPartitions">> = {}) =>
    peer.askAll(label, "DescribeTopicPartitions", { topics: names.map((name) => ({ name })), ...change })
  await ask("one", ["replicas"])
  await ask("two", ["replicas-b", "replicas"])
  await ask("unknown", ["replicas-none", "replicas", "", "a b"])
  await ask("twice", ["replicas", "replicas"])
  for (const responsePartitionLimit of [1, 2, 5, 6, 0, -1, 100_000]) {
    await ask(`limit ${responsePartitionLimit}`, ["replicas", "replicas-b"], { responsePartitionLimit })
    await ask(`limit ${responsePartitionLimit} unknown`, ["replicas", "replicas-a", "replicas-b"], { responsePartitionLimit })
  }
  for (const [topicName, partitionIndex] of [["replicas", 3], ["replicas", 0], ["replicas", 5], ["replicas", 99], ["replicas", -1], ["replicas-b", 1], ["replicas-a", 0], ["replicas-none", 4], ["zzz", 0], ["", 0], ["a", 7]] as const) {
    await ask(`cursor ${topicName} ${partitionIndex}`, ["replicas", "replicas-b"], { cursor: { topicName, partitionIndex } })
    await ask(`cursor ${topicName} ${partitionIndex} limit 2`, ["replicas", "replicas-b"], { cursor: { topicName, partitionIndex }, responsePartitionLimit: 2 })
    await ask(`cursor ${topicName} ${partitionIndex} unknown`, ["replicas-none", "replicas-a"], { cursor: { topicName, partitionIndex } })
  }
}

async function logDirs(peer: Peer): Promise<void> {
  const ask = (label: string, topics: InputOf<"DescribeLogDirs">["topics"]) => peer.askAll(label, "DescribeLogDirs", { topics })
  await ask("some", [{ topic: "replicas", partitions: [0, 3] }])
  await ask("unknown", [{ topic: "replicas", partitions: [9, -1] }, { topic: "replicas-none", partitions: [0] }])
  await ask("none", [])
  await ask("no partitions", [{ topic: "replicas", partitions: [] }])
  await ask("twice", [{ topic: "replicas-b", partitions: [0, 0] }, { topic: "replicas-b", partitions: [1] }])
}

async function elections(peer: Peer): Promise<void> {
  const ask = (label: string, topicPartitions: InputOf<"ElectLeaders">["topicPartitions"], electionType = 0, timeoutMs = 10_000) =>
    peer.askAll(label, "ElectLeaders", (version) => ({ topicPartitions, timeoutMs, ...(version > 0 ? { electionType } : {}) }))
  for (const type of [0, 1, 2, -1]) {
    await ask(`type ${type}`, [{ topic: "replicas", partitions: [0, 1] }], type)
    await ask(`type ${type} unknown`, [{ topic: "replicas", partitions: [9, -1] }, { topic: "replicas-none", partitions: [0] }], type)
  }
  await ask("none", [])
  await ask("no partitions", [{ topic: "replicas", partitions: [] }])
  await ask("twice", [{ topic: "replicas", partitions: [0, 0] }])
  await ask("timeout 0", [{ topic: "replicas", partitions: [0] }], 0, 0)
}

async function moves(peer: Peer): Promise<void> {
  const ask = (label: string, name: string, partitionIndex: number, replicas: ReadonlyArray<number> | null, more: Partial<InputOf<"AlterPartitionReassignments">> = {}) =>
    peer.askAll(label, "AlterPartitionReassignments", { topics: [{ name, partitions: [{ partitionIndex, replicas }] }], timeoutMs: 10_000, ...more })
  await ask("to itself", "replicas", 0, [1])
  await ask("to nobody", "replicas", 0, [])
  await ask("to an unknown broker", "replicas", 0, [7])
  await ask("to two", "replicas", 0, [1, 7])
  await ask("to one twice", "replicas", 0, [1, 1])
  await ask("to -1", "replicas", 0, [-1])
  await ask("cancelled", "replicas", 0, null)
  await ask("unknown partition", "replicas", 9, [1])
  await ask("unknown partition cancelled", "replicas", 9, null)
  await ask("unknown topic", "replicas-none", 0, [1])
  await ask("empty topic", "", 0, [1])
  await ask("no change of the factor", "replicas", 0, [1, 7], { allowReplicationFactorChange: false })
  await peer.askAll("none", "AlterPartitionReassignments", { topics: [] })
  await peer.askAll("partition twice", "AlterPartitionReassignments", { topics: [{ name: "replicas", partitions: [{ partitionIndex: 0, replicas: [1] }, { partitionIndex: 0, replicas: [7] }] }] })
  await peer.askAll("all", "ListPartitionReassignments", { topics: null })
  await peer.askAll("some", "ListPartitionReassignments", { topics: [{ name: "replicas", partitionIndexes: [0, 9] }, { name: "replicas-none", partitionIndexes: [0] }] })
  await peer.askAll("none", "ListPartitionReassignments", { topics: [] })
}

async function quorum(peer: Peer): Promise<void> {
  const ask = (label: string, topics: InputOf<"DescribeQuorum">["topics"]) => peer.askAll(label, "DescribeQuorum", { topics })
  await ask("good", [{ topicName: "__cluster_metadata", partitions: [{ partitionIndex: 0 }] }])
  await ask("unknown partition", [{ topicName: "__cluster_metadata", partitions: [{ partitionIndex: 1 }] }])
  await ask("unknown topic", [{ topicName: "replicas", partitions: [{ partitionIndex: 0 }] }])
  await ask("two partitions", [{ topicName: "__cluster_metadata", partitions: [{ partitionIndex: 0 }, { partitionIndex: 1 }] }])
  await ask("none", [])
  await ask("no partitions", [{ topicName: "__cluster_metadata", partitions: [] }])
  await ask("two topics", [{ topicName: "__cluster_metadata", partitions: [{ partitionIndex: 0 }] }, { topicName: "x", partitions: [{ partitionIndex: 0 }] }])
  for (const brokerId of [7, -1]) await peer.askAll(`of ${brokerId}`, "UnregisterBroker", { brokerId })
  const voter = { voterId: 7, voterDirectoryId: "BBBBBBBBBBBBBBBBBBBBBA" }
  for (const clusterId of [null, "another"]) {
    await peer.askAll(`cluster ${String(clusterId)}`, "AddRaftVoter", { ...voter, clusterId, timeoutMs: 1_000, listeners: [] })
    await peer.askAll(`cluster ${String(clusterId)}`, "RemoveRaftVoter", { ...voter, clusterId })
  }
}
