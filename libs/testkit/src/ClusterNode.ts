import type { ClusterMember } from "./cluster/ClusterMember.ts"

/** What a node needs of its cluster. */
export interface NodeHost {
  readonly onFault: (fault: string, nodeId: number, detail?: Readonly<Record<string, unknown>>) => void
  /** Begins a life of the member and waits until it serves. */
  readonly start: (member: ClusterMember) => Promise<void>
  readonly run: <A>(promise: Promise<A>) => Promise<A>
}

/** One node of a `Cluster`, and what can be done to it. Each fault is written into the history. */
export class ClusterNode {
  readonly #member: ClusterMember
  readonly #host: NodeHost

  constructor(member: ClusterMember, host: NodeHost) {
    this.#member = member
    this.#host = host
  }

  get id(): number {
    return this.#member.nodeId
  }

  /** `host:port` for clients; it stays the same over restarts. */
  get address(): string {
    return this.#member.address
  }

  get isUp(): boolean {
    return this.#member.isUp
  }

  get isPaused(): boolean {
    return this.#member.isPaused
  }

  /** It has joined the cluster and answers clients. */
  get isServing(): boolean {
    return this.#member.isServing
  }

  /** What it logged last, over all its lives: elections, fences, repairs. */
  get logLines(): ReadonlyArray<string> {
    return this.#member.logLines
  }

  /** As kill -9: its sockets are reset, nothing of it acts any more, and what it has not flushed is lost. */
  kill(): Promise<void> {
    return this.#do("kill", () => this.#member.kill())
  }

  /** As `kill`, and disks lose what they only claimed to have written. */
  powerLoss(): Promise<void> {
    return this.#do("powerLoss", () => this.#member.powerLoss())
  }

  /** As SIGSTOP: it stands still with open sockets. */
  pause(): Promise<void> {
    return this.#do("pause", () => this.#member.pause())
  }

  resume(): Promise<void> {
    return this.#do("resume", () => this.#member.resume())
  }

  /** As SIGTERM: what it leads goes to others first. */
  stop(): Promise<void> {
    return this.#do("stop", () => this.#member.stop())
  }

  /** Starts it, after a kill where it is up; resolves when it serves. A lone node of several cannot: restart them at once. */
  restart(): Promise<void> {
    return this.#do("restart", async () => {
      if (this.#member.isUp) await this.#member.kill()
      await this.#host.start(this.#member)
    })
  }

  /** Its directory is empty from now on; the node has to be down. */
  wipe(): Promise<void> {
    return this.#do("wipe", () => this.#member.wipe())
  }

  /** Keeps a copy of its directory for `restoreOldCopy`. */
  saveCopy(): Promise<void> {
    return this.#host.run(this.#member.saveCopy())
  }

  /** Puts the copy of `saveCopy` in the place of its directory; the node has to be down. */
  restoreOldCopy(): Promise<void> {
    return this.#do("restoreOldCopy", () => this.#member.restoreOldCopy())
  }

  /** A bit of the batch that holds the offset flips on its disk; best while the node is down, for what it has in memory stays right. */
  corrupt(topic: string, partition: number, offset: number): Promise<void> {
    return this.#do("corrupt", () => this.#member.corrupt(topic, partition, offset), { topic, partition, offset })
  }

  /** Each flush takes this long from now on; undefined is the usual time. */
  slowFlush(millis: number | undefined): void {
    this.#host.onFault("slowFlush", this.id, { millis })
    this.#member.slowFlush(millis)
  }

  /** Nothing fits on its disk any more, until `freeDisk`. */
  fillDisk(): void {
    this.#host.onFault("fillDisk", this.id)
    this.#member.fillDisk()
  }

  freeDisk(): void {
    this.#host.onFault("freeDisk", this.id)
    this.#member.freeDisk()
  }

  #do(fault: string, change: () => Promise<void>, detail: Readonly<Record<string, unknown>> = {}): Promise<void> {
    this.#host.onFault(fault, this.id, detail)
    return this.#host.run(change())
  }
}
