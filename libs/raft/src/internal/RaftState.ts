import { type Configuration, isVoter } from "../Configuration.ts"
import type { ControlFormat } from "../ControlFormat.ts"
import { type Entry, endOf } from "../Entry.ts"
import type { Envelope, Message } from "../Message.ts"
import { type NodeKey, sameKey } from "../NodeKey.ts"
import type { RaftConfig } from "../RaftConfig.ts"
import type { HardState, RaftStorage } from "../RaftStorage.ts"
import type { ReadResult } from "../Ready.ts"
import type { Snapshot } from "../Snapshot.ts"
import { ConfigurationHistory } from "./ConfigurationHistory.ts"
import type { Leadership } from "./Leadership.ts"
import { RaftLog } from "./RaftLog.ts"

export type RaftRole = "follower" | "preCandidate" | "candidate" | "leader"

type Unaddressed<M extends Message> = M extends Message ? Omit<M, keyof Envelope> & { readonly term?: number } : never

/** What the caller decides about a node. */
export interface RaftOptions {
  readonly clusterId: string
  readonly self: NodeKey
  /** Never the same in two lives of a directory, for instance a broker epoch or a random number. Up to 2^53-1. */
  readonly incarnation: number
  /** Nodes to ask for a leader while the log does not tell who the voters are. */
  readonly bootstrapNodeIds: ReadonlyArray<number>
  /** Extra ticks before a campaign, drawn anew for each: spread it over [0, electionTicks). */
  readonly electionJitterTicks: () => number
  readonly config: RaftConfig
  readonly format: ControlFormat
}

/** Reads of this node that wait for the leader's answer. */
export interface ForwardedReads {
  readonly batch: number
  readonly requestIds: ReadonlyArray<number>
  readonly sentTick: number
}

/** Everything that a node knows. The functions beside it are the rules. */
export class RaftState {
  readonly options: RaftOptions
  readonly config: RaftConfig
  readonly self: NodeKey
  readonly log: RaftLog
  readonly configurations: ConfigurationHistory
  term: number
  votedFor: NodeKey | undefined
  role: RaftRole = "follower"
  leader: NodeKey | undefined
  /** Set while this node leads. */
  leadership: Leadership | undefined
  /** Ticks since the node last heard of its leader, granted a vote or campaigned. */
  electionElapsed = 0
  electionTimeout = 0
  tick = 0
  /**
   * Someone who takes this node for a voter was refused a vote, since this log reaches further, and no leader is heard. By
   * its own log the node may be none (a learner, or removed by an entry that is not committed), but it may be that nobody
   * can win without what it has.
   */
  isNeeded = false
  /** Answers to the campaign that is under way, by voter. */
  readonly ballot = new Map<string, boolean>()
  /** Below it the log is known to be the leader's of this term. */
  agreedEnd = 0
  /** A snapshot on its way to this node. */
  incoming: { readonly snapshot: Snapshot; position: number } | undefined
  /** An installed snapshot that the state machine has not been told of. */
  restore: Snapshot | undefined
  outbox: Array<Message> = []
  readResults: Array<ReadResult> = []
  /** Reads of this turn that are to be passed on to the leader together. */
  unsentReads: Array<number> = []
  forwardedReads: Array<ForwardedReads> = []
  nextReadBatch = 1
  nextBootstrapNode = 0
  messagesDropped = 0

  constructor(options: RaftOptions, storage: RaftStorage) {
    const stored = storage.load()
    this.options = options
    this.config = options.config
    this.self = options.self
    this.log = new RaftLog(storage, stored)
    this.configurations = new ConfigurationHistory(stored)
    this.term = stored.hardState.term
    this.votedFor = stored.hardState.votedFor
    if (stored.partialSnapshot !== undefined && stored.partialSnapshot.snapshot.endOffset > this.log.commit) {
      this.incoming = { ...stored.partialSnapshot }
    }
    if (this.log.lastTerm > this.term) throw new Error(`assertion: the log has term ${this.log.lastTerm}, the vote ${this.term}`)
    this.restartElectionTimer()
  }

  get configuration(): Configuration {
    return this.configurations.current
  }

  get hardState(): HardState {
    return { term: this.term, votedFor: this.votedFor }
  }

  /** By the newest configuration in the log; with this directory. */
  get isVoter(): boolean {
    return isVoter(this.configuration, this.self)
  }

  /**
   * A voter may, and a node that is needed. Its own vote counts only where the newest configuration in its log has it, so
   * who campaigns is no question of safety.
   */
  get mayCampaign(): boolean {
    return this.isVoter || this.isNeeded
  }

  /** Whether the node has heard a leader so recently that it helps nobody to replace it. */
  get hasLiveLeader(): boolean {
    return this.leadership !== undefined || (this.leader !== undefined && this.electionElapsed < this.config.electionTicks)
  }

  restartElectionTimer(): void {
    this.electionElapsed = 0
    this.electionTimeout = this.config.electionTicks + this.options.electionJitterTicks()
  }

  send(to: NodeKey, message: Unaddressed<Message>): void {
    if (this.outbox.length >= this.config.messagesMax) {
      this.outbox.shift()
      this.messagesDropped++
    }
    const { clusterId } = this.options
    this.outbox.push({ clusterId, from: this.self, to, ...message, term: message.term ?? this.term } as Message)
  }

  /** Appends to the log. A configuration is in force from here on. */
  append(entries: ReadonlyArray<Entry>): void {
    this.log.append(entries)
    for (const entry of entries) {
      if (entry.kind === "configuration") this.configurations.add(entry.offset, this.options.format.readConfiguration(entry.data))
    }
  }

  /** Moves the high watermark forward, never back. */
  commitTo(offset: number): boolean {
    if (offset <= this.log.commit) return false
    if (offset > this.log.endOffset) throw new Error(`assertion: ${offset} is committed, the log ends at ${this.log.endOffset}`)
    this.log.commit = offset
    return true
  }

  isSelf(key: NodeKey | undefined): boolean {
    return sameKey(key, this.self)
  }
}

/** The offset behind the last of `entries`, or `from` when there is none. */
export function endOfEntries(entries: ReadonlyArray<Entry>, from: number): number {
  const last = entries.at(-1)
  return last === undefined ? from : endOf(last)
}
