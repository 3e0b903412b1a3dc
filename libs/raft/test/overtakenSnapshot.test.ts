import { expect, it } from "vitest"
import { binaryControlFormat, defaultRaftConfig, MemoryStorage, type Message, RaftCore, type Snapshot } from "../src/index.ts"

const leader = { nodeId: 1, directoryId: "1a" }
const self = { nodeId: 3, directoryId: "3a" }
const envelope = { clusterId: "c", from: leader, to: self, term: 1 }
const snapshotOf = (endOffset: number, sizeBytes: number): Snapshot =>
  ({ endOffset, term: 1, configuration: { voters: [leader, self], learners: [] }, sizeBytes, checksum: endOffset })
const piece = (snapshot: Snapshot, position: number, text: string): Message =>
  ({ kind: "snapshotRequest", ...envelope, snapshot, position, data: Buffer.from(text) })

it("a newer snapshot that begins before the last piece of an older one is written waits for its turn", () => {
  const storage = new MemoryStorage(binaryControlFormat, { voters: [leader, self], learners: [] })
  const core = new RaftCore({
    clusterId: "c", self, incarnation: 1, bootstrapNodeIds: [1], electionJitterTicks: () => 0, config: defaultRaftConfig, format: binaryControlFormat
  }, storage)
  /** Everything of one `Ready`, which is what of a snapshot is asked for. */
  const work = () => {
    const ready = core.ready()!
    storage.persist(ready.persist)
    core.advance()
    return ready.messages.map((message) => message.kind === "snapshotResponse" ? [message.endOffset, message.position] : message.kind)
  }
  const [older, newer] = [snapshotOf(10, 4), snapshotOf(20, 8)]
  core.step(piece(older, 0, "abcd"))
  core.step(piece(newer, 0, "efgh"))
  expect(work()).toEqual(["appendAccepted", [20, 0]])
  expect([storage.snapshot, Buffer.from(storage.snapshotBytes!).toString()]).toEqual([older, "abcd"])
  core.step(piece(newer, 0, "efgh"))
  expect(work()).toEqual([[20, 4]])
  core.step(piece(newer, 4, "ijkl"))
  expect(work()).toEqual(["appendAccepted"])
  expect(Buffer.from(storage.snapshotBytes!).toString()).toBe("efghijkl")
})
