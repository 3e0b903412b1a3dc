import type { Clock } from "@tailrace/runtime"
import type { SimulatedMember } from "../sim/world/SimulatedMember.ts"
import type { ClusterMember } from "./ClusterMember.ts"

/** A node of this process. What ends one does so at the beginning of a turn, when no promise of the node is left to be settled. */
export class MemberNode implements ClusterMember {
  readonly member: SimulatedMember
  readonly #clock: Clock
  readonly #onCrash: (cause: unknown) => void
  /** What its topics were called when they were last seen, for a disk that knows them by their ids alone. */
  readonly #topicIds: (topic: string) => string | undefined

  constructor(
    member: SimulatedMember, clock: Clock, topicIds: (topic: string) => string | undefined, onCrash: (cause: unknown) => void
  ) {
    this.member = member
    this.#clock = clock
    this.#topicIds = topicIds
    this.#onCrash = onCrash
  }

  get nodeId(): number {
    return this.member.nodeId
  }

  get address(): string {
    return `${this.member.address.host}:${this.member.address.port}`
  }

  get isUp(): boolean {
    return this.member.isUp
  }

  get isPaused(): boolean {
    return this.member.isPaused
  }

  get isServing(): boolean {
    return this.member.isServing && !this.member.isPaused
  }

  get logLines(): ReadonlyArray<string> {
    return this.member.log.lines
  }

  get hasCopy(): boolean {
    return this.member.hasCopy
  }

  begin(): void {
    if (!this.member.isUp) this.member.start().catch(this.#onCrash)
  }

  kill(): Promise<void> {
    return this.#nextTurn(() => this.member.isUp && this.member.kill())
  }

  powerLoss(): Promise<void> {
    return this.#nextTurn(() => this.member.isUp && this.member.powerLoss())
  }

  pause(): Promise<void> {
    return this.#nextTurn(() => this.member.pause())
  }

  resume(): Promise<void> {
    return this.#nextTurn(() => this.member.resume())
  }

  async stop(): Promise<void> {
    if (this.member.isPaused) throw new Error(`node ${this.nodeId} is paused and cannot stop in order: resume or kill it`)
    await this.member.stop()
  }

  wipe(): Promise<void> {
    return this.#down("wiped", () => this.member.wipe())
  }

  saveCopy(): Promise<void> {
    return this.#nextTurn(() => this.member.saveCopy())
  }

  restoreOldCopy(): Promise<void> {
    return this.#down("given an old copy", () => {
      if (!this.member.hasCopy) throw new Error(`node ${this.nodeId} has no old copy: call saveCopy() before`)
      this.member.restoreOldCopy()
    })
  }

  async corrupt(topic: string, partition: number, offset: number, bits = 1): Promise<void> {
    const topicId = this.#topicIds(topic)
    if (topicId === undefined) throw new Error(`there is no topic ${topic}`)
    // Bits of the records, behind the header of the batch: what reading alone does not notice without its checksum.
    for (let bit = 0; bit < bits; bit++) this.member.disks.data.corrupt(topicId, partition, offset, (batchHeaderBytes + bit) * 8 + bit)
  }

  async corruptAny(draw: number, bits: number): Promise<void> {
    const { data } = this.member.disks
    const batches = data.batches()
    const batch = batches[draw % batches.length]
    if (batch !== undefined) {
      for (let bit = 0; bit < bits; bit++) data.corrupt(batch.topicId, batch.partition, batch.offset, (batchHeaderBytes + bit) * 8 + bit)
    }
  }

  slowFlush(millis: number | undefined): void {
    this.member.slowFlush(millis)
  }

  fillDisk(): void {
    this.member.fillDisk()
  }

  freeDisk(): void {
    this.member.freeDisk()
  }

  #down(what: string, change: () => void): Promise<void> {
    return this.#nextTurn(() => {
      if (this.member.isUp) throw new Error(`node ${this.nodeId} is up and cannot be ${what}: kill it before`)
      change()
    })
  }

  #nextTurn(change: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#clock.endOfTurn(() => {
        try {
          change()
          resolve()
        } catch (error) {
          reject(error)
        }
      })
    })
  }
}

const batchHeaderBytes = 61
