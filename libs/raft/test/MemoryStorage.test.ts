import { afterEach, expect, it, vi } from "vitest"
import { binaryControlFormat, type Entry, MemoryStorage, type Persist, type Snapshot } from "../src/index.ts"

const nobody = { voters: [], learners: [] }
const pieceBytes = 1_000
const snapshotOf = (endOffset: number, pieces: number): Snapshot =>
  ({ endOffset, term: 1, configuration: nobody, sizeBytes: pieces * pieceBytes, checksum: endOffset })
const piece = (snapshot: Snapshot, index: number) => ({ snapshot, position: index * pieceBytes, data: new Uint8Array(pieceBytes).fill(index) })
const write = (more: Partial<Persist>): Persist => ({
  hardState: undefined, snapshotChunks: [], installSnapshot: undefined, truncateTo: undefined, entries: [], logStartOffset: undefined,
  highWatermark: 0, mustFlush: false, ...more
})
const newStorage = () => new MemoryStorage(binaryControlFormat, nobody)

afterEach(() => void vi.restoreAllMocks())

it("copies a snapshot that comes in pieces once", () => {
  const copies = vi.spyOn(Uint8Array.prototype, "set")
  const storage = newStorage()
  const snapshot = snapshotOf(10, 50)
  for (let i = 0; i < 50; i++) storage.persist(write({ snapshotChunks: [piece(snapshot, i)] }))
  expect(storage.load().partialSnapshot).toEqual({ snapshot, position: snapshot.sizeBytes })
  storage.persist(write({ installSnapshot: snapshot, highWatermark: 10 }))
  expect([storage.snapshotBytes!.length, storage.snapshotBytes!.at(-1), storage.partialSnapshotBytes]).toEqual([snapshot.sizeBytes, 49, undefined])
  expect(copies.mock.calls.reduce((bytes, [source]) => bytes + source.length, 0)).toBe(snapshot.sizeBytes)
})

it("keeps no pieces of a snapshot that the log has overtaken", () => {
  const storage = newStorage()
  const entries = [0, 1].map((offset): Entry => ({ offset, offsetCount: 1, term: 1, kind: "data", data: new Uint8Array(1) }))
  storage.persist(write({ snapshotChunks: [piece(snapshotOf(2, 5), 0)] }))
  storage.persist(write({ entries, highWatermark: 1 }))
  expect(storage.load().partialSnapshot).toMatchObject({ position: pieceBytes })
  storage.persist(write({ highWatermark: 2 }))
  expect([storage.load().partialSnapshot, storage.partialSnapshotBytes]).toEqual([undefined, undefined])
})

it("a copy of what is stored takes no part in what comes after", () => {
  const storage = newStorage()
  const snapshot = snapshotOf(10, 2)
  storage.persist(write({ snapshotChunks: [piece(snapshot, 0)] }))
  const copy = storage.clone()
  storage.persist(write({ snapshotChunks: [piece(snapshot, 1)] }))
  expect([copy, storage].map((it) => [it.load().partialSnapshot?.position, it.partialSnapshotBytes!.length])).toEqual([[1_000, 1_000], [2_000, 2_000]])
})
