import type { Bus } from "@tailrace/bus"
import type { MetadataRecord, MetadataRecordInput } from "@tailrace/kafka-protocol"
import type { WriteGate } from "@tailrace/log"
import {
  type ChangeFault, decodeMessage, defaultRaftConfig, encodeMessage, type Entry, endOf, type MembershipChange, type Message, type NodeKey,
  type Proposed, type ProposeFault, RaftCore, type RaftConfig, RaftMessageError, type RaftStatus, type Ready, type Refused, sameKey, type TransferFault
} from "@tailrace/raft"
import type { Clock, Logger, Random } from "@tailrace/runtime"
import { DecisionReader } from "./DecisionReader.ts"
import type { MetadataBatches } from "./MetadataBatches.ts"
import type { QuorumStorage } from "./QuorumStorage.ts"
import { checksumOf } from "../internal/checksumOf.ts"
import { Complaint } from "../internal/Complaint.ts"
import { pause } from "../internal/pause.ts"
import { subjectOf } from "../internal/subjectOf.ts"

export interface QuorumOptions {
  readonly clusterName: string
  readonly self: NodeKey
  /** Nodes to ask for the leader while the log does not tell the voters. */
  readonly bootstrapNodeIds: ReadonlyArray<number>
  readonly storage: QuorumStorage
  readonly batches: MetadataBatches
  /** Undefined for a node that is alone: then no time passes for Raft. */
  readonly bus: Bus | undefined
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** Nobody was heard for `silenceTicksMax`: the bus may be the reason. */
  readonly onSilence?: () => void
  readonly tickMillis?: number
  readonly config?: Partial<RaftConfig>
  /** Above it the log is replaced by a snapshot. */
  readonly logBytesMax?: number
}

/** What the node does with what the quorum has decided. Called in the order of the log, once for each decision. */
export interface QuorumListener {
  readonly apply: (records: ReadonlyArray<MetadataRecord>, endOffset: number, term: number) => void
  /** The state machine begins again with this snapshot. */
  readonly restore: (snapshot: Uint8Array, endOffset: number) => void
  /** The state machine as a snapshot, as of everything applied. */
  readonly snapshot: () => Buffer
  /** Role, leader, term or high watermark may have changed. */
  readonly changed: () => void
  /** A write failed: nothing is decided here until `restart`. */
  readonly failed: () => void
  /** What cannot happen did. The node ends with it. */
  readonly crashed: (cause: unknown) => void
}

interface WaitingRead {
  readonly resolve: (isConfirmed: boolean) => void
  /** Set once the quorum has answered: confirmed when this is applied. */
  offset?: number
}

const tickMillisDefault = 50
/** Longer than an election takes to begin: in a quorum that works somebody speaks several times meanwhile. */
export const silenceTicksMax = 24
/** Where trying another server does not help, it is tried ever less often. */
export const silencePauseTicksMax = 600
/** Kafka's `metadata.log.max.record.bytes.between.snapshots` is 20 MiB; this log is in memory too. */
export const logBytesMaxDefault = 4 * 1024 * 1024
/** The part of `logBytesMax` that stays of the log in front of a snapshot, so that a follower that is a little behind needs none. */
const keptFraction = 0.25
/** An entry and its envelope have to fit a message of the bus with its default limit of 1 MiB. */
export const entryBytesMax = 900 * 1024

/**
 * The shell around Raft's core on this node, whatever its role: ticks come from the clock, messages from the control bus,
 * and what the core asks for is done in its order: write and flush, send, apply. One write is under way at a time.
 */
export class Quorum {
  readonly #options: QuorumOptions
  readonly #listener: QuorumListener
  readonly #decisions: DecisionReader
  readonly #reads = new Map<number, WaitingRead>()
  #core: RaftCore
  #nextRead = 1
  #appliedEnd = 0
  #isScheduled = false
  /** The core whose requests are being carried out. */
  #draining: RaftCore | undefined
  #isSaving = false
  /** Two gates may open at the same time; there is one core. */
  #restarting: Promise<void> = Promise.resolve()
  #isFailed = false
  /** When the write began that is not durable yet, or failed; undefined while nothing is under way. */
  #writingSinceMillis: number | undefined
  #isClosed = false
  #silentTicks = 0
  #silencePauseTicks = silenceTicksMax
  #cancelTick: () => void = () => undefined
  #unsubscribe: () => void = () => undefined
  readonly tickMillis: number
  readonly malformed: Complaint

  constructor(options: QuorumOptions, listener: QuorumListener) {
    this.#options = options
    this.tickMillis = options.tickMillis ?? tickMillisDefault
    this.#listener = listener
    this.#decisions = new DecisionReader(options.batches)
    this.malformed = new Complaint(options, "a message of another node's quorum is malformed")
    this.#core = this.#newCore()
    options.storage.onFailed = () => this.#fail()
  }

  /** Takes in what the log has, and takes part from now on. A sole voter leads when this resolves. */
  async start(): Promise<void> {
    const { bus, clusterName, self } = this.#options
    if (bus !== undefined) {
      this.#unsubscribe = bus.subscribe(subjectOf(clusterName, self.nodeId, "raft"), (payload) => this.#receive(payload))
      this.#tickLater()
    }
    await this.#drain()
    await this.#leadAlone()
  }

  close(): void {
    this.#isClosed = true
    this.#cancelTick()
    this.#unsubscribe()
    this.#refuseReads()
  }

  get status(): RaftStatus {
    return this.#core.status()
  }

  /** Everything below is in the committed image. */
  get appliedEnd(): number {
    return this.#appliedEnd
  }

  /** This node leads and has applied everything that earlier leaders committed: what it decides now builds on all of it. */
  get isActive(): boolean {
    const { applied, commit, isLeaderReady, transferTarget } = this.status
    return isLeaderReady && applied >= commit && transferTarget === undefined && !this.#isFailed
  }

  /** For how long the metadata has stood still here because a write does not become durable; 0 where none is under way. */
  get stoodStillMillis(): number {
    return this.#writingSinceMillis === undefined ? 0 : this.#options.clock.monotonicMillis() - this.#writingSinceMillis
  }

  /** Where the next record goes, if this node leads. */
  get endOffset(): number {
    return this.status.endOffset
  }

  /** Whose decision ends at an offset; undefined where the log does not have it. */
  termBefore(endOffset: number): number | undefined {
    return this.#core.termBefore(endOffset)
  }

  /**
   * Appends records that are decided together, be it as several entries. All of them hold once `appliedEnd` has reached
   * `endOffset` with an entry of the same term, and none before; once an entry of a later term is applied they never will.
   */
  propose(records: ReadonlyArray<MetadataRecordInput>): Proposed | Refused<ProposeFault> {
    if (this.#isFailed || this.#isClosed) return { kind: "refused", fault: "notLeader" }
    const { batches, clock } = this.#options
    const entries = batches.encode(records, clock.wallMillis())
    const proposed = this.#core.propose(entries)
    if (proposed.kind === "proposed") {
      batches.place(entries, proposed.offset, proposed.term)
      this.#schedule()
    }
    return proposed
  }

  /** True once it is certain that no other node has decided anything that is not applied here (ReadIndex, not a lease). */
  confirm(): Promise<boolean> {
    if (this.#isFailed || this.#isClosed) return Promise.resolve(false)
    return new Promise((resolve) => {
      const requestId = this.#nextRead++
      this.#reads.set(requestId, { resolve })
      this.#core.readIndex(requestId)
      this.#schedule()
    })
  }

  changeMembership(change: MembershipChange): Proposed | Refused<ChangeFault> {
    const changed = this.#core.changeMembership(change)
    this.#schedule()
    return changed
  }

  transferLeadership(target: NodeKey): { readonly kind: "started" } | Refused<TransferFault> {
    const transfer = this.#core.transferLeadership(target)
    this.#schedule()
    return transfer
  }

  /** Hands the lead to the voter that is furthest, so that nobody has to miss this node; resolves when it is gone, or in time. */
  async resign(timeoutMillis: number): Promise<void> {
    const { clock } = this.#options
    const deadlineMillis = clock.monotonicMillis() + timeoutMillis
    const { configuration, followers } = this.status
    const voters = followers.filter(({ isRegressed, key }) => !isRegressed && configuration.voters.some((voter) => sameKey(voter, key)))
    const target = voters.toSorted((a, b) => a.silentTicks - b.silentTicks || b.matchOffset - a.matchOffset)[0]
    if (this.status.role !== "leader" || target === undefined) return
    this.transferLeadership(target.key)
    while (this.status.role === "leader" && !this.#isClosed && clock.monotonicMillis() < deadlineMillis) await pause(clock, this.tickMillis)
  }

  /** The gate of the directory that has the metadata log, which may be another than that of the data. */
  get writeGate(): WriteGate {
    return this.#options.storage.directory.writeGate
  }

  /** The directory has found damage in the metadata log. */
  mend = (): void => this.#options.storage.mend()

  /**
   * The directory takes writes again: begins anew from what it holds. A write that failed may be there all the same. While the
   * directory is still failed nothing happens; whoever hears its gate calls again.
   */
  restart(): Promise<void> {
    if (!this.#isFailed || this.#isClosed || !this.writeGate.isUsable) return this.#restarting
    const begin = (): Promise<void> => this.#beginAnew()
    // An attempt that failed does not stand in the way of the next.
    return this.#restarting = this.#restarting.then(begin, begin)
  }

  async #beginAnew(): Promise<void> {
    if (!this.#isFailed || this.#isClosed) return
    const { batches, storage } = this.#options
    await storage.reopen(batches)
    this.#decisions.reset()
    this.#core = this.#newCore()
    this.#isFailed = false
    this.#writingSinceMillis = undefined
    await this.#drain()
    await this.#leadAlone()
  }

  #newCore(): RaftCore {
    const { batches, bootstrapNodeIds, clusterName, random, self, storage } = this.#options
    const config: RaftConfig = { ...defaultRaftConfig, entryBytesMax, ...this.#options.config }
    return new RaftCore({
      clusterId: clusterName,
      self,
      incarnation: random.nextInt(0x8000_0000),
      bootstrapNodeIds: bootstrapNodeIds.filter((nodeId) => nodeId !== self.nodeId),
      electionJitterTicks: () => random.nextInt(config.electionTicks),
      config,
      format: batches
    }, storage)
  }

  /** Nobody else can have been elected, so there is nothing to wait for. */
  async #leadAlone(): Promise<void> {
    const { configuration, isVoter } = this.status
    if (!isVoter || configuration.voters.length !== 1) return
    const ticksMax = 4 * (this.#options.config?.electionTicks ?? defaultRaftConfig.electionTicks)
    for (let ticks = 0; ticks < ticksMax && !this.isActive && !this.#isFailed; ticks++) {
      this.#core.tick()
      await this.#drain()
    }
  }

  #tickLater(): void {
    this.#cancelTick = this.#options.clock.after(this.tickMillis, () => {
      if (this.#isClosed) return
      this.#tickLater()
      if (this.#isFailed) return
      this.#guard(() => this.#core.tick())
      this.#watchSilence()
      this.#schedule()
    })
  }

  #watchSilence(): void {
    this.#silentTicks++
    if (this.#silentTicks < this.#silencePauseTicks) return
    this.#silentTicks = 0
    this.#silencePauseTicks = Math.min(2 * this.#silencePauseTicks, silencePauseTicksMax)
    const { configuration, followers, isVoter } = this.status
    // A quorum of one with no observers has nobody to hear.
    if (isVoter && configuration.voters.length === 1 && followers.length === 0) return
    this.#options.onSilence?.()
  }

  #receive(payload: Buffer): void {
    if (this.#isClosed || this.#isFailed) return
    const message = this.#decode(payload)
    if (message === undefined || message.to.nodeId !== this.#options.self.nodeId) return
    this.#silentTicks = 0
    this.#silencePauseTicks = silenceTicksMax
    this.#guard(() => this.#core.step(message))
    this.#schedule()
  }

  #decode(payload: Buffer): Message | undefined {
    try {
      return decodeMessage(payload)
    } catch (cause) {
      if (!(cause instanceof RaftMessageError)) throw cause
      this.malformed.add(cause)
      return undefined
    }
  }

  /** Everything of one turn travels in one round. */
  #schedule(): void {
    if (this.#isScheduled || this.#isClosed) return
    this.#isScheduled = true
    this.#options.clock.endOfTurn(() => {
      this.#isScheduled = false
      void this.#drain()
    })
  }

  /** Does what the core asks for until it asks for nothing. What comes in meanwhile is part of the next round. */
  async #drain(): Promise<void> {
    const core = this.#core
    if (this.#draining === core || this.#isClosed || this.#isFailed) return
    this.#draining = core
    try {
      for (let ready = core.ready(); ready !== undefined; ready = core.ready()) {
        this.#send(ready.early)
        const written = this.#options.storage.persist(ready.persist)
        if (written !== undefined && !await this.#isWritten(written)) return
        if (this.#isClosed || this.#isFailed || core !== this.#core) return
        this.#send(ready.messages)
        this.#apply(ready)
        core.advance()
        this.#settleReads(ready.reads)
        this.#listener.changed()
      }
      this.#snapshotIfLarge()
    } catch (cause) {
      this.#listener.crashed(cause)
    } finally {
      if (this.#draining === core) this.#draining = undefined
    }
  }

  async #isWritten(written: Promise<void>): Promise<boolean> {
    this.#writingSinceMillis ??= this.#options.clock.monotonicMillis()
    try {
      await written
      this.#writingSinceMillis = undefined
      return true
    } catch (cause) {
      this.#options.logger.error("the metadata log could not be written", { cause })
      this.#fail()
      return false
    }
  }

  #send(messages: ReadonlyArray<Message>): void {
    const { bus, clusterName } = this.#options
    if (bus === undefined) return
    for (const message of messages) bus.publish(subjectOf(clusterName, message.to.nodeId, "raft"), encodeMessage(message))
  }

  /** After a restart the core begins at its snapshot again: what is applied already is passed over. */
  #apply({ committed, restore }: Ready): void {
    if (restore !== undefined && restore.endOffset > this.#appliedEnd) {
      const bytes = this.#options.storage.snapshotBytes
      if (bytes === undefined) throw new Error("assertion: a snapshot that is in force is stored")
      this.#decisions.reset()
      this.#listener.restore(bytes, restore.endOffset)
      this.#appliedEnd = restore.endOffset
    }
    for (const entry of committed) this.#applyEntry(entry)
  }

  #applyEntry(entry: Entry): void {
    const end = endOf(entry)
    if (end <= this.#appliedEnd) return
    const records = this.#decisions.take(entry)
    if (records === undefined) return
    this.#appliedEnd = end
    this.#listener.apply(records, end, entry.term)
  }

  #settleReads(answered: Ready["reads"]): void {
    for (const { offset, requestId } of answered) {
      const read = this.#reads.get(requestId)
      if (read === undefined) continue
      if (offset !== undefined) read.offset = offset
      else {
        this.#reads.delete(requestId)
        read.resolve(false)
      }
    }
    for (const [requestId, read] of this.#reads) {
      if (read.offset === undefined || read.offset > this.#appliedEnd) continue
      this.#reads.delete(requestId)
      read.resolve(true)
    }
  }

  #refuseReads(): void {
    const reads = [...this.#reads.values()]
    this.#reads.clear()
    for (const { resolve } of reads) resolve(false)
  }

  #snapshotIfLarge(): void {
    const { logBytesMax = logBytesMaxDefault, storage } = this.#options
    if (this.#isSaving || storage.logBytes <= logBytesMax) return
    const point = this.#core.snapshotPoint()
    if (point === undefined || point.endOffset <= (this.status.snapshot?.endOffset ?? 0)) return
    // In the middle of a decision the state machine is behind the log.
    if (point.endOffset !== this.#appliedEnd) return
    this.#isSaving = true
    void this.#saveSnapshot(point)
  }

  async #saveSnapshot(point: NonNullable<ReturnType<RaftCore["snapshotPoint"]>>): Promise<void> {
    const { logger, storage } = this.#options
    const bytes = this.#listener.snapshot()
    const snapshot = { ...point, sizeBytes: bytes.length, checksum: checksumOf(bytes) }
    const core = this.#core
    try {
      await storage.saveSnapshot(snapshot, bytes)
      if (core !== this.#core || this.#isClosed) return
      const { logBytesMax = logBytesMaxDefault } = this.#options
      core.compact(snapshot, storage.offsetBelow(snapshot.endOffset, keptFraction * logBytesMax))
      logger.info("metadata snapshot", { endOffset: snapshot.endOffset, bytes: bytes.length })
      this.#schedule()
    } catch (cause) {
      logger.warn("the metadata snapshot could not be written; it is tried again when the log has grown", { cause })
    } finally {
      this.#isSaving = false
    }
  }

  #fail(): void {
    if (this.#isFailed || this.#isClosed) return
    this.#isFailed = true
    this.#writingSinceMillis ??= this.#options.clock.monotonicMillis()
    this.#refuseReads()
    this.#listener.failed()
  }

  #guard(call: () => void): void {
    try {
      call()
    } catch (cause) {
      this.#listener.crashed(cause)
    }
  }
}
