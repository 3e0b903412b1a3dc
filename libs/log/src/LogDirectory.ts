import { ProducerStates } from "@tailrace/replication"
import type { RecordCodecs } from "@tailrace/record"
import type { Clock, Random } from "@tailrace/runtime"
import { Backlog } from "./Backlog.ts"
import { checkInventory } from "./internal/checkInventory.ts"
import { CommitLoop, guard, type Member } from "./internal/CommitLoop.ts"
import { compactionOptionsOf } from "./internal/compactionOptionsOf.ts"
import { DirectoryRecords } from "./internal/DirectoryRecords.ts"
import { directoryIdOf } from "./internal/directoryIdOf.ts"
import type { Crc32c } from "./internal/Guarded.ts"
import * as keys from "./internal/keys.ts"
import type { LogContext } from "./internal/LogContext.ts"
import { LogState } from "./internal/LogState.ts"
import { Reclaimer } from "./internal/Reclaimer.ts"
import * as records from "./internal/records.ts"
import { recoverLog } from "./internal/replay.ts"
import { discardStored, logKey, storedLogs } from "./internal/storedLogs.ts"
import { StoreRepair } from "./internal/StoreRepair.ts"
import { SpaceMonitor } from "./internal/SpaceMonitor.ts"
import { TailCache } from "./internal/TailCache.ts"
import { Timers } from "./internal/Timers.ts"
import { WallClockWatch } from "./internal/WallClockWatch.ts"
import { type LogConfig, logConfigDefaults } from "./LogConfig.ts"
import { logDirectoryDefaults, type LogDirectoryOptions } from "./LogDirectoryOptions.ts"
import type { LogDamage } from "./LogDamage.ts"
import type { LogFault } from "./LogFault.ts"
import { PartitionLog } from "./PartitionLog.ts"
import { Scrubber } from "./Scrubber.ts"
import type { StartClass } from "./StartClass.ts"
import type { Store } from "./Store.ts"
import { StoreError } from "./StoreError.ts"
import { WriteGate } from "./WriteGate.ts"

export interface LogDirectoryPorts {
  readonly clock: Clock
  readonly random: Random
  readonly crc32c: (bytes: Uint8Array) => number
  /** Without it logs are not compacted by themselves. */
  readonly codecs?: RecordCodecs
}

/**
 * All logs of one data directory, and the one commit loop they share. Opening reads a few small records per log, and
 * batches only where the last run did not close in order.
 */
export class LogDirectory {
  readonly directoryId: string
  readonly startClass: StartClass
  /**
   * The commit sequence as the store had it when it was opened, before this run's own commits. A directory that shows an
   * older number than it reported once was rolled back.
   */
  readonly foundCommitSequence: number
  readonly writeGate = new WriteGate()
  /** A log could not be compacted; it is tried again at the next round. */
  onCompactionFailed: (log: PartitionLog, cause: unknown) => void = () => {}
  /** Damage was found, by a read or the scrub; `fault` is all that is known of the log. Called when more is found, too. */
  onCorruption: (log: PartitionLog, fault: LogFault) => void = () => {}
  readonly backlog: Backlog
  readonly scrubber: Scrubber
  /** What recovery found at this start, and what was dropped at one before it since the last `setBrokerEpoch`. A report: it stays. */
  readonly damages: Array<LogDamage> = []
  readonly #store: Store
  readonly #clock: Clock
  readonly #crc32c: Crc32c
  readonly #codecs: RecordCodecs | undefined
  readonly #options: Required<LogDirectoryOptions>
  readonly #loop: CommitLoop
  readonly #records: DirectoryRecords
  readonly #repair: StoreRepair
  /** Whether there is room, and how much the volume has. */
  readonly space: SpaceMonitor
  readonly #reclaimer: Reclaimer
  readonly #context: LogContext
  readonly #logs = new Map<string, PartitionLog>()
  readonly #unwrittenHighWatermarks = new Set<PartitionLog>()
  /** Numbers whose deletion may not be durable yet; after a failed commit it is staged again. */
  readonly #deleted = new Set<number>()
  readonly #timers: Timers
  /** To be asked before anything is dropped for its age: here, and by whoever keeps something in these logs. */
  readonly wallClock: WallClockWatch
  /** How often what was reported durable here may have gone, since a `setBrokerEpoch` that knew of it. */
  doubts: number
  #isStarted = false
  #failedLogs = new Set<PartitionLog>()
  #nextLogNumber: number
  #closing: Promise<"clean" | "unclean"> | undefined

  private constructor(
    store: Store, options: Required<LogDirectoryOptions>, ports: LogDirectoryPorts, directoryId: string, startClass: StartClass
  ) {
    this.directoryId = directoryId
    this.startClass = startClass
    this.#store = store
    this.#clock = ports.clock
    this.#crc32c = ports.crc32c
    this.#codecs = ports.codecs
    this.#options = options
    this.#records = new DirectoryRecords(store, ports.crc32c)
    this.#nextLogNumber = this.#records.number(keys.nextLogNumber) ?? 1
    this.doubts = this.#records.isSuspect ? 1 : 0
    this.#timers = new Timers(ports.clock)
    this.wallClock = new WallClockWatch(ports.clock, options.clockJumpMillisMax, options.clockJumpPauseMillis)
    const tails = new TailCache(options.tailCacheBytesMax)
    this.foundCommitSequence = this.#records.number(keys.commitSequence) ?? 0
    this.#loop = new CommitLoop(store, ports.clock, ports.crc32c, this.foundCommitSequence, {
      endOfTurn: () => tails.settle(),
      committed: () => {
        tails.evict()
        if (!this.backlog.isFull) this.backlog.release()
      },
      failed: (error, members) => this.#fail(error, members)
    })
    this.#repair = new StoreRepair(store, this.#loop, this.#records, this.#timers, options.repairMillis, {
      isNeeded: () => this.writeGate.reason === "failed",
      restore: () => this.#restore()
    })
    this.backlog = new Backlog(options.backlogBytesMax, this.#loop)
    this.space = new SpaceMonitor(() => store.space(), options)
    this.#reclaimer = new Reclaimer(
      store, options.reclaimKeysPerCommitMax, () => this.#loop.stage(undefined), () => this.#loop.durable())
    this.#context = this.#newContext(tails)
    this.scrubber = new Scrubber(ports.clock, options, { logs: () => this.#logs.values(), isUsable: () => this.#isUsable })
  }

  /** Reads what is there, recovers the logs, and resolves once the directory is durably marked as in use. */
  static async open(store: Store, options: LogDirectoryOptions, ports: LogDirectoryPorts): Promise<LogDirectory> {
    let directory: LogDirectory | undefined
    try {
      const all = { ...logDirectoryDefaults, ...options }
      checkInventory(store, ports.crc32c)
      const identity = store.get(keys.identity)
      const isNew = identity === undefined
      const text = isNew ? `${records.formatVersion} ${ports.random.uuid()}` : records.decodeText(identity, ports.crc32c)
      const directoryId = directoryIdOf(text, store.name)
      const startClass = isNew ? "new" : store.get(keys.clean) === undefined ? "unclean" : "clean"
      directory = new LogDirectory(store, all, ports, directoryId, startClass)
      await directory.#start(text!)
      return directory
    } catch (cause) {
      // Nothing stays open: no lock, no timer, no attempt to repair.
      await (directory === undefined ? store.close() : directory.close())
      throw cause
    }
  }

  /** Grows by one with each commit, over all runs. */
  get commitSequence(): number {
    return this.#loop.sequence
  }

  /** The memory that the tail cache holds. */
  get tailCacheBytes(): number {
    return this.#context.tails.usedBytes
  }

  /** The epoch the controller granted last, as far as it was stored; -1 before the first. */
  get brokerEpoch(): number {
    return this.#records.number(keys.brokerEpoch) ?? -1
  }

  /** The controller has granted the epoch, and has heard of what there was to doubt when it was asked for. */
  async setBrokerEpoch(epoch: number, toldDoubts = this.doubts): Promise<void> {
    this.#assertUsable()
    const set = this.#loop.stage(undefined)
    this.#records.putNumber(set, keys.brokerEpoch, epoch)
    if (toldDoubts === this.doubts) {
      for (const key of [keys.suspect, ...this.damages.map(({ log }) => keys.dropped(log.logNumber))]) set.remove(key)
      this.doubts = 0
    }
    return this.#loop.durable()
  }

  /**
   * The disk has not kept, or not taken, what it should since the last `setBrokerEpoch`, in this run or one before: what was
   * reported durable here may be gone. Of a log that is damaged this holds until it is repaired.
   */
  get isSuspect(): boolean {
    if (this.doubts > 0) return true
    for (const log of this.#logs.values()) if (log.fault !== undefined) return true
    return false
  }

  /** Small named state of others, such as a vote; undefined when there is none. Throws `DirectoryDamagedError`. */
  getSlot(name: string): Buffer | undefined {
    const record = this.#loop.get(keys.slot(name))
    return record === undefined ? undefined : this.#records.slot(name, record)
  }

  /** Resolves when it is durable, in the same commit as everything that is staged in this turn. */
  setSlot(name: string, bytes: Uint8Array): Promise<void> {
    this.#assertUsable()
    this.#records.putSlot(this.#loop.stage(undefined), name, bytes)
    return this.#loop.durable()
  }

  logs(): Iterable<PartitionLog> {
    return this.#logs.values()
  }

  log(topicId: string, partition: number): PartitionLog | undefined {
    return this.#logs.get(logKey(topicId, partition))
  }

  /** The log can be appended to at once; its making is in the same commit. */
  createLog(topicId: string, topic: string, partition: number, config: LogConfig): PartitionLog {
    this.#assertUsable()
    if (this.log(topicId, partition) !== undefined) throw new Error(`assertion: log ${topic}-${partition} exists`)
    const state = new LogState(this.#context.allocateLogNumber(), 0, this.#context.newProducers(), this.#crc32c)
    const log = new PartitionLog(this.#context, { topicId, topic, partition }, { state, fault: undefined }, config, true)
    this.#records.putText(this.#loop.stage(log), keys.log(state.logNumber), JSON.stringify({ topicId, topic, partition }))
    this.#logs.set(logKey(topicId, partition), log)
    return log
  }

  /** The log is gone at once, durably with this turn's commit; its batches are removed by and by. */
  deleteLog(topicId: string, partition: number): void {
    this.#assertUsable()
    const log = this.log(topicId, partition)
    if (log === undefined) return
    this.#logs.delete(logKey(topicId, partition))
    this.#unwrittenHighWatermarks.delete(log)
    log.markDeleted()
    const set = this.#loop.stage(undefined)
    log.discard(set)
    for (const logNumber of log.logNumbers) this.#deleted.add(logNumber)
    this.#reclaimer.add(log.logNumber, Number.MAX_SAFE_INTEGER)
    this.#forgetOnceDurable(log.logNumbers)
  }

  /** Applies the retention of all logs; the directory does so itself every `retentionCheckMillis`. */
  runRetention(): void {
    if (!this.#isUsable) return
    const nowMillis = this.#clock.wallMillis()
    const isTimeTrusted = this.wallClock.isTrusted()
    for (const log of this.#logs.values()) log.retain(nowMillis, isTimeTrusted)
  }

  /** Compacts the logs whose policy says so, one after the other; the directory does so itself when it has codecs. */
  async runCompaction(codecs: RecordCodecs): Promise<void> {
    for (const log of Array.from(this.#logs.values())) {
      if (!this.#isUsable) return
      try {
        await log.compact(codecs, compactionOptionsOf(this.#options, this.#clock, this.wallClock))
      } catch (cause) {
        // A batch that nobody can read must not keep the other logs from being compacted.
        this.onCompactionFailed(log, cause)
      }
    }
  }

  /**
   * Refuses appends, waits for what is staged, writes checkpoints and the clean marker, and closes the store. Never
   * rejects: where the last commit is not possible the end is unclean, and so will be the next start.
   */
  close(): Promise<"clean" | "unclean"> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<"clean" | "unclean"> {
    const { reason } = this.writeGate
    this.writeGate.change("closed")
    this.backlog.release()
    this.#timers.end()
    this.scrubber.stop()
    this.#reclaimer.stop()
    try {
      await this.#repair.end()
      // A commit that has failed since halts the loop for good: the gate is closed, so nobody repairs it.
      if (reason === "failed" || this.#loop.isHalted) return "unclean"
      await this.#writeCleanEnd()
      return "clean"
    } catch {
      return "unclean"
    } finally {
      this.#loop.halt()
      await this.#store.close().catch(() => {})
    }
  }

  async #writeCleanEnd(): Promise<void> {
    const set = this.#loop.stage(undefined)
    for (const log of this.#logs.values()) {
      if (log.fault !== undefined) continue
      this.#loop.stage(log)
      log.checkpoint(set)
    }
    this.#records.putText(set, keys.clean, this.directoryId)
    await this.#loop.durable()
    await this.#loop.whenIdle()
  }

  async #start(identityText: string): Promise<void> {
    const set = this.#loop.stage(undefined)
    this.#records.putText(set, keys.identity, identityText)
    set.remove(keys.clean)
    for (const { logNumber, identity } of storedLogs(this.#store, this.#crc32c)) this.#recover(logNumber, identity)
    this.doubts += this.damages.length
    await this.#loop.durable()
    this.#isStarted = true
    this.#collectGarbage()
    this.#timers.every(this.#options.spaceProbeMillis, () => this.#probeSpace())
    this.#timers.every(this.#options.retentionCheckMillis, () => this.runRetention())
    const codecs = this.#codecs
    // A failed pass leaves the log as it was, and the failed commit has closed the gate.
    if (codecs !== undefined) this.#timers.repeat(this.#options.compactionCheckMillis, () => this.runCompaction(codecs).catch(() => {}))
    this.#timers.every(this.#options.highWatermarkFlushMillis, () => this.#writeHighWatermarks())
    this.#probeSpace()
    this.scrubber.start()
  }

  #recover(logNumber: number, identity: records.LogIdentity): void {
    const recovered = recoverLog(this.#context, logNumber)
    const { fault, isFaultStored, isRebuilt, state } = recovered
    const log = new PartitionLog(this.#context, identity, recovered, logConfigDefaults, false)
    this.#logs.set(logKey(identity.topicId, identity.partition), log)
    if (isRebuilt) {
      // The next start finds records that are whole and nothing of what they could not tell.
      this.#records.putSuspicion(this.#loop.stage(log))
      this.damages.push({ log, fault: { offset: state.startOffset, endOffset: state.endOffset, reason: "state" }, action: "rebuilt" })
    }
    const dropped = this.#records.dropped(logNumber)
    if (dropped !== undefined) this.damages.push({ log, fault: dropped, action: "truncated" })
    if (fault === undefined) return
    const mayDrop = !isFaultStored && state.isHighWatermarkKnown && fault.reason !== "state" && fault.offset >= state.highWatermark
    if (mayDrop) log.dropDamage()
    this.damages.push({ log, fault, action: mayDrop ? "truncated" : "quarantined" })
  }

  /** What a run before this one, or before a failed commit, left behind. */
  #collectGarbage(): void {
    this.#store.scan(keys.deletedPrefix, (key) => this.#reclaimer.add(keys.numberIn(key), Number.MAX_SAFE_INTEGER))
    for (const log of this.#logs.values()) {
      const first = this.#store.lastOffsets(log.logNumber, 0, log.firstStoredOffset, 1)
      if (first.length > 0) this.#reclaimer.add(log.logNumber, log.firstStoredOffset)
    }
  }

  #forgetOnceDurable(logNumbers: ReadonlyArray<number>): void {
    const forget = (): void => logNumbers.forEach((logNumber) => this.#deleted.delete(logNumber))
    this.#loop.durable().then(forget, () => {})
  }

  #newContext(tails: TailCache): LogContext {
    const { producerIdsMax, segmentBytesMax } = this.#options
    return {
      store: this.#store,
      loop: this.#loop,
      tails,
      clock: this.#clock,
      crc32c: this.#crc32c,
      segmentBytesMax,
      newProducers: (encoded) =>
        encoded === undefined ? new ProducerStates({ producerIdsMax }) : ProducerStates.decode(encoded, { producerIdsMax }),
      admits: (bytes, isVital) => this.#admits(bytes, isVital),
      assertUsable: () => this.#assertUsable(),
      noteHighWatermark: (log) => this.#unwrittenHighWatermarks.add(log),
      allocateLogNumber: () => {
        const logNumber = this.#nextLogNumber++
        this.#records.putNumber(this.#loop.stage(undefined), keys.nextLogNumber, this.#nextLogNumber)
        return logNumber
      },
      quarantined: (log, fault) => guard(() => this.onCorruption(log, fault)),
      isUsable: () => this.#isUsable,
      reclaim: (logNumber, belowOffset) => this.#reclaimer.add(logNumber, belowOffset)
    }
  }

  /** What is vital may use the reserve and passes the backlog: without it nobody could make room on a full disk. */
  #admits(bytes: number, isVital: boolean): boolean {
    if (isVital) return this.writeGate.isOpen || this.writeGate.reason === "space"
    if (!this.writeGate.isOpen || this.backlog.isFull) return false
    if (this.space.wantsProbe(bytes)) this.#probeSpace()
    return this.writeGate.isOpen
  }

  #probeSpace(): void {
    if (!this.#isUsable) return
    this.space.probe(this.#loop.bytes)
    const isNews = this.space.hasRoom !== this.writeGate.isOpen
    this.writeGate.change(this.space.hasRoom ? undefined : "space")
    if (this.space.hasRoom) return
    this.backlog.release()
    // What retention removes is room inside the store's own file.
    if (isNews) this.runRetention()
  }

  #writeHighWatermarks(): void {
    if (!this.#isUsable) return
    for (const log of this.#unwrittenHighWatermarks) this.#loop.stage(log)
    this.#unwrittenHighWatermarks.clear()
  }

  #fail(error: unknown, members: ReadonlyArray<Member>): void {
    this.doubts++
    this.writeGate.change("failed", error)
    this.#reclaimer.clear()
    const failed = members as ReadonlyArray<PartitionLog>
    for (const log of failed) {
      this.#failedLogs.add(log)
      log.dropStaged()
    }
    for (const log of failed) guard(() => log.onFailed())
    this.backlog.release()
    // What could not be opened is closed, not repaired.
    if (this.#isStarted) this.#repair.start()
  }

  #restore(): void {
    const stored = new Map<string, number>()
    for (const { logNumber, identity } of storedLogs(this.#store, this.#crc32c)) {
      if (this.#deleted.has(logNumber)) {
        // The failed commit undid the deletion.
        discardStored(this.#store, logNumber, this.#loop.stage(undefined))
        this.#reclaimer.add(logNumber, Number.MAX_SAFE_INTEGER)
      } else stored.set(logKey(identity.topicId, identity.partition), logNumber)
    }
    for (const [key, log] of this.#logs) {
      if (!this.#failedLogs.has(log)) continue
      const logNumber = stored.get(key)
      if (logNumber !== undefined) {
        const recovered = recoverLog(this.#context, logNumber)
        log.restore(recovered)
        if (recovered.isRebuilt || log.fault !== undefined) this.#loop.stage(log)
      } else {
        this.#logs.delete(key)
        log.markDeleted()
      }
    }
    this.#failedLogs = new Set()
    this.#forgetOnceDurable([...this.#deleted])
    this.#collectGarbage()
    if (this.writeGate.reason !== "failed") return
    this.space.probe(0)
    this.writeGate.change(this.space.hasRoom ? undefined : "space")
  }

  get #isUsable(): boolean {
    return this.writeGate.isUsable
  }

  #assertUsable(): void {
    const { reason, cause, isUsable } = this.writeGate
    if (!isUsable) throw new StoreError(this.#store.name, "commit", cause ?? `the directory is ${reason}`)
  }
}
