import type {
  Configuration, MemoryStorage, Message, NodeKey, Persist, RaftConfig, RaftStatus, RaftStorage, Ready, Snapshot
} from "../../src/index.ts"
import { type Conditions, drawConditions, smallLimits } from "./Conditions.ts"
import { EventQueue } from "./EventQueue.ts"
import { hashBytes, hashNumber } from "./hash.ts"
import { Links } from "./Links.ts"
import { Operator } from "./Operator.ts"
import { Oracle, Violation } from "./Oracle.ts"
import { Random } from "./Random.ts"
import { chainStart, type SimulatedDisk, SimulatedNode } from "./SimulatedNode.ts"
import type { RaftModule, SimulationResult } from "./SimulationResult.ts"

type Event =
  | { readonly kind: "tick"; readonly node: SimulatedNode; readonly life: number }
  | { readonly kind: "message"; readonly bytes: Uint8Array; readonly from: number; readonly to: number }
  | { readonly kind: "flushed"; readonly node: SimulatedNode; readonly life: number }
  | { readonly kind: "start"; readonly node: SimulatedNode; readonly life: number }
  | { readonly kind: "read"; readonly node: SimulatedNode }
  | { readonly kind: "client" }
  | { readonly kind: "operator" }
  | { readonly kind: "fault" }
  | { readonly kind: "heal" }

const clusterId = "simulated-cluster"
const faultyMillis = 6_000
const healedMillis = 12_000

/**
 * A cluster under a seeded world: a network that loses, repeats, delays and reorders, disks that lose what was not
 * flushed, nodes that stop, sleep and lose their directory. Faults for a while, then peace, in which it has to recover.
 */
export class Simulation {
  readonly #module: RaftModule
  readonly #seed: number
  readonly #random: Random
  readonly #queue = new EventQueue<Event>()
  readonly #nodes = new Map<number, SimulatedNode>()
  readonly #list: Array<SimulatedNode> = []
  readonly #config: RaftConfig
  readonly #oracle: Oracle
  readonly #faults: Record<string, number> = {}
  readonly #bootstrap: Configuration
  readonly #conditions: Conditions
  readonly #links: Links
  readonly #operator: Operator
  #now = 0
  #trace = chainStart
  #events = 0
  #isHealed = false
  #isDone = false
  #nextRequest = 1
  #nextProposal = 1
  #nextIncarnation = 1
  /** In peace: the end of the log that everybody has to reach. */
  #goal: number | undefined
  constructor(module: RaftModule, seed: number) {
    this.#module = module
    this.#seed = seed
    const random = this.#random = new Random(seed)
    const conditions = this.#conditions = drawConditions(random)
    const { isTight } = conditions
    this.#config = { ...module.defaultRaftConfig, ...smallLimits, messagesMax: isTight ? 12 : 400 }
    const voters = random.chance(0.1) ? random.between(1, 2) : random.between(3, 5)
    const keys: Array<NodeKey> = []
    for (let nodeId = 1; nodeId <= voters; nodeId++) keys.push({ nodeId, directoryId: `${nodeId}a` })
    this.#bootstrap = { voters: keys, learners: [] }
    const count = Math.min(6, voters + random.between(0, 2))
    for (let nodeId = 1; nodeId <= count; nodeId++) {
      const node = new SimulatedNode(nodeId, this.#emptyDisk(`${nodeId}a`, nodeId <= voters))
      node.tickPeriod = random.between(9, 11)
      this.#nodes.set(nodeId, node)
      this.#list.push(node)
    }
    this.#links = new Links(this.#list.map(({ nodeId }) => nodeId), random)
    this.#operator = new Operator(this.#list, random, isTight ? 1 : 3, (name) => this.#count(name))
    this.#oracle = new Oracle(this.#nodes, this.#config.electionTicks, this.#config.checkQuorumTicks)
  }

  run(): SimulationResult {
    let violation: string | undefined
    try {
      for (const node of this.#list) this.#start(node)
      this.#after(50, { kind: "client" })
      this.#after(100, { kind: "operator" })
      if (!this.#conditions.isCalm) this.#after(this.#conditions.faultMean, { kind: "fault" })
      this.#after(faultyMillis, { kind: "heal" })
      for (let next = this.#queue.take(); next !== undefined && !this.#isDone; next = this.#queue.take()) {
        this.#now = next.at
        this.#events++
        this.#handle(next.event)
        if (this.#now > faultyMillis + healedMillis) throw new Violation(`liveness: ${this.#whatIsMissing() ?? "?"}`)
      }
    } catch (error) {
      if (!(error instanceof Error)) throw error
      violation = error instanceof Violation ? error.message : `${error.name}: ${error.message}`
      if (!(error instanceof Violation) && !error.message.startsWith("assertion")) violation += ` ${error.stack}`
    }
    const { elections, committedEnd, acknowledgements, reads } = this.#oracle
    return {
      seed: this.#seed, violation, traceHash: this.#trace, events: this.#events, elections, committedEnd, acknowledgements, reads,
      faults: this.#faults
    }
  }

  #handle(event: Event): void {
    switch (event.kind) {
      case "tick": return this.#tick(event.node, event.life)
      case "message": return this.#deliver(event.bytes, event.to)
      case "flushed": return this.#flushed(event.node, event.life)
      case "start": return event.node.core === undefined && event.life === event.node.life ? this.#start(event.node) : undefined
      case "read": return event.node.core === undefined || event.node.pausedUntil > this.#now ? undefined : this.#read(event.node)
      case "client": return this.#client()
      case "operator": return this.#operate()
      case "fault": return this.#fault()
      case "heal": return this.#heal()
    }
  }

  #after(delay: number, event: Event): void {
    this.#queue.add(this.#now + delay, event)
  }

  #note(...values: ReadonlyArray<number>): void {
    for (const value of values) this.#trace = hashNumber(this.#trace, value)
  }

  // Nodes

  #emptyDisk(directoryId: string, isFormatted: boolean): SimulatedDisk {
    const { MemoryStorage, binaryControlFormat } = this.#module
    const bootstrap = isFormatted ? this.#bootstrap : { voters: [], learners: [] }
    return { directoryId, storage: new MemoryStorage(binaryControlFormat, bootstrap), chains: new Map() }
  }

  /** Now and then what is asked for has to be read from a disk first. */
  #coldStorage(storage: MemoryStorage): RaftStorage {
    const isCold = (): boolean => this.#random.chance(this.#conditions.cold)
    return {
      load: () => storage.load(),
      read: (from, end, bytesMax, entriesMax) => isCold() ? undefined : storage.read(from, end, bytesMax, entriesMax),
      readSnapshot: (snapshot, position, bytesMax) => isCold() ? undefined : storage.readSnapshot(snapshot, position, bytesMax)
    }
  }

  #start(node: SimulatedNode): void {
    const { RaftCore, binaryControlFormat } = this.#module
    node.core = new RaftCore({
      clusterId, self: node.key, incarnation: this.#nextIncarnation++, bootstrapNodeIds: this.#list.map(({ nodeId }) => nodeId),
      electionJitterTicks: () => this.#random.below(this.#config.electionTicks), config: this.#config, format: binaryControlFormat
    }, this.#coldStorage(node.disk.storage))
    this.#note(1, this.#now, node.nodeId)
    this.#after(this.#random.below(10), { kind: "tick", node, life: node.life })
    this.#pump(node)
  }

  #stop(node: SimulatedNode): void {
    const { ready } = node
    // The write that is under way is atomic: all of it or nothing.
    if (ready !== undefined && this.#random.chance(0.5)) this.#persist(node, ready.persist)
    if (this.#random.chance(0.3)) node.disk.storage.dropPartialSnapshot()
    node.stop()
    this.#note(2, this.#now, node.nodeId)
  }

  #tick(node: SimulatedNode, life: number): void {
    if (node.life !== life || node.core === undefined) return
    const pause = node.pausedUntil - this.#now
    if (pause > 0) return this.#after(pause, { kind: "tick", node, life })
    node.ticks++
    node.core.tick()
    this.#after(node.tickPeriod, { kind: "tick", node, life })
    this.#pump(node)
    if (node.core !== undefined) this.#oracle.ticked(node, node.core.status())
  }

  #deliver(bytes: Uint8Array, to: number): void {
    const node = this.#nodes.get(to)!
    if (node.core === undefined) return
    const pause = node.pausedUntil - this.#now
    if (pause > 0) return this.#after(pause, { kind: "message", bytes, from: 0, to })
    const message = this.#module.decodeMessage(bytes)
    this.#note(3, this.#now, to)
    this.#trace = hashBytes(this.#trace, bytes)
    const before = node.core.status()
    node.core.step(message)
    if (message.to.directoryId === node.disk.directoryId) this.#oracle.delivered(node, message, before, node.core.status())
    this.#pump(node)
  }

  /** Takes the next `Ready`, if there is one, and begins to do what it says. */
  #pump(node: SimulatedNode): void {
    const { core } = node
    if (core === undefined) return
    this.#oracle.checked(node, core.status())
    const ready = core.ready()
    if (ready === undefined) return
    node.ready = ready
    for (const message of ready.early) this.#send(node, message)
    const delay = ready.persist.mustFlush ? this.#random.exponential(this.#conditions.flushMean) : 0
    if (delay > 0) this.#after(delay, { kind: "flushed", node, life: node.life })
    else this.#settle(node)
  }

  #flushed(node: SimulatedNode, life: number): void {
    if (node.life !== life) return
    const pause = node.pausedUntil - this.#now
    if (pause > 0) return this.#after(pause, { kind: "flushed", node, life })
    this.#note(4, this.#now, node.nodeId)
    this.#settle(node)
  }

  /** Persist, send, apply, advance. A crash may come in between. */
  #settle(node: SimulatedNode): void {
    const { ready, core } = node
    if (ready === undefined || core === undefined) return
    this.#persist(node, ready.persist)
    node.ready = undefined
    const sent = !this.#isHealed && !this.#conditions.isCalm && this.#random.chance(0.001) ? this.#random.below(ready.messages.length + 1) : undefined
    for (const message of ready.messages.slice(0, sent)) this.#send(node, message)
    if (sent !== undefined) return this.#crash(node)
    this.#apply(node, ready)
    core.advance()
    this.#oracle.settled(node, core.status(), this.#configurationOf(node.disk))
    this.#acknowledge(node, core.status())
    this.#compact(node, core.status())
    this.#pump(node)
  }

  #persist(node: SimulatedNode, write: Persist): void {
    this.#oracle.persisted(node, write)
    node.disk.storage.persist(write)
  }

  #apply(node: SimulatedNode, ready: Ready): void {
    const { storage } = node.disk
    if (ready.restore !== undefined) {
      if (storage.snapshotBytes === undefined) throw new Violation(`node ${node.nodeId}: no snapshot to restore`)
      node.restore(ready.restore, storage.snapshotBytes)
      this.#oracle.restored(node)
    }
    for (const entry of ready.committed) this.#oracle.applied(node, entry)
    for (const { requestId, offset } of ready.reads) this.#oracle.read(node, requestId, offset)
  }

  #acknowledge(node: SimulatedNode, status: RaftStatus): void {
    if (status.role !== "leader") {
      node.proposals = []
      return
    }
    while (node.proposals.length > 0 && node.proposals[0]!.endOffset <= status.commit) {
      const { term, offset, data } = node.proposals.shift()!
      if (term === status.term) this.#oracle.acknowledge(offset, data)
    }
  }

  #compact(node: SimulatedNode, status: RaftStatus): void {
    const { core, disk: { storage } } = node
    if (status.applied - (storage.snapshot?.endOffset ?? 0) < this.#conditions.compactEvery) return
    const point = core?.snapshotPoint()
    if (core === undefined || point === undefined || point.endOffset !== node.appliedEnd) return
    const bytes = node.snapshotBytes(this.#random.below(100))
    const snapshot: Snapshot = { ...point, sizeBytes: bytes.length, checksum: hashBytes(chainStart, bytes) }
    storage.saveSnapshot(snapshot, bytes)
    const ends = storage.entries.map(({ offset }) => offset).filter((offset) => offset <= point.endOffset)
    const startOffset = this.#random.chance(0.5) || ends.length === 0 ? point.endOffset : this.#random.pick(ends)
    core.compact(snapshot, startOffset)
    this.#count("compact")
  }

  // The network

  #send(node: SimulatedNode, message: Message): void {
    this.#oracle.sent(node, message)
    const bytes = this.#module.encodeMessage(message)
    const random = this.#random
    const to = message.to.nodeId
    if (!this.#nodes.has(to)) return
    if (!this.#links.isOpen(node.nodeId, to)) return
    const isFaulty = !this.#isHealed
    if (isFaulty && random.chance(this.#conditions.loss)) return
    const copies = isFaulty && random.chance(this.#conditions.duplication) ? 2 : 1
    for (let i = 0; i < copies; i++) {
      const late = isFaulty && random.chance(this.#conditions.late) ? random.below(600) : 0
      this.#after(1 + random.exponential(isFaulty ? this.#conditions.delayMean : 2) + late, { kind: "message", bytes, from: node.nodeId, to })
    }
  }

  // Those who use it

  #client(): void {
    if (this.#isDone) return
    const random = this.#random
    const running = this.#list.filter(({ core, pausedUntil }) => core !== undefined && pausedUntil <= this.#now)
    if (running.length > 0) {
      const leaders = running.filter(({ core }) => core!.status().role === "leader")
      const node = leaders.length > 0 && random.chance(0.9) ? random.pick(leaders) : random.pick(running)
      if (random.chance(0.7)) this.#propose(node, random.between(1, 4))
      if (random.chance(0.5)) this.#read(leaders.length > 0 && random.chance(0.4) ? random.pick(leaders) : random.pick(running))
      this.#pump(node)
    }
    if (!this.#isHealed) this.#after(1 + random.exponential(this.#conditions.clientMean), { kind: "client" })
  }

  #propose(node: SimulatedNode, count: number): void {
    const proposals = Array.from({ length: count }, () => ({
      offsetCount: this.#random.chance(0.3) ? this.#random.between(2, 4) : 1,
      data: Buffer.from(`p${this.#nextProposal++}${"-".repeat(this.#random.below(20))}`)
    }))
    const result = node.core!.propose(proposals)
    this.#note(5, this.#now, node.nodeId, result.kind.length)
    if (result.kind === "refused") return
    let offset = result.offset
    for (const { data, offsetCount } of proposals) {
      node.proposals.push({ term: result.term, offset, endOffset: offset + offsetCount, data })
      offset += offsetCount
    }
  }

  #read(node: SimulatedNode): void {
    const requestId = this.#nextRequest++
    node.reads.set(requestId, this.#oracle.committedEnd)
    node.core!.readIndex(requestId)
    this.#pump(node)
  }

  #operate(): void {
    if (this.#isDone) return
    const random = this.#random
    const leaders = this.#list.filter(({ core, pausedUntil }) => core?.status().role === "leader" && pausedUntil <= this.#now)
    if (leaders.length > 0) {
      const node = random.pick(leaders)
      this.#operator.act(node, this.#isHealed)
      this.#pump(node)
    }
    if (this.#isHealed) this.#checkRecovery()
    this.#after(this.#isHealed ? 50 : 50 + random.below(200), { kind: "operator" })
  }

  // What goes wrong

  #count(fault: string): void {
    this.#faults[fault] = (this.#faults[fault] ?? 0) + 1
  }

  #fault(): void {
    if (this.#isHealed) return
    const random = this.#random
    const choice = random.next()
    const node = random.pick(this.#list)
    this.#note(6, this.#now, node.nodeId)
    if (choice < 0.3) this.#crash(node)
    else if (choice < 0.35) for (const each of this.#list) this.#crash(each)
    else if (choice < 0.45) this.#pause(node)
    else if (choice < 0.65) this.#count(this.#links.partition(node.nodeId))
    else if (choice < 0.8) this.#links.heal()
    else if (choice < 0.9) this.#replaceDisk(node)
    else this.#cutLink(node)
    this.#after(1 + random.exponential(this.#conditions.faultMean), { kind: "fault" })
  }

  #crash(node: SimulatedNode): void {
    if (node.core === undefined) return
    this.#stop(node)
    this.#count("crash")
    this.#after(1 + this.#random.exponential(this.#conditions.restartMean), { kind: "start", node, life: node.life })
  }

  #pause(node: SimulatedNode): void {
    node.pausedUntil = this.#now + 1 + this.#random.exponential(300)
    // Before it hears what has happened meanwhile.
    this.#after(node.pausedUntil - this.#now, { kind: "read", node })
    this.#count("pause")
  }

  #cutLink(node: SimulatedNode): void {
    this.#links.cut(node.nodeId)
    this.#count("cutLink")
  }

  /** A new directory, or an old one mounted again, where the others can still decide without it. */
  #replaceDisk(node: SimulatedNode): void {
    for (const { disk } of this.#list) {
      const { voters } = this.#configurationOf(disk)
      const strangers = voters.filter(({ nodeId, directoryId }) => nodeId === node.nodeId || this.#nodes.get(nodeId)!.disk.directoryId !== directoryId)
      if (voters.length > 0 && (voters.length < 3 || strangers.length > 1)) return
    }
    if (node.core !== undefined) this.#stop(node)
    const isOld = node.oldDisks.length > 0 && this.#random.chance(0.3)
    const next = isOld ? node.oldDisks.splice(this.#random.below(node.oldDisks.length), 1)[0]! :
      this.#emptyDisk(`${node.nodeId}${String.fromCharCode(98 + (this.#faults["wipe"] ?? 0))}`, false)
    this.#count(isOld ? "oldDisk" : "wipe")
    node.oldDisks.push(node.disk)
    node.disk = next
    this.#after(1 + this.#random.exponential(100), { kind: "start", node, life: node.life })
  }

  #configurationOf({ storage }: SimulatedDisk): Configuration {
    const { configurations, snapshot, bootstrap } = storage.load()
    return configurations.at(-1)?.configuration ?? snapshot?.configuration ?? bootstrap
  }

  // Peace

  #heal(): void {
    this.#isHealed = true
    this.#links.heal()
    for (const node of this.#list) {
      node.pausedUntil = Math.min(node.pausedUntil, this.#now)
      if (node.core === undefined) this.#start(node)
    }
    this.#after(50, { kind: "operator" })
  }

  /** Ends the run when everything has come right again. */
  #checkRecovery(): void {
    if (this.#goal === undefined && this.#whatIsMissing() === undefined) {
      const leader = this.#leader()!
      this.#propose(leader, 1)
      this.#goal = leader.core!.status().endOffset
      for (const node of this.#list) this.#read(node)
      this.#pump(leader)
      return
    }
    this.#isDone = this.#goal !== undefined && this.#whatIsMissing() === undefined
  }

  #leader(): SimulatedNode | undefined {
    return this.#list.find(({ core }) => core?.status().isLeaderReady === true)
  }

  /** For looking into a failure. */
  describe(): string {
    return this.#list.map(({ core, disk, appliedEnd }) => JSON.stringify({ appliedEnd, disk: disk.directoryId, ...core?.status() })).join("\n")
  }

  #whatIsMissing(): string | undefined {
    const leader = this.#leader()?.core?.status()
    if (leader === undefined) return "no leader"
    const { voters, learners } = leader.configuration
    if (!leader.isConfigurationCommitted || learners.length > 0) return "membership is not settled"
    if (voters.some(({ nodeId, directoryId }) => this.#nodes.get(nodeId)!.disk.directoryId !== directoryId)) return "a lost directory votes"
    const end = Math.max(this.#goal ?? 0, this.#oracle.committedEnd)
    const behind = this.#list.find(({ appliedEnd }) => appliedEnd < end)
    if (behind !== undefined) return `node ${behind.nodeId} has applied ${behind.appliedEnd} of ${end}`
    const waiting = this.#goal === undefined ? undefined : this.#list.find(({ reads }) => reads.size > 0)
    return waiting === undefined ? undefined : `node ${waiting.nodeId} waits for a read`
  }
}
