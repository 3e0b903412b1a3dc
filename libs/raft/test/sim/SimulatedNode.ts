import type { Entry, MemoryStorage, NodeKey, RaftCore, Ready, Snapshot } from "../../src/index.ts"
import { hashBytes, hashNumber } from "./hash.ts"

export const chainStart = 2_166_136_261

/** Stands for an entry and everything before it. */
export function chained(chain: number, { offset, offsetCount, term, kind, data }: Entry): number {
  return hashBytes(hashNumber(hashNumber(hashNumber(hashNumber(chain, offset), offsetCount), term), kind.length), data)
}

/** Of each place where an entry ends: what the log is up to there, and the term. */
export type Chains = Map<number, { readonly chain: number; readonly term: number }>

/** A directory: what survives a crash. */
export interface SimulatedDisk {
  readonly directoryId: string
  storage: MemoryStorage
  chains: Chains
}

/** One node of the simulation, running or not. */
export class SimulatedNode {
  readonly nodeId: number
  disk: SimulatedDisk
  /** Directories that it had before, to come back by mistake. */
  readonly oldDisks: Array<SimulatedDisk> = []
  core: RaftCore | undefined
  /** Counts starts, so that events of an earlier life are recognised. */
  life = 0
  pausedUntil = 0
  tickPeriod = 10
  /** Out and not settled. */
  ready: Ready | undefined
  /** The state machine: a hash of all that was applied. */
  appliedEnd = 0
  appliedChain = chainStart
  /** Ticks of this life. */
  ticks = 0
  /** When, in ticks, something of each voter was last taken. */
  readonly heard = new Map<string, number>()
  leaderHeardTick = -1_000
  leaderHeardTerm = -1
  ledTerm = -1
  /** Grants of pre-votes that arrived, by term. */
  readonly preVotes = new Map<number, Set<string>>()
  /** Pre-votes that were asked for while the node heard no leader. */
  readonly allowedPreVotes = new Set<string>()
  readonly timeoutNows = new Set<number>()
  commit = 0
  term = 0
  proposals: Array<{ readonly term: number; readonly offset: number; readonly endOffset: number; readonly data: Uint8Array }> = []
  /** Reads under way: what they have to see at least. */
  readonly reads = new Map<number, number>()

  constructor(nodeId: number, disk: SimulatedDisk) {
    this.nodeId = nodeId
    this.disk = disk
  }

  get key(): NodeKey {
    return { nodeId: this.nodeId, directoryId: this.disk.directoryId }
  }

  /** Forgets what lived in memory. */
  stop(): void {
    this.core = undefined
    this.ready = undefined
    this.life++
    this.ticks = 0
    this.heard.clear()
    this.preVotes.clear()
    this.allowedPreVotes.clear()
    this.timeoutNows.clear()
    this.leaderHeardTick = -1_000
    this.leaderHeardTerm = -1
    this.ledTerm = -1
    this.commit = 0
    this.term = 0
    this.proposals = []
    this.reads.clear()
    this.appliedEnd = 0
    this.appliedChain = chainStart
  }

  snapshotBytes(padding: number): Uint8Array {
    return Buffer.from(`${this.appliedEnd} ${this.appliedChain} ${"x".repeat(padding)}`)
  }

  restore(snapshot: Snapshot, bytes: Uint8Array): void {
    const [end, chain] = Buffer.from(bytes).toString().split(" ").map(Number)
    if (end !== snapshot.endOffset || chain === undefined) throw new Error(`snapshot of ${end}, not ${snapshot.endOffset}`)
    this.appliedEnd = end
    this.appliedChain = chain
  }
}
