import type { InputOf } from "../codec.ts"
import { batch } from "../batches.ts"
import type { Peer } from "../Peer.ts"
import type { Scenario } from "../Scenario.ts"

type Input = InputOf<"Fetch">
type Topics = Input["topics"]

const unknownId = "BBBBBBBBBBBBBBBBBBBBBA"

/** Fetch without sessions: offsets, epochs, limits, targets. */
export const fetch: Scenario = {
  name: "fetch",
  async run(peer) {
    const topicId = await peer.topic("fetch", 2)
    const records = Buffer.concat([batch({ records: [{ value: "a" }, { value: "b" }] }), batch({ records: [{ value: "c" }] })])
    for (let round = 0; round < 3; round++) {
      await peer.quietly("Produce", { acks: -1, timeoutMs: 5_000, topicData: [{ name: "fetch", topicId, partitionData: [{ index: 0, records: round === 1 ? records : batch() }] }] }, 12)
    }
    await peer.quietly("DeleteRecords", { topics: [{ name: "fetch", partitions: [{ partitionIndex: 0, offset: 1 }] }], timeoutMs: 5_000 })
    const base = { maxWaitMs: 0, minBytes: 0 }
    const topics = (partition: object = {}, index = 0): Topics => [{ topic: "fetch", topicId, partitions: [{ partition: index, fetchOffset: 1, partitionMaxBytes: 1_000_000, ...partition }] }]
    const ask = (label: string, input: Partial<Input> & { readonly topics: Topics }) => peer.askAll(label, "Fetch", { ...base, ...input })
    for (const fetchOffset of [0, 1, 2, 4, 5, 6, 100, -1, -2, -3]) await ask(`offset ${fetchOffset}`, { topics: topics({ fetchOffset }) })
    for (const currentLeaderEpoch of [-1, 0, 1, -2, 100]) await ask(`leader epoch ${currentLeaderEpoch}`, { topics: topics({ currentLeaderEpoch }) })
    for (const lastFetchedEpoch of [-1, 0, 1, -2]) await ask(`last fetched epoch ${lastFetchedEpoch}`, { topics: topics({ lastFetchedEpoch }) })
    for (const partitionMaxBytes of [0, 1, 69, 100, 200, -1, 2147483647]) await ask(`partition bytes ${partitionMaxBytes}`, { topics: topics({ partitionMaxBytes }) })
    for (const maxBytes of [0, 1, 100, 200, -1]) await ask(`bytes ${maxBytes}`, { topics: topics(), maxBytes })
    for (const [minBytes, maxWaitMs] of [[1, 50], [-1, 0], [1_000_000, 30], [2147483647, 0], [1, -1]] as const) await ask(`at least ${minBytes} within ${maxWaitMs}`, { topics: topics(), minBytes, maxWaitMs })
    for (const isolationLevel of [1, 2, -1]) await ask(`isolation ${isolationLevel}`, { topics: topics(), isolationLevel })
    for (const logStartOffset of [0, 5, -2]) await ask(`log start ${logStartOffset}`, { topics: topics({ logStartOffset }) })
    await ask("empty partition", { topics: topics({ fetchOffset: 0 }, 1) })
    await ask("unknown partition", { topics: topics({}, 7) })
    await ask("negative partition", { topics: topics({}, -1) })
    await ask("unknown topic", { topics: [{ topic: "fetch-none", topicId: unknownId, partitions: topics()[0]!.partitions }] })
    await ask("empty topic", { topics: [{ topic: "", partitions: topics()[0]!.partitions }] })
    await ask("no partitions", { topics: [{ topic: "fetch", topicId, partitions: [] }] })
    await ask("no topics", { topics: [] })
    await ask("partition twice", { topics: [{ topic: "fetch", topicId, partitions: [...topics()[0]!.partitions, ...topics({ fetchOffset: 4 })[0]!.partitions] }] })
    await ask("topic twice", { topics: [...topics(), ...topics({ fetchOffset: 0 }, 1)] })
    await ask("both partitions", { topics: [{ topic: "fetch", topicId, partitions: [...topics({}, 1)[0]!.partitions, ...topics()[0]!.partitions] }] })
    await ask("good and unknown", { topics: [...topics(), { topic: "fetch-none", topicId: unknownId, partitions: topics()[0]!.partitions }] })
    await ask("good and out of range", { topics: [{ topic: "fetch", topicId, partitions: [...topics({ fetchOffset: 99 }, 1)[0]!.partitions, ...topics()[0]!.partitions] }] })
    await ask("rack", { topics: topics(), rackId: "somewhere" })
    await ask("forgotten without a session", { topics: topics(), forgottenTopicsData: [{ topic: "fetch", topicId, partitions: [0] }] })
    await ask("cluster id", { topics: topics(), clusterId: "another" })
    await followers(peer, base, topics())
  }
}

async function followers(peer: Peer, base: { maxWaitMs: number; minBytes: number }, topics: Topics): Promise<void> {
  for (const replicaId of [-2, -3, -10]) {
    await peer.askAll(`replica ${replicaId}`, "Fetch", (version) => ({ ...base, topics, ...(version < 15 ? { replicaId } : { replicaState: { replicaId, replicaEpoch: -1 } }) }))
  }
}
