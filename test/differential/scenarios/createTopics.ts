import type { InputOf } from "../codec.ts"
import type { Peer } from "../Peer.ts"
import type { Scenario } from "../Scenario.ts"

type Topic = InputOf<"CreateTopics">["topics"][number]

/** CreateTopics and CreatePartitions, what is wrong with them, and what they answer of a topic that is only validated. */
export const createTopics: Scenario = {
  name: "create topics",
  async run(peer) {
    await peer.topic("created", 2)
    await peer.topic("created.with.dots", 1)
    await wrongTopics(peer)
    for (const version of peer.versions("CreateTopics")) {
      await peer.ask("good", "CreateTopics", version, { topics: [topic(`created-good-${version}`)], timeoutMs: 10_000, validateOnly: false })
      await peer.ask("good with an assignment", "CreateTopics", version, { topics: [topic(`created-assigned-${version}`, { numPartitions: -1, replicationFactor: -1, assignments: [{ partitionIndex: 0, brokerIds: [1] }, { partitionIndex: 1, brokerIds: [1] }] })], timeoutMs: 10_000, validateOnly: false })
      await peer.ask("good with defaults", "CreateTopics", version, { topics: [topic(`created-default-${version}`, { numPartitions: -1, replicationFactor: -1 })], timeoutMs: 10_000, validateOnly: false })
      await peer.ask("good with configs", "CreateTopics", version, { topics: [topic(`created-configs-${version}`, { configs: [{ name: "retention.ms", value: "1000" }, { name: "segment.bytes", value: "2000000" }] })], timeoutMs: 10_000, validateOnly: false })
    }
    await partitions(peer)
  }
}

const topic = (name: string, change: Partial<Topic> = {}): Topic => ({ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [], ...change })
const assigned = (...brokerIds: ReadonlyArray<ReadonlyArray<number>>) => ({ numPartitions: -1, replicationFactor: -1, assignments: brokerIds.map((each, partitionIndex) => ({ partitionIndex, brokerIds: each })) })
const config = (name: string, value: string | null) => ({ configs: [{ name, value }] })

async function wrongTopics(peer: Peer): Promise<void> {
  const ask = async (label: string, topics: ReadonlyArray<Topic>, timeoutMs = 10_000): Promise<void> => {
    await peer.askAll(label, "CreateTopics", (version) => ({ topics: version === 0 ? [] : topics, timeoutMs, validateOnly: version > 0 }))
  }
  for (const name of ["created", "", ".", "..", "a b", "ü", "x".repeat(249), "x".repeat(250), "created_with_dots", "__consumer_offsets", "__cluster_metadata", "__x", "a/b"]) await ask(`name "${name.slice(0, 20)}"${name.length}`, [topic(name)])
  for (const numPartitions of [0, -1, -2, 100, 10_001, 2147483647]) await ask(`${numPartitions} partitions`, [topic("created-n", { numPartitions })])
  for (const replicationFactor of [0, -1, -2, 2, 32767]) await ask(`factor ${replicationFactor}`, [topic("created-r", { replicationFactor })])
  await ask("assignment", [topic("created-a", assigned([1], [1]))])
  await ask("assignment and partitions", [topic("created-a", { ...assigned([1]), numPartitions: 1 })])
  await ask("assignment and factor", [topic("created-a", { ...assigned([1]), replicationFactor: 1 })])
  for (const ids of [[], [7], [1, 1], [-1], [1, 7]]) await ask(`assignment of ${ids.join("+")}`, [topic("created-a", assigned(ids))])
  await ask("assignments of unequal length", [topic("created-a", assigned([1], []))])
  await ask("assignment of 1 alone", [topic("created-a", { ...assigned(), assignments: [{ partitionIndex: 1, brokerIds: [1] }] })])
  await ask("assignment twice", [topic("created-a", { ...assigned(), assignments: [{ partitionIndex: 0, brokerIds: [1] }, { partitionIndex: 0, brokerIds: [1] }] })])
  await ask("assignment of -1", [topic("created-a", { ...assigned(), assignments: [{ partitionIndex: -1, brokerIds: [1] }] })])
  for (const [name, value] of [["nonsense", "1"], ["retention.ms", "x"], ["retention.ms", "-2"], ["retention.ms", "-1"], ["retention.ms", null], ["retention.ms", ""], ["retention.ms", " 5 "], ["cleanup.policy", "nonsense"], ["cleanup.policy", ""], ["cleanup.policy", "delete,delete"],
    ["compression.type", "x"], ["compression.type", "ZSTD"], ["min.insync.replicas", "0"], ["segment.bytes", "1"], ["max.message.bytes", "-1"], ["", "1"], ["message.format.version", "3.0"], ["message.timestamp.type", "logappendtime"],
    ["retention.bytes", "-1"], ["unclean.leader.election.enable", "yes"], ["unclean.leader.election.enable", "TRUE"], ["leader.replication.throttled.replicas", "x"], ["leader.replication.throttled.replicas", "*"], ["segment.ms", "99999999999999999999"], ["flush.ms", "1.5"],
    ["remote.storage.enable", "false"], ["local.retention.ms", "-2"], ["index.interval.bytes", "-1"], ["min.cleanable.dirty.ratio", "1.1"], ["preallocate", "0"]] as const) {
    await ask(`config ${name}=${String(value)}`, [topic("created-c", config(name, value))])
  }
  await ask("config twice", [topic("created-c", { configs: [{ name: "retention.ms", value: "1" }, { name: "retention.ms", value: "2" }] })])
  await ask("twice", [topic("created-t"), topic("created-t")])
  await ask("twice and another", [topic("created-t"), topic("created-u"), topic("created-t")])
  await ask("good and wrong", [topic("created-g"), topic("a b"), topic("created")])
  await ask("none", [])
  for (const timeoutMs of [0, -1]) await ask(`timeout ${timeoutMs}`, [topic("created-o")], timeoutMs)
  await ask("all that a topic shows", [topic("created-s", config("retention.ms", "1000"))])
}

async function partitions(peer: Peer): Promise<void> {
  const ask = (label: string, topics: InputOf<"CreatePartitions">["topics"], validateOnly = true) => peer.askAll(label, "CreatePartitions", { topics, timeoutMs: 10_000, validateOnly })
  for (const count of [3, 2, 1, 0, -1, 10_002, 2147483647]) await ask(`to ${count}`, [{ name: "created", count, assignments: null }])
  for (const name of ["created-none", "", "a b", "__consumer_offsets"]) await ask(`of "${name}"`, [{ name, count: 5, assignments: null }])
  for (const assignments of [[[1]], [[1], [1]], [[]], [[7]], [[1, 1]], [[1, 7]], []]) await ask(`with ${JSON.stringify(assignments)}`, [{ name: "created", count: 3, assignments: assignments.map((brokerIds) => ({ brokerIds })) }])
  await ask("twice", [{ name: "created", count: 3, assignments: null }, { name: "created", count: 4, assignments: null }])
  await ask("good and unknown", [{ name: "created", count: 3, assignments: null }, { name: "created-none", count: 3, assignments: null }])
  await ask("none", [])
  for (const [index, version] of peer.versions("CreatePartitions").entries()) {
    await peer.ask("really", "CreatePartitions", version, { topics: [{ name: "created", count: 3 + index, assignments: null }], timeoutMs: 10_000, validateOnly: false })
    await peer.served("created", 3 + index)
  }
}
