import type { Clock } from "@tailrace/runtime"
import type { Store } from "../Store.ts"
import { WriteSet } from "../WriteSet.ts"
import type { Crc32c } from "./Guarded.ts"
import * as keys from "./keys.ts"
import { encodeNumber } from "./records.ts"

/** A log, as the commit loop sees it. */
export interface Member {
  readonly endOffset: number
  /** Adds to the set what each commit of the log carries. */
  prepare(set: WriteSet): void
  /** Everything below `end` is durable. Changes state only; `announce` follows when all members have settled. */
  settle(end: number): void
  announce(): void
}

export interface Waiter {
  resolve(): void
  reject(error: unknown): void
}

interface Commit {
  readonly set: WriteSet
  /** The members and where each ended when the set was closed. */
  readonly ends: Map<Member, number>
  readonly waiters: Array<Waiter>
}

export interface CommitLoopHooks {
  /** Everybody stages what belongs to this turn. */
  readonly endOfTurn: () => void
  readonly committed: () => void
  readonly failed: (error: unknown, members: ReadonlyArray<Member>) => void
}

const newCommit = (): Commit => ({ set: new WriteSet(), ends: new Map(), waiters: [] })

/**
 * Turns what all logs stage during an event turn into one atomic commit with one flush. One commit is in flight at a
 * time and the next one collects meanwhile; so when a commit fails, nothing that builds on it can have been written.
 */
export class CommitLoop {
  readonly #store: Store
  readonly #clock: Clock
  readonly #crc32c: Crc32c
  readonly #hooks: CommitLoopHooks
  #staged = newCommit()
  #inFlight: Commit | undefined
  #isScheduled = false
  #isHalted = false
  #idle: Array<() => void> = []
  /** The number of the last durable commit; grows by one with each, over all runs. */
  sequence: number

  constructor(store: Store, clock: Clock, crc32c: Crc32c, sequence: number, hooks: CommitLoopHooks) {
    this.#store = store
    this.#clock = clock
    this.#crc32c = crc32c
    this.sequence = sequence
    this.#hooks = hooks
  }

  /** The bytes of batches that are staged or in flight. */
  get bytes(): number {
    return this.#staged.set.batchBytes + (this.#inFlight?.set.batchBytes ?? 0)
  }

  /** Those that are staged and wait for the commit in flight. */
  get stagedBytes(): number {
    return this.#staged.set.batchBytes
  }

  get isIdle(): boolean {
    return this.#inFlight === undefined && this.#staged.set.isEmpty && this.#staged.ends.size === 0
  }

  /** After a failed commit, until `resume`: what is staged stays where it is. */
  get isHalted(): boolean {
    return this.#isHalted
  }

  /** The set that will be committed next, with `member` as one of those who hear of it. */
  stage(member: Member | undefined): WriteSet {
    if (member !== undefined && !this.#staged.ends.has(member)) this.#staged.ends.set(member, -1)
    this.#schedule()
    return this.#staged.set
  }

  /** Settles with the set that `stage` answers now. */
  durable(): Promise<void> {
    this.#schedule()
    return new Promise((resolve, reject) => this.#staged.waiters.push({ resolve, reject }))
  }

  /** The small state as it will be once everything staged is committed. */
  get(key: string): Buffer | undefined {
    for (const commit of [this.#staged, this.#inFlight]) {
      if (commit !== undefined && commit.set.state.has(key)) return commit.set.state.get(key)
    }
    return this.#store.get(key)
  }

  /** The log was truncated: the commit in flight must not report what lay behind. */
  limitEnd(member: Member, end: number): void {
    const reported = this.#inFlight?.ends.get(member)
    if (reported !== undefined && reported > end) this.#inFlight!.ends.set(member, end)
  }

  /** The member will not hear of commits any more. */
  forget(member: Member): void {
    this.#staged.ends.delete(member)
    this.#inFlight?.ends.delete(member)
  }

  whenIdle(): Promise<void> {
    return this.isIdle ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve))
  }

  /** Commits go on after a failure that was dealt with; `sequence` is the number of the last durable one. */
  resume(sequence: number): void {
    this.sequence = sequence
    this.#isHalted = false
    if (!this.isIdle) this.#schedule()
  }

  /** The store is about to be closed: nothing is submitted any more. */
  halt(): void {
    this.#isHalted = true
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isHalted) return
    this.#isScheduled = true
    this.#clock.endOfTurn(() => {
      this.#isScheduled = false
      this.#hooks.endOfTurn()
      if (this.#inFlight === undefined) this.#submit()
    })
  }

  #submit(): void {
    const commit = this.#staged
    if (this.#isHalted || (commit.set.isEmpty && commit.ends.size === 0 && commit.waiters.length === 0)) return
    this.#staged = newCommit()
    this.#inFlight = commit
    for (const member of commit.ends.keys()) {
      member.prepare(commit.set)
      commit.ends.set(member, member.endOffset)
    }
    const sequence = this.sequence + 1
    commit.set.put(keys.commitSequence, encodeNumber(sequence, this.#crc32c))
    this.#store.commit(commit.set).then(() => this.#succeed(commit, sequence), (error: unknown) => this.#fail(error))
  }

  #succeed(commit: Commit, sequence: number): void {
    this.sequence = sequence
    this.#inFlight = undefined
    for (const [member, end] of commit.ends) member.settle(end)
    // The disk starts on the next set before anybody hears of this one.
    this.#hooks.endOfTurn()
    this.#submit()
    for (const waiter of commit.waiters) guard(() => waiter.resolve())
    for (const member of commit.ends.keys()) guard(() => member.announce())
    this.#hooks.committed()
    this.#announceIdle()
  }

  #fail(error: unknown): void {
    this.#isHalted = true
    const commits = [this.#inFlight!, this.#staged]
    this.#inFlight = undefined
    this.#staged = newCommit()
    const members = new Set(commits.flatMap((commit) => [...commit.ends.keys()]))
    this.#hooks.failed(error, [...members])
    for (const { waiters } of commits) for (const waiter of waiters) guard(() => waiter.reject(error))
    this.#announceIdle()
  }

  #announceIdle(): void {
    if (!this.isIdle) return
    const idle = this.#idle
    this.#idle = []
    for (const resolve of idle) resolve()
  }
}

/** A listener that throws has a defect, which must surface, but not stop the commits of all other logs. */
export function guard(call: () => void): void {
  try {
    call()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
