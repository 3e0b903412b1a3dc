import { batch, someDay } from "../batches.ts"
import type { Scenario } from "../Scenario.ts"

/** ListOffsets, OffsetForLeaderEpoch and DeleteRecords. */
export const listOffsets: Scenario = {
  name: "list offsets",
  async run(peer) {
    const topicId = await peer.topic("offsets", 2)
    const records = [batch({ records: [{}, { timestampDelta: 10 }] }), batch({ baseTimestamp: someDay + 50, records: [{}, { timestampDelta: 100 }, { timestampDelta: 20 }] }), batch({ baseTimestamp: someDay + 60, compression: 1, records: [{}, { timestampDelta: 5 }] })]
    for (const each of records) await peer.quietly("Produce", { acks: -1, timeoutMs: 5_000, topicData: [{ name: "offsets", topicId, partitionData: [{ index: 0, records: each }] }] }, 12)
    const topics = (partition: object = {}, name = "offsets") => [{ name, partitions: [{ partitionIndex: 0, timestamp: -1, ...partition }] }]
    const base = { replicaId: -1, isolationLevel: 0 }
    const times = Object.entries({ "-1": -1, "-2": -2, "-3": -3, "-4": -4, "-5": -5, "-6": -6, "-7": -7, "-100": -100, "0": 0, "far future": 4_000_000_000_000 })
    const days = [-1, 0, 1, 10, 11, 55, 66, 149, 150, 151].map((delta) => [`day + ${delta}`, someDay + delta] as const)
    for (const [label, timestamp] of [...times, ...days]) {
      await peer.askAll(`timestamp ${label}`, "ListOffsets", { ...base, topics: topics({ timestamp }) })
      await peer.askAll(`timestamp ${label} empty`, "ListOffsets", { ...base, topics: topics({ timestamp, partitionIndex: 1 }) })
      await peer.askAll(`timestamp ${label} committed`, "ListOffsets", { ...base, isolationLevel: 1, topics: topics({ timestamp }) })
    }
    for (const currentLeaderEpoch of [-1, 0, 1, -2]) {
      for (const timestamp of [-1, -2, -3, 0]) await peer.askAll(`leader epoch ${currentLeaderEpoch} timestamp ${timestamp}`, "ListOffsets", { ...base, topics: topics({ currentLeaderEpoch, timestamp }) })
    }
    for (const replicaId of [-2, -3, 0, 1, 5]) await peer.askAll(`replica ${replicaId}`, "ListOffsets", { ...base, replicaId, topics: topics() })
    for (const isolationLevel of [2, -1]) await peer.askAll(`isolation ${isolationLevel}`, "ListOffsets", { ...base, isolationLevel, topics: topics() })
    for (const name of ["offsets-none", "", "bad name", "__consumer_offsets"]) await peer.askAll(`topic "${name}"`, "ListOffsets", { ...base, topics: topics({ timestamp: -2 }, name) })
    for (const partitionIndex of [2, -1]) await peer.askAll(`partition ${partitionIndex}`, "ListOffsets", { ...base, topics: topics({ partitionIndex }) })
    await peer.askAll("no topics", "ListOffsets", { ...base, topics: [] })
    await peer.askAll("no partitions", "ListOffsets", { ...base, topics: [{ name: "offsets", partitions: [] }] })
    await peer.askAll("partition twice", "ListOffsets", { ...base, topics: [{ name: "offsets", partitions: [{ partitionIndex: 0, timestamp: -1 }, { partitionIndex: 0, timestamp: -2 }] }] })
    await peer.askAll("topic twice", "ListOffsets", { ...base, topics: [...topics(), ...topics({ partitionIndex: 1 })] })
    await peer.askAll("good and unknown", "ListOffsets", { ...base, topics: [...topics(), ...topics({}, "offsets-none")] })
    await peer.ask("timeout", "ListOffsets", peer.newest("ListOffsets"), { ...base, topics: topics(), timeoutMs: -1 })
  }
}
