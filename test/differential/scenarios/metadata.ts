import { zeroUuid } from "@tailrace/kafka-protocol"
import type { Peer } from "../Peer.ts"
import type { Scenario } from "../Scenario.ts"

const unknownId = "BBBBBBBBBBBBBBBBBBBBBA"
const byName = (...names: ReadonlyArray<string | null>) => names.map((name) => ({ name }))

/** Metadata by name, by id, of all and of none, and topics that come into being by it. */
export const metadata: Scenario = {
  name: "metadata",
  when: "first",
  async run(peer) {
    const id = await peer.topic("metadata-one", 3)
    await peer.topic("metadata-two", 1)
    const plain = { allowAutoTopicCreation: false }
    await peer.askAll("all", "Metadata", (version) => ({ ...plain, topics: version === 0 ? [] : null }))
    await peer.askAll("none", "Metadata", { ...plain, topics: [] })
    await peer.askAll("null", "Metadata", { ...plain, topics: null })
    for (const name of ["metadata-one", "metadata-none", "", ".", "..", "a b", "ü", "x".repeat(249), "x".repeat(250), "__consumer_offsets", "__transaction_state"]) {
      await peer.askAll(`"${name.slice(0, 20)}"${name.length}`, "Metadata", { ...plain, topics: byName(name) })
    }
    await peer.askAll("one twice", "Metadata", { ...plain, topics: byName("metadata-one", "metadata-one") })
    await peer.askAll("one and unknown", "Metadata", { ...plain, topics: byName("metadata-none", "metadata-one", "metadata-none2") })
    await byId(peer, id)
    await peer.askAll("operations", "Metadata", { ...plain, topics: byName("metadata-one"), includeTopicAuthorizedOperations: true })
    await peer.askAll("operations of the cluster", "Metadata", { ...plain, topics: byName("metadata-one"), includeClusterAuthorizedOperations: true })
    await peer.askAll("operations of unknown", "Metadata", { ...plain, topics: byName("metadata-none"), includeTopicAuthorizedOperations: true })
    await created(peer)
  }
}

async function byId(peer: Peer, id: string): Promise<void> {
  for (const version of peer.versions("Metadata", 10)) {
    const ask = (label: string, topics: ReadonlyArray<{ name: string | null; topicId: string }>) =>
      peer.ask(label, "Metadata", version, { topics, allowAutoTopicCreation: true })
    await ask("id", [{ name: null, topicId: id }])
    await ask("unknown id", [{ name: null, topicId: unknownId }])
    await ask("zero id", [{ name: null, topicId: zeroUuid }])
    await ask("id and name", [{ name: "metadata-one", topicId: id }])
    await ask("id and another name", [{ name: "metadata-two", topicId: id }])
    await ask("id twice", [{ name: null, topicId: id }, { name: null, topicId: id }])
    await ask("id with empty name", [{ name: "", topicId: id }])
    await ask("id beside a name", [{ name: null, topicId: id }, { name: "metadata-two", topicId: zeroUuid }])
    await ask("name beside an id", [{ name: "metadata-two", topicId: zeroUuid }, { name: null, topicId: id }])
  }
}

async function created(peer: Peer): Promise<void> {
  for (const version of peer.versions("Metadata")) {
    await peer.ask("creates", "Metadata", version, { topics: byName(`metadata-auto-${version}`), allowAutoTopicCreation: true })
    await peer.until("Metadata", { topics: byName(`metadata-auto-${version}`), allowAutoTopicCreation: false }, (answer) => answer.topics[0]?.errorCode === 0)
    await peer.ask("has created", "Metadata", version, { topics: byName(`metadata-auto-${version}`), allowAutoTopicCreation: true })
  }
  // These two exist only where somebody asks for them.
  for (const name of ["__transaction_state", "__share_group_state"]) {
    await peer.ask(`creates ${name}`, "Metadata", 12, { topics: byName(name), allowAutoTopicCreation: true })
    await peer.until("Metadata", { topics: byName(name), allowAutoTopicCreation: false }, (answer) => answer.topics[0]?.errorCode === 0)
    await peer.ask(`has created ${name}`, "Metadata", 12, { topics: byName(name), allowAutoTopicCreation: false })
    await peer.ask(`of ${name}`, "DescribeConfigs", 4, { resources: [{ resourceType: 2, resourceName: name, configurationKeys: null }] })
  }
  for (const name of ["", ".", "bad name", "x".repeat(250), "metadata_auto-0", "metadata.auto-0", "metadata.auto_1"]) {
    await peer.askAll(`creates "${name.slice(0, 20)}"`, "Metadata", { topics: byName(name), allowAutoTopicCreation: true })
  }
}
