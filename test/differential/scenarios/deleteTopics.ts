import { zeroUuid } from "@tailrace/kafka-protocol"
import type { InputOf } from "../codec.ts"
import { batch } from "../batches.ts"
import type { Peer } from "../Peer.ts"
import type { Scenario } from "../Scenario.ts"

const unknownId = "BBBBBBBBBBBBBBBBBBBBBA"

/** DeleteTopics by name and by id, and what is left of a topic that is gone. */
export const deleteTopics: Scenario = {
  name: "delete topics",
  when: "last",
  async run(peer) {
    for (const version of peer.versions("DeleteTopics")) {
      const name = `deleted-${version}`
      await peer.topic(name, 1)
      const ask = (label: string, names: ReadonlyArray<string>, timeoutMs = 10_000) =>
        peer.ask(label, "DeleteTopics", version, version < 6 ? { topicNames: names, timeoutMs } : { topics: names.map((each) => ({ name: each, topicId: zeroUuid })), timeoutMs })
      for (const each of ["deleted-none", "", "a b", "x".repeat(250)]) await ask(`"${each.slice(0, 12)}"`, [each])
      await ask("unknown twice", ["deleted-none", "deleted-none"])
      await ask("none", [])
      await ask("good", [name])
      await ask("again", [name])
      await peer.topic(`${name}-twice`, 1)
      await ask("twice", [`${name}-twice`, `${name}-twice`])
      await ask("timeout 0", [`${name}-none`], 0)
      await ask("timeout -1", [`${name}-none`], -1)
    }
    for (const version of peer.versions("DeleteTopics", 6)) await byId(peer, version)
    await gone(peer)
    for (const version of [4, 11, 12, 17]) await awaited(peer, version)
  }
}

/** One that is deleted while a fetch waits for it beside another. */
async function awaited(peer: Peer, version: number): Promise<void> {
  const [stays, goes] = [`deleted-stays-${version}`, `deleted-goes-${version}`]
  const empty = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000 }]
  const topics = [{ topic: stays, topicId: await peer.topic(stays, 1), partitions: empty }, { topic: goes, topicId: await peer.topic(goes, 1), partitions: empty }]
  const answer = peer.ask("deleted meanwhile", "Fetch", version, { maxWaitMs: 3_500, minBytes: 1, topics }, { on: "waiting" })
  await peer.quietly("DeleteTopics", { topicNames: [goes], timeoutMs: 5_000 }, 5)
  await answer
}

async function byId(peer: Peer, version: number): Promise<void> {
  const topicId = await peer.topic("deleted-by-id", 1)
  const ask = (label: string, topics: InputOf<"DeleteTopics">["topics"]) => peer.ask(label, "DeleteTopics", version, { topics, timeoutMs: 10_000 })
  await ask("unknown id", [{ name: null, topicId: unknownId }])
  await ask("zero id", [{ name: null, topicId: zeroUuid }])
  await ask("name and id", [{ name: "deleted-by-id", topicId }])
  await ask("unknown name and id", [{ name: "deleted-none", topicId: unknownId }])
  await ask("id twice", [{ name: null, topicId }, { name: null, topicId }])
  await ask("id and its name", [{ name: null, topicId }, { name: "deleted-by-id", topicId: zeroUuid }])
  await ask("unknown and good", [{ name: null, topicId: unknownId }, { name: null, topicId }])
  await ask("id again", [{ name: null, topicId }])
}

async function gone(peer: Peer): Promise<void> {
  const name = "deleted-gone"
  const topicId = await peer.topic(name, 1)
  const { producerId } = await peer.quietly("InitProducerId", { transactionalId: null, transactionTimeoutMs: 60_000 })
  const produce = (label: string, version: number, id: string, baseSequence: number) => peer.ask(label, "Produce", version, {
    acks: -1, timeoutMs: 5_000, topicData: [{ name, topicId: id, partitionData: [{ index: 0, records: batch({ producerId, producerEpoch: 0, baseSequence }) }] }]
  })
  const commit = { groupId: "deleted-group", generationIdOrMemberEpoch: -1, memberId: "", topics: [{ name, partitions: [{ partitionIndex: 0, committedOffset: 7, committedMetadata: "" }] }] }
  await produce("before", 13, topicId, 0)
  await peer.ask("before", "OffsetCommit", 8, commit)
  await peer.quietly("DeleteTopics", { topics: [{ name, topicId: zeroUuid }], timeoutMs: 10_000 })
  await peer.until("Metadata", { topics: [{ name }], allowAutoTopicCreation: false }, (answer) => answer.topics[0]?.errorCode === 3)
  for (const version of [3, 12, 13]) await produce("gone", version, topicId, 1)
  for (const version of [4, 12, 13, 17]) await peer.ask("gone", "Fetch", version, { maxWaitMs: 0, minBytes: 0, topics: [{ topic: name, topicId, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000 }] }] })
  await peer.ask("gone", "OffsetCommit", 8, commit)
  await peer.until("OffsetFetch", { groups: [{ groupId: "deleted-group", topics: [{ name, partitionIndexes: [0] }] }], requireStable: false }, (answer) => answer.groups[0]?.topics[0]?.partitions[0]?.committedOffset === -1, 9)
  const newId = await peer.topic(name, 1)
  await produce("made anew, with the old id", 13, topicId, 1)
  await produce("made anew, in sequence", 13, newId, 1)
  await produce("made anew", 12, newId, 0)
  for (const version of [12, 13]) await peer.ask("made anew, with the old id", "Fetch", version, { maxWaitMs: 0, minBytes: 0, topics: [{ topic: name, topicId, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000 }] }] })
  await peer.ask("made anew", "OffsetFetch", 7, { groupId: "deleted-group", topics: null })
}
