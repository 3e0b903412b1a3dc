import type { InputOf } from "../codec.ts"
import { batch } from "../batches.ts"
import type { Peer } from "../Peer.ts"
import type { Scenario } from "../Scenario.ts"

type Input = InputOf<"Fetch">

/** Incremental fetches (KIP-227). */
export const fetchSessions: Scenario = {
  name: "fetch sessions",
  async run(peer) {
    for (const version of peer.versions("Fetch", 7)) await session(peer, version)
  }
}

async function session(peer: Peer, version: number): Promise<void> {
  const name = `sessions-${version}`
  const topicId = await peer.topic(name, 3)
  const partition = (index: number, more: object = {}) => ({ partition: index, fetchOffset: 0, partitionMaxBytes: 100_000, ...more })
  const ask = (label: string, sessionId: number, sessionEpoch: number, partitions: ReadonlyArray<ReturnType<typeof partition>>, forgotten: ReadonlyArray<number> = [], more: Partial<Input> = {}) =>
    peer.ask(label, "Fetch", version, {
      maxWaitMs: 0, minBytes: 0, sessionId, sessionEpoch, topics: partitions.length === 0 ? [] : [{ topic: name, topicId, partitions }],
      forgottenTopicsData: forgotten.length === 0 ? [] : [{ topic: name, topicId, partitions: forgotten }], ...more
    })
  const produce = (index: number) => peer.quietly("Produce", { acks: -1, timeoutMs: 5_000, topicData: [{ name, topicId, partitionData: [{ index, records: batch() }] }] }, 12)
  await ask("no session", 0, -1, [partition(0)])
  await ask("an id with the last epoch", 12345, -1, [partition(0)])
  await ask("unknown id", 12345, 1, [partition(0)])
  await ask("unknown id, first epoch", 12345, 0, [partition(0)])
  await ask("id 0 with an epoch", 0, 1, [partition(0)])
  await ask("negative id", -5, 0, [partition(0)])
  await ask("negative epoch", 0, -2, [partition(0)])
  await ask("a session of nothing", 0, 0, [])
  const made = await ask("new", 0, 0, [partition(0), partition(1)])
  const id = made?.sessionId ?? 0
  await ask("nothing new", id, 1, [])
  await produce(0)
  await ask("one has records", id, 2, [])
  await ask("moved on", id, 3, [partition(0, { fetchOffset: 1 })])
  await ask("nothing again", id, 4, [])
  await ask("one more partition", id, 5, [partition(2)])
  await produce(2)
  await ask("one is forgotten, another has records", id, 6, [], [2])
  await ask("it was forgotten", id, 7, [])
  await ask("wrong epoch", id, 20, [])
  await ask("epoch again", id, 7, [])
  await ask("goes on", id, 8, [partition(9)])
  await ask("an error is told again", id, 9, [])
  await ask("out of range", id, 10, [partition(1, { fetchOffset: 50 })])
  await ask("still out of range", id, 11, [])
  await ask("wrong leader epoch", id, 12, [partition(1, { fetchOffset: 0, currentLeaderEpoch: 5 })])
  await ask("forgets what it has not", id, 13, [], [17])
  await ask("unknown topic", id, 14, [], [], { topics: [{ topic: "sessions-none", topicId: "BBBBBBBBBBBBBBBBBBBBBA", partitions: [partition(0)] }] })
  await ask("unknown topic is told again", id, 15, [])
  await ask("forgets and adds", id, 16, [partition(0, { fetchOffset: 0 })], [0])
  await ask("after it", id, 17, [])
  await ask("closed", id, -1, [])
  await ask("it is closed", id, 18, [])
  const second = await ask("new with one out of range", 0, 0, [partition(0, { fetchOffset: 50 }), partition(1)])
  await ask("out of range again", second?.sessionId ?? 0, 1, [])
  await ask("replaced by a new one", second?.sessionId ?? 0, 0, [partition(1)])
  await ask("the old one is gone", second?.sessionId ?? 0, 2, [])
  await ask("closed with partitions", second?.sessionId ?? 0, -1, [partition(0)])
}
