import { CorruptLogError, type LogDirectory, type LogFault, type PartitionLog, StoreError } from "@tailrace/log"
import { metadataLogTopic } from "@tailrace/metadata"
import { type Configuration, type Entry, MemoryStorage, type Persist, type RaftStorage, type Snapshot } from "@tailrace/raft"
import { Batch } from "@tailrace/record"
import { metadataLogConfig } from "../internal/topicRules.ts"
import type { MetadataBatches } from "./MetadataBatches.ts"

/** The id that Kafka gives the metadata log. */
export const metadataTopicId = "AAAAAAAAAAAAAAAAAAAAAQ"

/** One slot of the directory holds this much of a snapshot. */
export const snapshotPieceBytes = 512 * 1024
const readBytesMax = 1024 * 1024

const voteSlot = "raft.vote"
const startSlot = "raft.start"
const snapshotSlot = "raft.snapshot"
const bootstrapSlot = "raft.bootstrap"
const pieceSlot = (piece: number): string => `${snapshotSlot}.${piece}`

/**
 * Raft's log, vote and snapshot in a `LogDirectory`. The log is the partition `__cluster_metadata-0`; everything else are
 * slots beside it, in the same commits. The whole log behind the last snapshot is kept in memory too, which the size of
 * the log between snapshots bounds, so that reads are answered at once.
 */
export class QuorumStorage implements RaftStorage {
  readonly directory: LogDirectory
  /** The disk does not keep what was written anew either. */
  onLost: (cause: CorruptLogError) => void = () => undefined
  readonly #log: PartitionLog
  #memory: MemoryStorage
  #logBytes: number
  /** The memory does not have yet what the log was given. */
  #isMemoryBehind = false

  private constructor(directory: LogDirectory, log: PartitionLog, memory: MemoryStorage) {
    this.directory = directory
    this.#log = log
    this.#memory = memory
    this.#logBytes = bytesOf(memory)
  }

  /** Rejects with `CorruptLogError` or `DirectoryDamagedError` where the directory has not what was written. */
  static async open(directory: LogDirectory, batches: MetadataBatches): Promise<QuorumStorage> {
    const log = directory.log(metadataTopicId, 0) ?? createLog(directory)
    log.config = metadataLogConfig
    log.isVital = true
    refuseShortened(directory, log)
    return new QuorumStorage(directory, log, await readMemory(directory, log, batches))
  }

  /**
   * A write failed and the directory has been repaired: what it has now is what holds. Where that is damaged it is written anew
   * from the memory first, which has all that was ever promised: the write that failed was not. Rejects with `StoreError` where the
   * directory takes nothing again.
   */
  async reopen(batches: MetadataBatches): Promise<void> {
    // The log may have the write that failed, so nobody is to put the memory in its place under the read.
    this.#isMemoryBehind = true
    try {
      return await this.#readAgain(batches)
    } catch (cause) {
      if (!(cause instanceof CorruptLogError)) throw cause
    } finally {
      this.#isMemoryBehind = false
    }
    const { startOffset } = this.#memory
    this.mend()
    await this.#setStart(startOffset)
    try {
      await this.#readAgain(batches)
    } catch (cause) {
      if (cause instanceof CorruptLogError) this.onLost(cause)
      throw cause
    }
  }

  async #readAgain(batches: MetadataBatches): Promise<void> {
    this.#memory = await readMemory(this.directory, this.#log, batches)
    this.#logBytes = bytesOf(this.#memory)
  }

  /** Called when a commit has failed; nothing of it may be relied upon before `reopen`. */
  set onFailed(listener: () => void) {
    this.#log.onFailed = listener
  }

  /** The voters that an empty log begins with, once they have been agreed upon. */
  get bootstrap(): Configuration | undefined {
    const stored = this.directory.getSlot(bootstrapSlot)
    return stored === undefined ? undefined : JSON.parse(stored.toString("utf8")) as Configuration
  }

  /** Durable when it resolves. Only for a directory whose log is empty. */
  async setBootstrap(configuration: Configuration, batches: MetadataBatches): Promise<void> {
    await this.directory.setSlot(bootstrapSlot, jsonBytes(configuration))
    await this.reopen(batches)
  }

  /** Nothing of Raft was ever written here. */
  get isEmpty(): boolean {
    const { endOffset, hardState, snapshot } = this.#memory
    return endOffset === 0 && hardState.term === 0 && snapshot === undefined
  }

  /** The bytes of the log that a snapshot would make superfluous. */
  get logBytes(): number {
    return this.#logBytes
  }

  /** Where an entry begins that has at most so many bytes of others between itself and `endOffset`. */
  offsetBelow(endOffset: number, bytesMax: number): number {
    const { entries } = this.#memory
    let offset = endOffset
    let bytes = 0
    for (let i = entries.length - 1; i >= 0 && bytes <= bytesMax; i--) {
      const entry = entries[i]!
      if (entry.offset >= endOffset) continue
      bytes += entry.data.length
      if (bytes <= bytesMax) ({ offset } = entry)
    }
    return offset
  }

  get snapshotBytes(): Uint8Array | undefined {
    return this.#memory.snapshotBytes
  }

  load: RaftStorage["load"] = () => this.#memory.load()
  read: RaftStorage["read"] = (fromOffset, endOffset, bytesMax, entriesMax) =>
    this.#memory.read(fromOffset, endOffset, bytesMax, entriesMax)
  readSnapshot: RaftStorage["readSnapshot"] = (snapshot, position, bytesMax) =>
    this.#memory.readSnapshot(snapshot, position, bytesMax)

  /**
   * Writes all of it in one commit. Undefined where nothing has to be durable before the core goes on; otherwise the
   * promise resolves after the flush, and rejects where the commit failed or the directory takes no writes.
   */
  persist(write: Persist): Promise<void> | undefined {
    if (!write.mustFlush) {
      this.#memory.persist(write)
      this.#stageUnflushed(write)
      return undefined
    }
    return this.#persistDurably(write)
  }

  /** Pieces of a snapshot are not written before it is complete: what a crash takes of them is sent again. */
  #stageUnflushed({ highWatermark, logStartOffset }: Persist): void {
    this.#log.setHighWatermark(highWatermark)
    if (logStartOffset === undefined) return
    this.#stageStart(logStartOffset)
    this.#logBytes = bytesOf(this.#memory)
  }

  /**
   * Damage was found in what the disk has of the log: it is written anew, as a whole, from the memory, in the commit of this turn;
   * while a write or `reopen` is under way, right after that. Nothing where the log is sound. `onFailed` tells where the commit fails.
   */
  mend(): void {
    if (this.#isMemoryBehind || this.#log.fault === undefined || !this.directory.writeGate.isUsable) return
    const { entries, startOffset } = this.#memory
    const { highWatermark } = this.#log
    this.#log.startAt(startOffset)
    this.#noteStart(startOffset)
    for (const { data } of entries) this.#append(data)
    this.#log.setHighWatermark(highWatermark)
  }

  async #persistDurably(write: Persist): Promise<void> {
    // What was found while the directory took no writes.
    this.mend()
    this.#isMemoryBehind = true
    try {
      await this.#writeThrough(write)
    } finally {
      this.#isMemoryBehind = false
    }
    this.mend()
  }

  async #writeThrough(write: Persist): Promise<void> {
    const { entries, hardState, installSnapshot, truncateTo } = write
    const waits: Array<Promise<void>> = []
    if (hardState !== undefined) waits.push(this.directory.setSlot(voteSlot, jsonBytes(hardState)))
    if (installSnapshot !== undefined) waits.push(...this.#stageSnapshot(installSnapshot, this.#bytesOf(write)))
    if (truncateTo !== undefined) this.#log.truncateTo(truncateTo)
    for (const { data } of entries) this.#append(data)
    waits.push(this.#log.whenDurable())
    await Promise.all(waits)
    this.#memory.persist(write)
    if (truncateTo === undefined && installSnapshot === undefined) for (const { data } of entries) this.#logBytes += data.length
    else this.#logBytes = bytesOf(this.#memory)
    this.#stageUnflushed(write)
  }

  #append(data: Uint8Array): void {
    const batch = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    if (!this.#log.append(batch)) throw new StoreError(this.directory.directoryId, "commit", "the metadata log takes no appends")
  }

  /** The snapshot that is being installed: what came before this write, and the pieces in it. The last one at 0 began afresh. */
  #bytesOf({ snapshotChunks }: Persist): Buffer {
    const begin = snapshotChunks.findLastIndex(({ position }) => position === 0)
    const before = begin < 0 ? this.#memory.partialSnapshotBytes ?? new Uint8Array() : new Uint8Array()
    return Buffer.concat([before, ...snapshotChunks.slice(Math.max(begin, 0)).map(({ data }) => data)])
  }

  #stageSnapshot(snapshot: Snapshot, bytes: Buffer): Array<Promise<void>> {
    const waits = this.#stagePieces(snapshot, bytes)
    this.#log.startAt(snapshot.endOffset)
    waits.push(this.directory.setSlot(startSlot, jsonBytes({ startOffset: snapshot.endOffset, startTerm: snapshot.term })))
    return waits
  }

  #stagePieces(snapshot: Snapshot, bytes: Uint8Array): Array<Promise<void>> {
    const waits: Array<Promise<void>> = []
    for (let at = 0, piece = 0; at < bytes.length; at += snapshotPieceBytes, piece++) {
      waits.push(this.directory.setSlot(pieceSlot(piece), bytes.subarray(at, at + snapshotPieceBytes)))
    }
    waits.push(this.directory.setSlot(snapshotSlot, jsonBytes(snapshot)))
    return waits
  }

  /** While the directory takes nothing the log on the disk is longer than it need be; the next compaction makes up for it. */
  #stageStart(startOffset: number): void {
    if (startOffset <= this.#log.startOffset || !this.directory.writeGate.isUsable) return
    this.#log.advanceStartOffset(startOffset)
    this.#noteStart(startOffset)
  }

  #noteStart(startOffset: number): void {
    // The same commit as the start itself. That a commit failed is told by `onFailed`, which rebuilds everything.
    this.#setStart(startOffset).catch(() => undefined)
  }

  #setStart(startOffset: number): Promise<void> {
    return this.directory.setSlot(startSlot, jsonBytes({ startOffset, startTerm: this.#memory.startTerm }))
  }

  /** A snapshot of this node's own state machine. Resolves when it is durable; then the core may `compact`. */
  async saveSnapshot(snapshot: Snapshot, bytes: Uint8Array): Promise<void> {
    await Promise.all(this.#stagePieces(snapshot, bytes))
    this.#memory.saveSnapshot(snapshot, bytes)
  }
}

/** Nothing is voted for before there is a log: with a vote, the one that was there is lost. */
function createLog(directory: LogDirectory): PartitionLog {
  if (directory.getSlot(voteSlot) !== undefined) throw new CorruptLogError(metadataLogTopic, 0, { offset: 0, endOffset: Number.MAX_SAFE_INTEGER, reason: "state" })
  return directory.createLog(metadataTopicId, metadataLogTopic, 0, metadataLogConfig)
}

/**
 * A directory that was not closed in order drops damage above the high watermark that it knows. Here that may have been
 * acknowledged and counted in a majority. The directory knows of it at each start: nobody takes note of it for the controller.
 */
function refuseShortened(directory: LogDirectory, log: PartitionLog): void {
  const dropped = directory.damages.find((damage) => damage.log === log && damage.action === "truncated")
  if (dropped !== undefined) throw new CorruptLogError(log.topic, log.partition, dropped.fault)
}

async function readMemory(directory: LogDirectory, log: PartitionLog, batches: MetadataBatches): Promise<MemoryStorage> {
  const hardState = readJson<{ term: number; votedFor?: { nodeId: number; directoryId: string } }>(directory, voteSlot)
  const { startOffset, startTerm } = readJson<{ startOffset: number; startTerm: number }>(directory, startSlot) ?? { startOffset: 0, startTerm: 0 }
  const snapshot = readJson<Snapshot>(directory, snapshotSlot)
  refuseGaps(log, hardState !== undefined, startOffset, snapshot?.endOffset ?? 0)
  const bootstrap = readJson<Configuration>(directory, bootstrapSlot) ?? { voters: [], learners: [] }
  return new MemoryStorage(batches, bootstrap, {
    hardState: { term: hardState?.term ?? 0, votedFor: hardState?.votedFor },
    entries: await readEntries(log, batches, startOffset),
    startOffset,
    startTerm,
    highWatermark: Math.max(log.highWatermark, snapshot?.endOffset ?? 0),
    snapshot: snapshot === undefined ? undefined : { snapshot, bytes: readPieces(directory, snapshot.sizeBytes) }
  })
}

/**
 * The vote is there, and a log that begins at `startOffset`, by the commit that moved its start there, and reaches to the snapshot's
 * end. One that lost its own record of its start begins lower, with batches that are garbage.
 */
function refuseGaps(log: PartitionLog, hasVote: boolean, startOffset: number, snapshotEnd: number): void {
  const refuse = (fault: LogFault): never => {
    throw new CorruptLogError(log.topic, log.partition, fault)
  }
  // Nothing is written before a vote.
  if (!hasVote && log.durableEnd > 0) refuse({ offset: 0, endOffset: log.durableEnd, reason: "state" })
  if (log.startOffset > startOffset) refuse({ offset: startOffset, endOffset: log.startOffset, reason: "state" })
  const endMin = Math.max(startOffset, snapshotEnd)
  if (log.durableEnd < endMin) refuse({ offset: log.durableEnd, endOffset: endMin, reason: "missing" })
}

/** Every byte is checked: what is in memory from then on decides, and goes to others. */
async function readEntries(log: PartitionLog, batches: MetadataBatches, startOffset: number): Promise<Array<Entry>> {
  const entries: Array<Entry> = []
  const end = log.durableEnd
  let offset = startOffset
  while (offset < end) {
    const { chunks } = await log.readVerified(offset, readBytesMax, end, true)
    if (chunks.length === 0) throw new Error(`assertion: the metadata log has no batch at ${offset} of ${end}`)
    for (const chunk of chunks) {
      Batch.forEach(chunk, 0, chunk.length, (at, size) => {
        const entry = batches.entryOf(chunk.subarray(at, at + size))
        if (entry.offset !== offset) throw new Error(`assertion: the metadata log has a batch at ${entry.offset} instead of ${offset}`)
        entries.push(entry)
        offset += entry.offsetCount
      })
    }
  }
  // Of a log that lost everything not even the end is known.
  if (log.fault !== undefined) throw new CorruptLogError(log.topic, log.partition, log.fault)
  return entries
}

function readPieces(directory: LogDirectory, sizeBytes: number): Buffer {
  const pieces: Array<Buffer> = []
  for (let piece = 0; piece * snapshotPieceBytes < sizeBytes; piece++) {
    const bytes = directory.getSlot(pieceSlot(piece))
    if (bytes === undefined) throw new Error("assertion: a snapshot of the metadata is there as a whole")
    pieces.push(bytes)
  }
  return Buffer.concat(pieces, sizeBytes)
}

const bytesOf = ({ entries }: MemoryStorage): number => entries.reduce((bytes, { data }) => bytes + data.length, 0)

const jsonBytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value), "utf8")

function readJson<A>(directory: LogDirectory, slot: string): A | undefined {
  const stored = directory.getSlot(slot)
  return stored === undefined ? undefined : JSON.parse(stored.toString("utf8")) as A
}
