import type { InputOf } from "../codec.ts"
import type { Peer } from "../Peer.ts"
import type { Scenario } from "../Scenario.ts"

const topicType = 2
const brokerType = 4
const loggerType = 8

/** DescribeConfigs, AlterConfigs and IncrementalAlterConfigs. */
export const configs: Scenario = {
  name: "configs",
  // It changes what counts for all topics for a while.
  when: "last",
  async run(peer) {
    await peer.topic("configs", 1, { "retention.ms": "1000", "segment.ms": "5000" })
    await described(peer)
    await incremental(peer)
    await replaced(peer)
  }
}

async function described(peer: Peer): Promise<void> {
  const ask = (label: string, resourceType: number, resourceName: string, configurationKeys: ReadonlyArray<string> | null = null) =>
    peer.askAll(label, "DescribeConfigs", { resources: [{ resourceType, resourceName, configurationKeys }] })
  await ask("topic", topicType, "configs")
  await peer.ask("topic with all", "DescribeConfigs", peer.newest("DescribeConfigs"), { resources: [{ resourceType: topicType, resourceName: "configs", configurationKeys: null }], includeSynonyms: true, includeDocumentation: true })
  for (const version of peer.versions("DescribeConfigs", 1)) await peer.ask("topic with synonyms", "DescribeConfigs", version, { resources: [{ resourceType: topicType, resourceName: "configs", configurationKeys: null }], includeSynonyms: true })
  await peer.ask("broker with synonyms", "DescribeConfigs", peer.newest("DescribeConfigs"), { resources: [{ resourceType: brokerType, resourceName: "1", configurationKeys: null }], includeSynonyms: true, includeDocumentation: true })
  await ask("broker", brokerType, "1")
  await ask("one key", topicType, "configs", ["retention.ms"])
  await ask("keys", topicType, "configs", ["retention.ms", "nonsense", "segment.ms", "retention.ms", ""])
  await ask("no keys", topicType, "configs", [])
  for (const name of ["configs-none", "", "a b", "__consumer_offsets"]) await ask(`topic "${name}"`, topicType, name, ["retention.ms", "cleanup.policy"])
  for (const name of ["", "2", "x", "-1", "01", "1 "]) await ask(`broker "${name}"`, brokerType, name, ["num.partitions", "log.retention.ms", "log.retention.hours", "nonsense"])
  for (const type of [0, 1, 3, 5, 6, 7, 64, -1, 127]) await ask(`type ${type}`, type, "configs", ["nonsense"])
  await ask("group", 32, "a-group", ["nonsense"])
  await ask("client metrics", 16, "a-subscription", ["nonsense"])
  await ask("logger", loggerType, "1", ["nonsense"])
  await ask("logger of another", loggerType, "2", [])
  await peer.askAll("twice", "DescribeConfigs", { resources: [{ resourceType: topicType, resourceName: "configs", configurationKeys: [] }, { resourceType: topicType, resourceName: "configs", configurationKeys: ["retention.ms"] }] })
  await peer.askAll("several", "DescribeConfigs", { resources: [{ resourceType: topicType, resourceName: "configs-none", configurationKeys: [] }, { resourceType: brokerType, resourceName: "1", configurationKeys: ["num.partitions"] }, { resourceType: topicType, resourceName: "configs", configurationKeys: ["segment.ms"] }] })
  await peer.askAll("none", "DescribeConfigs", { resources: [] })
}

type Change = readonly [name: string, operation: number, value: string | null]

async function incremental(peer: Peer): Promise<void> {
  const ask = (label: string, changes: ReadonlyArray<Change>, resourceType = topicType, resourceName = "configs", validateOnly = true) => peer.askAll(label, "IncrementalAlterConfigs", {
    resources: [{ resourceType, resourceName, configs: changes.map(([name, configOperation, value]) => ({ name, configOperation, value })) }], validateOnly
  })
  const wrong: ReadonlyArray<readonly [string, ReadonlyArray<Change>]> = [
    ["set", [["retention.ms", 0, "5"]]], ["set to nonsense", [["retention.ms", 0, "x"]]], ["set to null", [["retention.ms", 0, null]]], ["set unknown", [["nonsense", 0, "1"]]], ["delete unknown", [["nonsense", 1, null]]], ["delete", [["retention.ms", 1, null]]],
    ["delete with a value", [["retention.ms", 1, "7"]]], ["delete what is not set", [["flush.ms", 1, null]]], ["append to a list", [["cleanup.policy", 2, "delete"]]], ["append what is there", [["cleanup.policy", 2, "delete"]]], ["append nonsense", [["cleanup.policy", 2, "x"]]], ["append to a number", [["retention.ms", 2, "5"]]],
    ["subtract", [["cleanup.policy", 3, "compact"]]], ["subtract all", [["cleanup.policy", 3, "delete"]]], ["subtract from a number", [["retention.ms", 3, "5"]]], ["append null", [["cleanup.policy", 2, null]]], ["operation 4", [["retention.ms", 4, "5"]]], ["operation -1", [["retention.ms", -1, "5"]]],
    ["key twice", [["retention.ms", 0, "5"], ["retention.ms", 0, "6"]]], ["key set and deleted", [["retention.ms", 0, "5"], ["retention.ms", 1, null]]], ["good and wrong", [["retention.ms", 0, "5"], ["segment.ms", 0, "x"]]], ["nothing", []], ["empty key", [["", 0, "1"]]],
    ["throttled replicas append", [["leader.replication.throttled.replicas", 2, "0:1"]]], ["out of range", [["min.insync.replicas", 0, "0"]]], ["boolean", [["preallocate", 0, "maybe"]]]
  ]
  for (const [label, changes] of wrong) await ask(label, changes)
  for (const name of ["configs-none", "", "a b"]) await ask(`topic "${name}"`, [["retention.ms", 0, "5"]], topicType, name)
  for (const name of ["", "1", "2", "x"]) {
    await ask(`broker "${name}"`, [["log.retention.ms", 0, "86400000"]], brokerType, name)
    await ask(`broker "${name}" unknown key`, [["nonsense.key", 0, "1"]], brokerType, name)
    await ask(`broker "${name}" read-only key`, [["num.partitions", 0, "5"]], brokerType, name)
    await ask(`broker "${name}" wrong value`, [["log.retention.ms", 0, "x"]], brokerType, name)
    await ask(`broker "${name}" delete`, [["log.retention.ms", 1, null]], brokerType, name)
  }
  for (const type of [0, 1, 3, 16, 32, 64]) await ask(`type ${type}`, [["x", 0, "1"]], type, "configs")
  await peer.askAll("twice", "IncrementalAlterConfigs", { resources: [1, 2].map((value) => ({ resourceType: topicType, resourceName: "configs", configs: [{ name: "retention.ms", configOperation: 0, value: String(value) }] })), validateOnly: true })
  await peer.askAll("none", "IncrementalAlterConfigs", { resources: [], validateOnly: false })
  await ask("really set", [["retention.ms", 0, "77777"], ["flush.ms", 0, "5"]], topicType, "configs", false)
  await shown(peer, "set", "77777")
  await ask("really deleted", [["retention.ms", 1, null]], topicType, "configs", false)
  await shown(peer, "deleted", "604800000")
  await ask("really set of the broker", [["log.retention.ms", 0, "86400000"]], brokerType, "1", false)
  await ask("really set of all brokers", [["log.retention.ms", 0, "96400000"]], brokerType, "", false)
  await peer.until("DescribeConfigs", { resources: [{ resourceType: topicType, resourceName: "configs", configurationKeys: ["retention.ms"] }] }, (answer) => answer.results[0]?.configs[0]?.value === "86400000")
  const resources = [{ resourceType: topicType, resourceName: "configs", configurationKeys: ["retention.ms"] }, { resourceType: brokerType, resourceName: "1", configurationKeys: ["log.retention.ms"] }, { resourceType: brokerType, resourceName: "", configurationKeys: null }]
  await peer.ask("dynamic values", "DescribeConfigs", 4, { resources, includeSynonyms: true })
  await ask("broker's deleted", [["log.retention.ms", 1, null]], brokerType, "1", false)
  await ask("all brokers' deleted", [["log.retention.ms", 1, null]], brokerType, "", false)
}

async function shown(peer: Peer, label: string, value: string): Promise<void> {
  const input: InputOf<"DescribeConfigs"> = { resources: [{ resourceType: topicType, resourceName: "configs", configurationKeys: ["retention.ms", "flush.ms", "segment.ms"] }], includeSynonyms: true }
  await peer.until("DescribeConfigs", input, (answer) => answer.results[0]?.configs.find(({ name }) => name === "retention.ms")?.value === value)
  await peer.ask(label, "DescribeConfigs", 4, input)
}

async function replaced(peer: Peer): Promise<void> {
  const ask = (label: string, values: Readonly<Record<string, string | null>>, resourceType = topicType, resourceName = "configs", validateOnly = true) => peer.askAll(label, "AlterConfigs", {
    resources: [{ resourceType, resourceName, configs: Object.entries(values).map(([name, value]) => ({ name, value })) }], validateOnly
  })
  await ask("good", { "retention.ms": "5" })
  await ask("nothing", {})
  await ask("unknown", { nonsense: "1" })
  await ask("wrong", { "retention.ms": "x" })
  await ask("null", { "retention.ms": null })
  for (const name of ["configs-none", "", "a b"]) await ask(`topic "${name}"`, { "retention.ms": "5" }, topicType, name)
  for (const name of ["", "1", "2", "x"]) await ask(`broker "${name}"`, { "log.retention.ms": "86400000" }, brokerType, name)
  await ask('broker "" nothing', {}, brokerType, "")
  await ask('broker "" with min.insync.replicas', { "log.retention.ms": "86400000", "min.insync.replicas": "1" }, brokerType, "")
  for (const type of [0, 1, 8, 16, 32]) await ask(`type ${type}`, {}, type, "1")
  await ask("really", { "retention.ms": "88888" }, topicType, "configs", false)
  await shown(peer, "replaced", "88888")
}
