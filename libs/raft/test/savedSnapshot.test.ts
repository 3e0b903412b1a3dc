import { expect, it } from "vitest"
import { binaryControlFormat, defaultRaftConfig, MemoryStorage, type Message, RaftCore, type Snapshot } from "../src/index.ts"

const self = { nodeId: 1, directoryId: "1a" }
const observer = { nodeId: 2, directoryId: "2a" }
const bootstrap = { voters: [self], learners: [] }

/** A leader that is alone, and somebody who follows. */
class Leader {
  readonly storage = new MemoryStorage(binaryControlFormat, bootstrap)
  readonly core = new RaftCore({
    clusterId: "c", self, incarnation: 1, bootstrapNodeIds: [], electionJitterTicks: () => 0, format: binaryControlFormat,
    config: { ...defaultRaftConfig, snapshotChunkBytesMax: 2 }
  }, this.storage)

  constructor() {
    for (let i = 0; i < 2 * defaultRaftConfig.electionTicks; i++) this.tick()
  }

  tick(): ReadonlyArray<Message> {
    this.core.tick()
    return this.work()
  }

  /** Does all that is asked for; answers what was sent. */
  work(): ReadonlyArray<Message> {
    const sent: Array<Message> = []
    for (let ready = this.core.ready(); ready !== undefined; ready = this.core.ready()) {
      this.storage.persist(ready.persist)
      sent.push(...ready.early, ...ready.messages)
      this.core.advance()
    }
    return sent
  }

  hear(message: Pick<Message, "kind"> & Record<string, unknown>): ReadonlyArray<Message> {
    this.core.step({ clusterId: "c", from: observer, to: self, term: this.core.status().term, ...message } as Message)
    return this.work()
  }

  /** The storage has the snapshot of one more entry. */
  save(): Snapshot {
    this.core.propose([{ data: Buffer.from("x"), offsetCount: 1 }])
    this.work()
    const snapshot = { ...this.core.snapshotPoint()!, sizeBytes: 4, checksum: this.core.status().applied }
    this.storage.saveSnapshot(snapshot, Buffer.from("abcd"))
    return snapshot
  }

  compact(snapshot: Snapshot): void {
    this.core.compact(snapshot, snapshot.endOffset)
    this.work()
  }
}

const pieces = (sent: ReadonlyArray<Message>) =>
  sent.flatMap((message) => message.kind === "snapshotRequest" ? [[message.snapshot.endOffset, message.position]] : [])

it("a follower that asks for a snapshot which the storage has replaced, and the core has not heard of it yet, gets the new one", () => {
  const leader = new Leader()
  const older = leader.save()
  leader.compact(older)
  expect(pieces(leader.hear({ kind: "observeRequest", endOffset: 0 }))).toEqual([[older.endOffset, 0]])
  const newer = leader.save()
  expect(pieces(leader.hear({ kind: "snapshotResponse", endOffset: older.endOffset, position: 2 }))).toEqual([])
  leader.compact(newer)
  const later: Array<Message> = []
  for (let round = 1; round <= 10; round++) {
    for (let i = 0; i < defaultRaftConfig.heartbeatTicks; i++) later.push(...leader.tick())
    later.push(...leader.hear({ kind: "heartbeatResponse", round, endOffset: 0 }))
  }
  expect(pieces(later)[0]).toEqual([newer.endOffset, 0])
})
