import type { Configuration, Entry, Message, NodeKey, Persist, RaftStatus } from "../../src/index.ts"
import { hashBytes } from "./hash.ts"
import { chained, chainStart, type SimulatedNode } from "./SimulatedNode.ts"

const nameOf = (key: NodeKey): string => `${key.nodeId}/${key.directoryId}`
const isSame = (a: NodeKey | undefined, b: NodeKey | undefined): boolean => a?.nodeId === b?.nodeId && a?.directoryId === b?.directoryId
const quorum = ({ voters }: Configuration): number => Math.floor(voters.length / 2) + 1

/** What shows a leader that it is followed. */
const answers: ReadonlySet<Message["kind"]> = new Set(["appendAccepted", "appendRejected", "heartbeatResponse", "snapshotResponse"])

/** A rule was broken. */
export class Violation extends Error {
  override readonly name = "Violation"
}

function demand(isMet: boolean, what: () => string): void {
  if (!isMet) throw new Violation(what())
}

/**
 * What has to be true of all nodes together. It shares nothing with the core but the types, and looks at every event:
 * R1 election safety, R2 log matching, R3 leader completeness, R4 state-machine safety, and who promises what when.
 */
export class Oracle {
  readonly #nodes: ReadonlyMap<number, SimulatedNode>
  readonly #electionTicks: number
  readonly #checkQuorumTicks: number
  readonly #leaders = new Map<number, string>()
  readonly #votes = new Map<string, string>()
  readonly #chains = new Map<string, number>()
  /** By the offset of each entry that any node applied. */
  readonly #applied = new Map<number, { readonly end: number; readonly chain: number; readonly data: number }>()
  /** What the log is up to each place that is known to be committed. */
  readonly #committed = new Map<number, number>()
  /** How far the leader of each term has committed. */
  readonly #commits = new Map<number, number>()
  /** By offset, what clients were told is committed. */
  readonly #acknowledged = new Map<number, number>()
  /** The highest high watermark that any node had. */
  committedEnd = 0
  elections = 0
  reads = 0

  constructor(nodes: ReadonlyMap<number, SimulatedNode>, electionTicks: number, checkQuorumTicks: number) {
    this.#nodes = nodes
    this.#electionTicks = electionTicks
    this.#checkQuorumTicks = checkQuorumTicks
  }

  /** R2: what becomes durable agrees with every log that has the same term at the same offset. */
  persisted(node: SimulatedNode, write: Persist): void {
    const { chains, storage } = node.disk
    if (write.hardState !== undefined) {
      const { term, votedFor } = storage.hardState
      demand(write.hardState.term >= term, () => `node ${node.nodeId}: term ${write.hardState!.term} after ${term}`)
      if (write.hardState.term === term && votedFor !== undefined) {
        demand(isSame(votedFor, write.hardState.votedFor), () => `node ${node.nodeId}: a second vote in term ${term}`)
      }
    }
    if (write.installSnapshot !== undefined) {
      chains.clear()
      const { endOffset, term } = write.installSnapshot
      const chain = this.#chains.get(`${term}:${endOffset}`)
      demand(chain !== undefined, () => `node ${node.nodeId}: a snapshot of a log that nobody had`)
      chains.set(endOffset, { chain: chain!, term })
    }
    if (write.truncateTo !== undefined) for (const end of chains.keys()) if (end > write.truncateTo) chains.delete(end)
    for (const entry of write.entries) {
      const before = entry.offset === 0 ? chainStart : chains.get(entry.offset)?.chain
      demand(before !== undefined, () => `node ${node.nodeId}: an entry at ${entry.offset} follows nothing`)
      const chain = chained(before!, entry)
      const end = entry.offset + entry.offsetCount
      const name = `${entry.term}:${end}`
      const other = this.#chains.get(name)
      demand(other === undefined || other === chain, () => `R2: node ${node.nodeId} has another log up to ${end} in term ${entry.term}`)
      this.#chains.set(name, chain)
      chains.set(end, { chain, term: entry.term })
    }
  }

  /** Where the log in memory is the one on disk, so is the configuration in force. */
  settled(node: SimulatedNode, status: RaftStatus, stored: Configuration): void {
    const { storage, chains } = node.disk
    if (status.endOffset !== storage.endOffset || status.lastTerm !== (chains.get(storage.endOffset)?.term ?? 0)) return
    const names = ({ voters, learners }: Configuration): string => [voters.map(nameOf), learners.map(nameOf)].join(" + ")
    demand(names(stored) === names(status.configuration), () => `node ${node.nodeId}: ${names(status.configuration)} in force, ${names(stored)} in the log`)
  }

  /** R4: every node applies the same entries in the same order. */
  applied(node: SimulatedNode, entry: Entry): void {
    demand(entry.offset === node.appliedEnd, () => `node ${node.nodeId} applied ${entry.offset} after ${node.appliedEnd}`)
    node.appliedChain = chained(node.appliedChain, entry)
    node.appliedEnd = entry.offset + entry.offsetCount
    const other = this.#applied.get(entry.offset)
    const { appliedEnd: end, appliedChain: chain } = node
    demand(other === undefined || (other.end === end && other.chain === chain), () => `R4: node ${node.nodeId} applied something else at ${entry.offset}`)
    this.#committed.set(end, chain)
    const data = hashBytes(chainStart, entry.data)
    this.#applied.set(entry.offset, { end, chain, data })
    const promised = this.#acknowledged.get(entry.offset)
    demand(promised === undefined || promised === data, () => `what was acknowledged at ${entry.offset} is not there`)
  }

  restored(node: SimulatedNode): void {
    const known = this.#committed.get(node.appliedEnd)
    demand(known === undefined || known === node.appliedChain, () => `R4: node ${node.nodeId} restored another state at ${node.appliedEnd}`)
  }

  /** What a message promises is durable where it comes from. */
  sent(node: SimulatedNode, message: Message): void {
    const { hardState, endOffset } = { hardState: node.disk.storage.hardState, endOffset: node.disk.storage.endOffset }
    const where = (): string => `node ${node.nodeId}: ${message.kind} of term ${message.term} with term ${hardState.term} durable`
    const isPreVote = message.kind === "preVoteRequest" || (message.kind === "preVoteResponse" && message.isGranted)
    demand(isPreVote || hardState.term >= message.term, where)
    if (hardState.term === message.term && message.kind === "appendAccepted") demand(endOffset >= message.matchOffset, where)
    if (message.kind === "preVoteResponse" && message.isGranted) {
      demand(node.allowedPreVotes.has(`${nameOf(message.to)}@${message.term}`), () => `node ${node.nodeId} helps to replace a leader that it hears`)
    }
    if (message.kind === "voteRequest") {
      this.#voted(node.key, message.term, node.key)
      if (hardState.term === message.term) demand(isSame(hardState.votedFor, node.key), where)
      const isAsked = message.isTransfer ? node.timeoutNows.has(message.term - 1) : this.#hasPreVotes(node, message.term)
      demand(isAsked, () => `node ${node.nodeId} campaigns in term ${message.term} without being asked to`)
    }
    if (message.kind === "voteResponse" && message.isGranted) {
      this.#voted(node.key, message.term, message.to)
      if (hardState.term === message.term) demand(isSame(hardState.votedFor, message.to), where)
    }
  }

  /** Before a message is taken: what is known of who hears whom. */
  delivered(node: SimulatedNode, message: Message, before: RaftStatus, after: RaftStatus): void {
    if (after.term === message.term && answers.has(message.kind)) node.heard.set(nameOf(message.from), node.ticks)
    const isLeaders = message.kind === "appendRequest" || message.kind === "heartbeatRequest" || message.kind === "snapshotRequest"
    const isStanding = before.role === "follower" && node.leaderHeardTerm === before.term &&
      node.ticks - node.leaderHeardTick < this.#electionTicks
    if (message.kind === "preVoteRequest") {
      const name = `${nameOf(message.from)}@${message.term}`
      // A grant that waits to be sent may be of an earlier copy of the request.
      if (!isStanding) node.allowedPreVotes.add(name)
    }
    if (message.kind === "voteRequest" && !message.isTransfer && message.term > before.term) {
      demand(!isStanding || after.term === before.term, () => `node ${node.nodeId} left a leader that it hears`)
    }
    if (isLeaders && after.term === message.term) {
      node.leaderHeardTick = node.ticks
      node.leaderHeardTerm = message.term
    }
    if (message.kind === "timeoutNow") node.timeoutNows.add(message.term)
    if (message.kind === "preVoteResponse" && message.isGranted) {
      const grants = node.preVotes.get(message.term) ?? new Set<string>()
      node.preVotes.set(message.term, grants.add(nameOf(message.from)))
    }
  }

  /** After every event of a running node. */
  checked(node: SimulatedNode, status: RaftStatus): void {
    demand(status.term >= node.term, () => `node ${node.nodeId}: term ${status.term} after ${node.term}`)
    demand(status.commit >= node.commit, () => `node ${node.nodeId}: high watermark ${status.commit} after ${node.commit}`)
    node.term = status.term
    if (status.role === "leader") this.#checkLeader(node, status)
    if (status.commit > node.commit) {
      node.commit = status.commit
      if (status.role === "leader") this.#checkCommit(node, status)
      this.committedEnd = Math.max(this.committedEnd, status.commit)
    }
  }

  /** A read sees everything that was committed when it began. */
  read(node: SimulatedNode, requestId: number, offset: number | undefined): void {
    const floor = node.reads.get(requestId)
    demand(floor !== undefined, () => `node ${node.nodeId}: an answer to no read`)
    node.reads.delete(requestId)
    if (offset === undefined) return
    this.reads++
    demand(offset >= floor!, () => `node ${node.nodeId}: a read at ${offset} misses what was committed up to ${floor}`)
  }

  /** A client is told that its proposal is committed. */
  acknowledge(offset: number, data: Uint8Array): void {
    const promised = hashBytes(chainStart, data)
    const known = this.#applied.get(offset)
    demand(known === undefined || known.data === promised, () => `something else than what is acknowledged was applied at ${offset}`)
    this.#acknowledged.set(offset, promised)
  }

  get acknowledgements(): number {
    return this.#acknowledged.size
  }

  #checkLeader(node: SimulatedNode, status: RaftStatus): void {
    const { term, configuration } = status
    const name = nameOf(node.key)
    if (node.ledTerm === term) return
    const other = this.#leaders.get(term)
    demand(other === undefined, () => `R1: ${name} leads in term ${term}, as ${other} did`)
    this.#leaders.set(term, name)
    node.ledTerm = term
    this.elections++
    node.heard.clear()
    for (const voter of configuration.voters) node.heard.set(nameOf(voter), node.ticks)
    const votes = configuration.voters.filter((voter) => isSame(voter, node.key) || this.#votes.get(`${nameOf(voter)}@${term}`) === name)
    demand(votes.length >= quorum(configuration), () => `R1: ${name} leads in term ${term} by ${votes.length} votes of ${configuration.voters.length}`)
    // A candidate of long ago may win late; it need not have what was committed in terms after its own.
    const required = Math.max(0, ...[...this.#commits].filter(([earlier]) => earlier < term).map(([, end]) => end))
    demand(this.#has(node, required, configuration), () => `R3: ${name} leads in term ${term} without the log up to ${required}`)
  }

  #checkCommit(node: SimulatedNode, { commit, term, configuration }: RaftStatus): void {
    let durable = 0
    for (const voter of configuration.voters) {
      const other = this.#nodes.get(voter.nodeId)!
      const disk = isSame(other.key, voter) ? other.disk : other.oldDisks.find(({ directoryId }) => directoryId === voter.directoryId)
      const found = disk?.chains.get(commit)
      if (found?.term !== term) continue
      durable++
      const known = this.#committed.get(commit)
      demand(known === undefined || known === found.chain, () => `R3: two logs are committed up to ${commit}`)
      this.#committed.set(commit, found.chain)
    }
    this.#commits.set(term, commit)
    demand(durable >= quorum(configuration), () => `node ${node.nodeId}: ${commit} is committed in term ${term} by ${durable} of ${configuration.voters.length}`)
    for (const other of this.#nodes.values()) {
      if (other.core === undefined || other.ledTerm <= term || other.ledTerm !== other.term) continue
      demand(this.#has(other, commit, configuration), () => `R3: node ${other.nodeId} leads in term ${other.ledTerm} without ${commit}`)
    }
  }

  /** After each tick: a leader that hears no quorum steps down. */
  ticked(node: SimulatedNode, status: RaftStatus): void {
    if (status.role !== "leader") return
    const ages = status.configuration.voters.map((voter) => isSame(voter, node.key) ? 0 : node.ticks - (node.heard.get(nameOf(voter)) ?? node.ticks))
    ages.sort((a, b) => a - b)
    const age = ages[quorum(status.configuration) - 1] ?? 0
    demand(age <= this.#checkQuorumTicks + 1, () => `node ${node.nodeId} leads in term ${status.term} without a quorum for ${age} ticks`)
  }

  #hasPreVotes(node: SimulatedNode, term: number): boolean {
    const configuration = node.core?.status().configuration
    if (configuration === undefined) return true
    const grants = node.preVotes.get(term)
    // By the configuration that it had then, which may be one voter larger.
    return (grants?.size ?? 0) + 1 >= quorum(configuration) || configuration.voters.length <= 2
  }

  #voted(voter: NodeKey, term: number, candidate: NodeKey): void {
    const name = `${nameOf(voter)}@${term}`
    const other = this.#votes.get(name)
    demand(other === undefined || other === nameOf(candidate), () => `${name} votes for ${nameOf(candidate)}, and did for ${other}`)
    this.#votes.set(name, nameOf(candidate))
  }

  #has(node: SimulatedNode, end: number, { voters }: Configuration): boolean {
    if (end === 0 || voters.length === 1) return true
    const { chains, storage } = node.disk
    if ((storage.snapshot?.endOffset ?? 0) >= end) return true
    const chain = this.#committed.get(end)
    const own = chains.get(end)?.chain
    return own !== undefined && (chain === undefined || chain === own)
  }
}
