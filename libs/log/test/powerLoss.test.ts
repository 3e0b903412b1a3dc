import { Batch, Int64 } from "@tailrace/record"
import { LeaderEpochs, ProducerStates } from "@tailrace/replication"
import { describe, expect, it } from "vitest"
import { logConfigDefaults, type LogDirectory, type PartitionLog, SimulatedDisk, SimulatedStore } from "../src/index.ts"
import { makeBatch, ManualClock, openDirectory, randomOf } from "./fixtures.ts"

/** What a log should be: every batch it ever had and still counts, and what follows from them. */
interface ModelLog {
  topicId: string
  startOffset: number
  /** Where this incarnation of the log began. */
  origin: number
  history: Array<Buffer>
  epochs: LeaderEpochs
}

const cloneModel = (model: Map<string, ModelLog>): Map<string, ModelLog> =>
  new Map([...model].map(([id, log]) => [id, { ...log, history: [...log.history], epochs: LeaderEpochs.decode(log.epochs.encode()) }]))

const endOf = (log: ModelLog): number => (log.history.length === 0 ? log.origin : Batch.nextOffset(log.history.at(-1)!, 0))

class World {
  clock = new ManualClock()
  readonly disk = new SimulatedDisk()
  readonly next: (bound: number) => number
  readonly isVisibleEarly: boolean
  store!: SimulatedStore
  directory!: LogDirectory
  model = new Map<string, ModelLog>()
  /** The model at each commit, by the number of the commit. */
  snapshots = new Map<number, Map<string, ModelLog>>([[0, new Map()]])
  reported = new Map<string, number>()
  deleted = new Set<string>()
  hasFailed = false
  lastId = 0
  counts = { durable: 0, crashes: 0, failures: 0, truncations: 0 }

  constructor(seed: number) {
    this.next = randomOf(seed)
    this.isVisibleEarly = seed % 2 === 1
  }

  async open(): Promise<void> {
    const store = SimulatedStore.open(this.disk, {
      clock: this.clock, isVisibleBeforeDurable: this.isVisibleEarly, flushMillis: () => this.next(3)
    })
    const commit = store.commit.bind(store)
    this.openedFrom = -1
    store.commit = (set) => {
      const sequence = Int64.readInt64(set.state.get("sequence")!, 5)
      if (this.openedFrom < 0) {
        this.openedFrom = sequence - 1
        this.model = cloneModel(this.snapshots.get(this.openedFrom)!)
      }
      this.snapshots.set(sequence, cloneModel(this.model))
      return commit(set)
    }
    this.store = store
    const opening = openDirectory(store, this.clock, {
      segmentBytesMax: 1500, reclaimKeysPerCommitMax: 3, repairMillis: 5, highWatermarkFlushMillis: 50, tailCacheBytesMax: 4000
    })
    for (let i = 0; i < 4; i++) await this.clock.advance(1)
    this.directory = await opening
    const { writeGate } = this.directory
    writeGate.onChange(() => {
      if (writeGate.reason === "failed") this.hasFailed = true
      if (writeGate.isOpen) this.followRepair()
    })
    for (const log of this.directory.logs()) this.listen(log)
  }

  listen(log: PartitionLog): void {
    log.onDurable = (end) => {
      this.counts.durable++
      this.reported.set(log.topicId, end)
      const model = this.model.get(log.topicId)!
      expect(end).toBeLessThanOrEqual(endOf(model))
      if (end > model.startOffset && model.history.length > 0 && end > Batch.baseOffset(model.history[0]!, 0)) {
        expect(this.disk.image.lastOffsets(log.logNumber, end - 1, end, 1), "reported before it was flushed").toEqual([end - 1])
      }
    }
    log.onFailed = () => expect(log.appendedEnd).toBe(log.durableEnd)
  }

  /** After a failed commit the directory is what the store has; the model follows. */
  async afterFailure(): Promise<void> {
    this.hasFailed = false
    this.counts.failures++
    for (let i = 0; i < 40 && !this.directory.writeGate.isOpen; i++) await this.clock.advance(5)
    expect(this.directory.writeGate.isOpen).toBe(true)
    this.store.failCommits(0)
    await this.clock.advance(5)
    await this.clock.advance(5)
    await this.verify()
  }

  /** The last commit that the directory found when it was opened. */
  openedFrom = 0

  /** The directory is what the store had, except that what was deleted stays so. */
  followRepair(): void {
    const { commitSequence } = this.directory
    this.model = cloneModel(this.snapshots.get(commitSequence - 1)!)
    this.snapshots.set(commitSequence, cloneModel(this.model))
    for (const id of this.deleted) this.model.delete(id)
    this.reported.clear()
    expect([...this.directory.logs()].map((log) => log.topicId).toSorted()).toEqual([...this.model.keys()].toSorted())
  }

  log(): [PartitionLog, ModelLog] | undefined {
    const logs = [...this.directory.logs()]
    if (logs.length === 0) return undefined
    const log = logs[this.next(logs.length)]!
    return [log, this.model.get(log.topicId)!]
  }

  create(): void {
    const topicId = `t${++this.lastId}`
    const log = this.directory.createLog(topicId, topicId, 0, { ...logConfigDefaults, retentionBytes: this.next(3) === 0 ? 4000 : -1 })
    this.model.set(topicId, { topicId, startOffset: 0, origin: 0, history: [], epochs: new LeaderEpochs() })
    this.listen(log)
  }

  append(): void {
    const found = this.log()
    if (found === undefined) return this.create()
    const [log, model] = found
    const producerId = this.next(4) === 0 ? -1 : this.next(5)
    const epoch = Math.max(0, model.epochs.latest) + (this.next(12) === 0 ? 1 : 0)
    const described = [...log.producers.describe()].find((producer) => producer.producerId === producerId)
    const batch = makeBatch({
      offset: log.appendedEnd, epoch, records: 1 + this.next(4), valueBytes: 10 + this.next(150), timestamp: this.clock.wall,
      producerId, sequence: producerId < 0 ? -1 : (described?.lastSequence ?? -1) + 1
    })
    if (!log.append(batch)) return
    model.history.push(batch)
    if (epoch > model.epochs.latest) model.epochs.assign(epoch, Batch.baseOffset(batch, 0))
  }

  truncate(): void {
    const found = this.log()
    if (found === undefined) return
    const [log, model] = found
    const offset = Math.max(log.startOffset, log.appendedEnd - this.next(30))
    this.counts.truncations++
    const length = model.history.length
    while (model.history.length > 0 && Batch.lastOffset(model.history.at(-1)!, 0) >= offset) model.history.pop()
    const isCut = length !== model.history.length
    if (isCut) model.epochs.truncateTo(endOf(model))
    log.truncateTo(offset)
    const reported = this.reported.get(log.topicId)
    if (reported !== undefined) this.reported.set(log.topicId, Math.min(reported, log.appendedEnd))
    expect(log.appendedEnd).toBe(endOf(model))
    if (log.appendedEnd < model.startOffset) throw new Error("below start")
  }

  step(): void {
    const { directory } = this
    const found = this.log()
    switch (this.next(24)) {
      case 0: return this.create()
      case 1: return this.truncate()
      case 2:
        if (found === undefined) return
        this.raiseHighWatermark(...found)
        return
      case 3: {
        if (found === undefined) return
        const [log, model] = found
        log.advanceStartOffset(log.highWatermark)
        this.started(log, model)
        return
      }
      case 4:
        directory.runRetention()
        for (const log of directory.logs()) this.started(log, this.model.get(log.topicId)!)
        return
      case 5:
        if (this.next(4) > 0 || found === undefined) return
        directory.deleteLog(found[0].topicId, 0)
        this.model.delete(found[0].topicId)
        this.deleted.add(found[0].topicId)
        this.reported.delete(found[0].topicId)
        return
      case 6:
        if (this.next(4) > 0 || found === undefined) return
        found[0].startAt(found[0].appendedEnd + this.next(3))
        Object.assign(found[1], { startOffset: found[0].startOffset, origin: found[0].startOffset, history: [], epochs: new LeaderEpochs() })
        this.reported.delete(found[0].topicId)
        return
      default: return this.append()
    }
  }

  raiseHighWatermark(log: PartitionLog, model: ModelLog): void {
    const ends = model.history.map((batch) => Batch.nextOffset(batch, 0)).filter((end) => end <= log.durableEnd)
    const end = ends[this.next(ends.length || 1)]
    if (end !== undefined) log.setHighWatermark(end)
  }

  started(log: PartitionLog, model: ModelLog): void {
    if (log.startOffset === model.startOffset) return
    model.startOffset = log.startOffset
    model.epochs.advanceStart(log.startOffset)
  }

  /** The directory equals the model, log by log. */
  async verify(): Promise<void> {
    for (const log of this.directory.logs()) {
      const model = this.model.get(log.topicId)!
      expect([log.startOffset, log.appendedEnd], log.topicId).toEqual([model.startOffset, endOf(model)])
      expect([...log.epochs.entries()]).toEqual([...model.epochs.entries()])
      const producers = new ProducerStates()
      for (const batch of model.history) producers.record(batch, 0)
      expect([...log.producers.describe()]).toEqual([...producers.describe()])
      for (const batch of model.history.slice(-12)) {
        const fields = [Batch.producerId(batch, 0), Batch.producerEpoch(batch, 0), Batch.baseSequence(batch, 0), Batch.lastSequence(batch, 0)] as const
        expect(log.producers.check(...fields)).toEqual(producers.check(...fields))
      }
      const live = model.history.filter((batch) => Batch.lastOffset(batch, 0) >= model.startOffset)
      const reading = log.read(log.startOffset, 1e9, log.appendedEnd, true)
      expect(Buffer.concat((await reading).chunks).equals(Buffer.concat(live))).toBe(true)
      expect(log.sizeBytes).toBeGreaterThanOrEqual(live.reduce((sum, batch) => sum + batch.length, 0))
      expect(log.highWatermark).toBeLessThanOrEqual(log.appendedEnd)
    }
  }

  async crash(): Promise<void> {
    this.counts.crashes++
    const durableSequence = this.directory.commitSequence
    this.store.crash(this.next(2) === 0)
    const reported = new Map(this.reported)
    const before = this.model
    // The timers of the dead process are gone with it.
    const { wall, monotonic } = this.clock
    this.clock = Object.assign(new ManualClock(), { wall, monotonic })
    this.hasFailed = false
    await this.open()
    expect(this.directory.startClass).toBe("unclean")
    expect(this.directory.damages).toEqual([])
    const sequence = this.openedFrom
    expect(sequence).toBeGreaterThanOrEqual(durableSequence)
    expect([...this.directory.logs()].map((log) => log.topicId).toSorted()).toEqual([...this.model.keys()].toSorted())
    await this.verify()
    for (const [topicId, end] of reported) {
      if (!before.has(topicId)) continue
      expect(this.directory.log(topicId, 0)!.durableEnd, "reported durable and lost").toBeGreaterThanOrEqual(end)
    }
    this.reported.clear()
    this.deleted.clear()
  }

  async restartCleanly(): Promise<void> {
    this.store.failCommits(0)
    let isClosed = false
    const closing = this.directory.close().then(() => { isClosed = true })
    for (let i = 0; i < 20 && !isClosed; i++) await this.clock.advance(3)
    await closing
    await this.open()
    expect(this.directory.startClass).toBe("clean")
    await this.verify()
    this.reported.clear()
    this.deleted.clear()
  }
}

async function run(seed: number, steps: number): Promise<World["counts"]> {
  const world = new World(seed)
  await world.open()
  for (let i = 0; i < steps; i++) {
    for (let staged = world.next(6); staged >= 0; staged--) world.step()
    if (world.next(25) === 0) world.store.failCommits(1 + world.next(3), world.next(3) === 0 ? 1 : 0)
    const isQuiet = world.next(3) === 0
    if (!isQuiet) await world.clock.advance(world.next(3))
    if (world.hasFailed) {
      await world.afterFailure()
      continue
    }
    if (world.next(30) === 0) await world.crash()
    else if (world.next(60) === 0) await world.restartCleanly()
  }
  return world.counts
}

describe("a log directory that loses power, or whose flushes fail", () => {
  const totals = { durable: 0, crashes: 0, failures: 0, truncations: 0 }

  it.each(Array.from({ length: 24 }, (_, i) => i + 1))("recovers exactly what one commit left (seed %i)", async (seed) => {
    const counts = await run(seed, 220)
    expect(counts.durable).toBeGreaterThan(50)
    totals.durable += counts.durable
    totals.crashes += counts.crashes
    totals.failures += counts.failures
    totals.truncations += counts.truncations
  })

  it("met every kind of fault", () => {
    expect(totals.crashes).toBeGreaterThan(50)
    expect(totals.failures).toBeGreaterThan(50)
    expect(totals.truncations).toBeGreaterThan(50)
  })
})
