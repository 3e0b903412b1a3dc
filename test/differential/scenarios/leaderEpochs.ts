import { batch } from "../batches.ts"
import type { Scenario } from "../Scenario.ts"

/** OffsetForLeaderEpoch and DeleteRecords. */
export const leaderEpochs: Scenario = {
  name: "leader epochs",
  async run(peer) {
    const topicId = await peer.topic("epochs", 2)
    for (let round = 0; round < 4; round++) await peer.quietly("Produce", { acks: -1, timeoutMs: 5_000, topicData: [{ name: "epochs", topicId, partitionData: [{ index: 0, records: batch() }] }] }, 12)
    const topics = (partition: object = {}, topic = "epochs") => [{ topic, partitions: [{ partition: 0, currentLeaderEpoch: -1, leaderEpoch: 0, ...partition }] }]
    for (const leaderEpoch of [0, 1, -1, -2, 5, 2147483647]) {
      await peer.askAll(`epoch ${leaderEpoch}`, "OffsetForLeaderEpoch", { replicaId: -1, topics: topics({ leaderEpoch }) })
      await peer.askAll(`epoch ${leaderEpoch} empty`, "OffsetForLeaderEpoch", { replicaId: -1, topics: topics({ leaderEpoch, partition: 1 }) })
    }
    for (const currentLeaderEpoch of [0, 1, -2, 5]) await peer.askAll(`current ${currentLeaderEpoch}`, "OffsetForLeaderEpoch", { replicaId: -1, topics: topics({ currentLeaderEpoch }) })
    for (const replicaId of [-2, -3, 0, 1, 9]) await peer.askAll(`replica ${replicaId}`, "OffsetForLeaderEpoch", { replicaId, topics: topics() })
    for (const topic of ["epochs-none", "", "bad name"]) await peer.askAll(`topic "${topic}"`, "OffsetForLeaderEpoch", { replicaId: -1, topics: topics({}, topic) })
    for (const partition of [2, -1]) await peer.askAll(`partition ${partition}`, "OffsetForLeaderEpoch", { replicaId: -1, topics: topics({ partition }) })
    await peer.askAll("no topics", "OffsetForLeaderEpoch", { replicaId: -1, topics: [] })
    await peer.askAll("no partitions", "OffsetForLeaderEpoch", { replicaId: -1, topics: [{ topic: "epochs", partitions: [] }] })
    await peer.askAll("good and unknown", "OffsetForLeaderEpoch", { replicaId: -1, topics: [...topics(), ...topics({}, "epochs-none")] })

    const cut = (offset: number, partitionIndex = 0, name = "epochs") => ({ topics: [{ name, partitions: [{ partitionIndex, offset }] }], timeoutMs: 5_000 })
    for (const [offset, index, name] of [[1, 0, "epochs"], [0, 0, "epochs"], [1, 0, "epochs"], [5, 0, "epochs"], [-2, 0, "epochs"], [-5, 0, "epochs"], [0, 1, "epochs"], [1, 1, "epochs"], [0, 2, "epochs"], [0, -1, "epochs"],
      [0, 0, "epochs-none"], [0, 0, ""], [0, 0, "bad name"], [0, 0, "__consumer_offsets"], [3, 0, "epochs"], [-1, 0, "epochs"], [-1, 1, "epochs"]] as const) {
      await peer.askAll(`offset ${offset} of ${name} ${index}`, "DeleteRecords", cut(offset, index, name))
    }
    await peer.askAll("no topics", "DeleteRecords", { topics: [], timeoutMs: 5_000 })
    await peer.askAll("no partitions", "DeleteRecords", { topics: [{ name: "epochs", partitions: [] }], timeoutMs: 5_000 })
    await peer.askAll("timeout 0", "DeleteRecords", { ...cut(4), timeoutMs: 0 })
    await peer.askAll("timeout -1", "DeleteRecords", { ...cut(4), timeoutMs: -1 })
    await peer.askAll("good and unknown", "DeleteRecords", { topics: [...cut(4).topics, ...cut(0, 0, "epochs-none").topics], timeoutMs: 5_000 })
    await peer.askAll("after it all", "OffsetForLeaderEpoch", { replicaId: -1, topics: topics() })
    await peer.askAll("after it all", "ListOffsets", { replicaId: -1, isolationLevel: 0, topics: [{ name: "epochs", partitions: [{ partitionIndex: 0, timestamp: -2 }] }] })
  }
}
