import {
  binaryControlFormat, type Configuration, decodeMessage, defaultRaftConfig, encodeMessage, type Entry, type MembershipChange,
  MemoryStorage, type Message, nameOfKey, type NodeKey, type Persist, type RaftConfig, RaftCore, type Snapshot
} from "../src/index.ts"

interface ScriptedNode {
  key: NodeKey
  storage: MemoryStorage
  core: RaftCore | undefined
  /** What the state machine has applied. */
  applied: Array<string>
}

const nameOf = (key: NodeKey | undefined): string => key === undefined ? "-" : nameOfKey(key)
const textOf = (data: Uint8Array): string => Buffer.from(data).toString()

/**
 * A few nodes on a network that stands still until the script moves it. Every command answers what happened, as text.
 * Node n campaigns after 10 + (n - 1) ticks, and its directory is "na" at first.
 */
export class ScriptedCluster {
  readonly #nodes = new Map<number, ScriptedNode>()
  readonly #copies = new Map<number, MemoryStorage>()
  readonly #network: Array<Message> = []
  readonly #output: Array<string> = []
  #config: RaftConfig = defaultRaftConfig
  #incarnation = 1
  #isMuted = false

  /** Runs one line, and answers what it printed. */
  run(line: string): string {
    const [name = "", ...args] = line.trim().split(/\s+/)
    this.#output.length = 0
    this.#command(name, args)
    return this.#output.length === 0 ? "ok" : this.#output.join("\n")
  }

  #command(name: string, args: ReadonlyArray<string>): void {
    const [first = "", ...rest] = args
    switch (name) {
      case "start": return this.#begin(args)
      case "tick": return this.#tick(first, Number(rest[0] ?? 1))
      case "ready": return this.#ready(this.#node(first))
      case "deliver": return this.#deliver(first)
      case "drop": return this.#drop(first)
      case "stabilize": return this.#stabilize(args)
      case "propose": return this.#propose(first, rest)
      case "read": return this.#core(first).readIndex(Number(rest[0]))
      case "transfer": return this.#print(this.#core(first).transferLeadership(this.#node(rest[0]!).key))
      case "change": return this.#change(first, rest)
      case "crash": return this.#crash(first)
      case "restart": return this.#restart(first)
      case "wipe": return this.#wipe(first, rest[0]!)
      case "copy": return void this.#copies.set(Number(first), this.#node(first).storage.clone())
      case "paste": return void (this.#node(first).storage = this.#copies.get(Number(first))!)
      case "compact": return this.#compact(first)
      case "status": return this.#status(first)
      case "network": return this.#say(...this.#network.map((message) => this.#describe(message)))
      case "mute": return void (this.#isMuted = true)
      case "unmute": return void (this.#isMuted = false)
      default: throw new Error(`no command ${name}`)
    }
  }

  #say(...lines: ReadonlyArray<string>): void {
    if (!this.#isMuted) this.#output.push(...lines)
  }

  #print(value: object): void {
    this.#say(Object.entries(value).map(([key, field]) => `${key}=${String(field)}`).join(" "))
  }

  #node(name: string): ScriptedNode {
    const node = this.#nodes.get(Number(name))
    if (node === undefined) throw new Error(`no node ${name}`)
    return node
  }

  #core(name: string): RaftCore {
    const { core } = this.#node(name)
    if (core === undefined) throw new Error(`node ${name} does not run`)
    return core
  }

  /** start voters=1,2,3 observers=4 appendBytesMax=100 */
  #begin(args: ReadonlyArray<string>): void {
    const values = new Map(args.map((arg) => arg.split("=") as [string, string]))
    const keys = (list: string | undefined): Array<NodeKey> =>
      (list ?? "").split(",").filter((id) => id !== "").map((id) => ({ nodeId: Number(id), directoryId: `${id}a` }))
    const bootstrap: Configuration = { voters: keys(values.get("voters")), learners: [] }
    const observers = keys(values.get("observers"))
    this.#config = { ...defaultRaftConfig }
    for (const [name, value] of values) if (name in defaultRaftConfig) this.#config = { ...this.#config, [name]: Number(value) }
    for (const key of bootstrap.voters) this.#add(key, bootstrap)
    for (const key of observers) this.#add(key, { voters: [], learners: [] })
    for (const { key } of this.#nodes.values()) this.#restart(String(key.nodeId))
  }

  #add(key: NodeKey, bootstrap: Configuration): void {
    this.#nodes.set(key.nodeId, { key, storage: new MemoryStorage(binaryControlFormat, bootstrap), core: undefined, applied: [] })
  }

  #restart(name: string): void {
    const node = this.#node(name)
    node.applied = []
    node.core = new RaftCore({
      clusterId: "scripted", self: node.key, incarnation: this.#incarnation++, bootstrapNodeIds: [...this.#nodes.keys()],
      electionJitterTicks: () => node.key.nodeId - 1, config: this.#config, format: binaryControlFormat
    }, node.storage)
  }

  #crash(name: string): void {
    this.#node(name).core = undefined
  }

  #wipe(name: string, directoryId: string): void {
    const node = this.#node(name)
    node.core = undefined
    node.key = { nodeId: node.key.nodeId, directoryId }
    node.storage = new MemoryStorage(binaryControlFormat, { voters: [], learners: [] })
  }

  /** tick 1 10: several nodes as 1,2. What they want to do waits for `ready`. */
  #tick(names: string, times: number): void {
    for (let i = 0; i < times; i++) for (const name of names.split(",")) this.#core(name).tick()
  }

  /** Does everything of one `Ready`: persist, send, apply, advance. */
  #ready(node: ScriptedNode): void {
    const ready = node.core?.ready()
    if (ready === undefined || node.core === undefined) return
    const { nodeId } = node.key
    this.#network.push(...ready.early)
    for (const message of ready.early) this.#say(`${nodeId}: early ${this.#describe(message)}`)
    const written = this.#describeWrite(ready.persist)
    node.storage.persist(ready.persist)
    if (written !== "") this.#say(`${nodeId}: persist ${written}`)
    this.#network.push(...ready.messages)
    for (const message of ready.messages) this.#say(`${nodeId}: send ${this.#describe(message)}`)
    if (ready.restore !== undefined) {
      node.applied = textOf(node.storage.snapshotBytes!).split(",").filter((value) => value !== "")
      this.#say(`${nodeId}: restore ${ready.restore.endOffset}`)
    }
    for (const entry of ready.committed) if (entry.kind === "data") node.applied.push(textOf(entry.data))
    if (ready.committed.length > 0) this.#say(`${nodeId}: apply ${ready.committed.map(describeEntry).join(" ")}`)
    for (const { requestId, offset } of ready.reads) this.#say(`${nodeId}: read ${requestId} ${offset === undefined ? "refused" : `at ${offset}`}`)
    node.core.advance()
  }

  #isBetween(route: string, { from, to }: Message): boolean {
    const [a = "*", b = "*"] = route.split(">")
    return (a === "*" || a === "" || Number(a) === from.nodeId) && (b === "*" || b === "" || Number(b) === to.nodeId)
  }

  /** deliver 1>2: everything that waits between them now; `*` is anybody. Messages to who does not run are lost. */
  #deliver(route: string): void {
    const chosen = this.#network.filter((message) => this.#isBetween(route, message))
    this.#drop(route)
    for (const message of chosen) {
      const core = this.#nodes.get(message.to.nodeId)?.core
      core?.step(decodeMessage(encodeMessage(message)))
    }
  }

  #drop(route: string): void {
    const kept = this.#network.filter((message) => !this.#isBetween(route, message))
    this.#network.splice(0, this.#network.length, ...kept)
  }

  /** stabilize 1 2: these nodes, or all, do and deliver until nothing is left among them. */
  #stabilize(names: ReadonlyArray<string>): void {
    const among = names.length === 0 ? [...this.#nodes.keys()] : names.map(Number)
    for (let round = 0; round < 200; round++) {
      const before = this.#output.length
      let isBusy = false
      for (const nodeId of among) {
        const node = this.#node(String(nodeId))
        const wasMuted = this.#isMuted
        this.#isMuted = false
        this.#ready(node)
        isBusy ||= this.#output.length > before
        this.#isMuted = wasMuted
      }
      if (this.#isMuted) this.#output.length = before
      for (const from of among) for (const to of among) {
        if (!this.#network.some((message) => this.#isBetween(`${from}>${to}`, message))) continue
        isBusy = true
        this.#deliver(`${from}>${to}`)
      }
      if (!isBusy) return
    }
    throw new Error("it does not come to rest")
  }

  /** propose 1 a b*3: two entries, the second covers three offsets. */
  #propose(name: string, values: ReadonlyArray<string>): void {
    const proposals = values.map((value) => {
      const [text = "", count = "1"] = value.split("*")
      return { data: Buffer.from(text), offsetCount: Number(count) }
    })
    this.#print(this.#core(name).propose(proposals))
  }

  /** change 1 promote 4: the node with the directory that it has now, or one that is named as 4/4a. */
  #change(name: string, [kind, target]: ReadonlyArray<string>): void {
    const [nodeId = "", directoryId] = target!.split("/")
    const key = directoryId === undefined ? this.#node(nodeId).key : { nodeId: Number(nodeId), directoryId }
    this.#print(this.#core(name).changeMembership({ kind: kind as MembershipChange["kind"], key }))
  }

  #compact(name: string): void {
    const node = this.#node(name)
    const point = this.#core(name).snapshotPoint()
    if (point === undefined) return this.#say("not now")
    const bytes = Buffer.from(node.applied.join(","))
    const snapshot: Snapshot = { ...point, sizeBytes: bytes.length, checksum: point.endOffset }
    node.storage.saveSnapshot(snapshot, bytes)
    this.#core(name).compact(snapshot, point.endOffset)
    this.#say(`snapshot of ${bytes.length} bytes up to ${point.endOffset}`)
  }

  #status(names: string): void {
    for (const name of names === "" ? [...this.#nodes.keys()] : names.split(",")) {
      const { core, applied } = this.#node(String(name))
      if (core === undefined) {
        this.#say(`${name}: down`)
        continue
      }
      const status = core.status()
      const { voters, learners } = status.configuration
      this.#say(`${name}: ${status.role} term=${status.term} vote=${nameOf(status.votedFor)} leader=${nameOf(status.leader)} ` +
        `log=[${status.startOffset},${status.endOffset}) commit=${status.commit} voters=${voters.map(nameOf).join(",")}` +
        `${learners.length > 0 ? ` learners=${learners.map(nameOf).join(",")}` : ""} applied=${applied.join(",")}`)
      for (const { key, state, matchOffset, isRegressed } of status.followers) {
        this.#say(`   ${nameOf(key)}: ${state} match=${matchOffset}${isRegressed ? " regressed" : ""}`)
      }
    }
  }

  #describeWrite(write: Persist): string {
    const parts: Array<string> = []
    if (write.hardState !== undefined) parts.push(`term=${write.hardState.term} vote=${nameOf(write.hardState.votedFor)}`)
    for (const { position, data } of write.snapshotChunks) parts.push(`piece ${position}+${data.length}`)
    if (write.installSnapshot !== undefined) parts.push(`snapshot ${write.installSnapshot.endOffset}`)
    if (write.truncateTo !== undefined) parts.push(`truncate ${write.truncateTo}`)
    if (write.entries.length > 0) parts.push(write.entries.map(describeEntry).join(" "))
    if (write.logStartOffset !== undefined) parts.push(`start ${write.logStartOffset}`)
    return parts.join(", ")
  }

  #describe(message: Message): string {
    const { clusterId: _clusterId, from, to, term, kind, ...body } = message
    const fields = Object.entries(body).map(([name, value]: [string, unknown]) => {
      if (name === "entries") return (value as ReadonlyArray<Entry>).map(describeEntry).join(" ")
      if (name === "snapshot") return `snapshot=${(value as Snapshot).endOffset}`
      if (name === "data") return `bytes=${(value as Uint8Array).length}`
      if (name === "leader") return `leader=${nameOf(value as NodeKey | undefined)}`
      return `${name}=${String(value)}`
    })
    const target = to.directoryId === "" ? `${to.nodeId}` : nameOf(to)
    return `${nameOf(from)}>${target} ${kind} t${term} ${fields.join(" ")}`.trimEnd()
  }
}

function describeEntry({ offset, offsetCount, term, kind, data }: Entry): string {
  const place = offsetCount === 1 ? `${offset}` : `${offset}-${offset + offsetCount - 1}`
  return `${place}:t${term}:${kind === "data" ? textOf(data) : kind}`
}
