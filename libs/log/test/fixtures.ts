import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { recordCodecs } from "@tailrace/codecs"
import { Batch, BatchBuilder } from "@tailrace/record"
import type { Clock, Random } from "@tailrace/runtime"
import { onTestFinished } from "vitest"
import { LogDirectory, type LogDirectoryOptions, type LogRead, type PartitionLog, type Store } from "../src/index.ts"

/** Time that moves only when told; `settle` runs everything that is due and all promises behind it. */
export class ManualClock implements Clock {
  wall = 1_700_000_000_000
  monotonic = 0
  #timers: Array<{ at: number; callback: () => void }> = []
  #turn: Array<() => void> = []

  wallMillis(): number {
    return this.wall
  }

  monotonicMillis(): number {
    return this.monotonic
  }

  after(delayMillis: number, callback: () => void): () => void {
    const timer = { at: this.monotonic + delayMillis, callback }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  endOfTurn(callback: () => void): void {
    this.#turn.push(callback)
  }

  /** Ends the turn and runs what is due, until nothing is. */
  async settle(): Promise<void> {
    for (;;) {
      await drainMicrotasks()
      const turn = this.#turn
      this.#turn = []
      for (const callback of turn) callback()
      await drainMicrotasks()
      const due = this.#timers.filter(({ at }) => at <= this.monotonic)
      if (due.length === 0 && this.#turn.length === 0) return
      this.#timers = this.#timers.filter((timer) => !due.includes(timer))
      for (const { callback } of due) callback()
    }
  }

  async advance(millis: number): Promise<void> {
    this.wall += millis
    this.monotonic += millis
    await this.settle()
  }
}

async function drainMicrotasks(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

/** The machine's clock. */
export const realClock: Clock = {
  wallMillis: () => Date.now(),
  monotonicMillis: () => performance.now(),
  after: (delayMillis, callback) => {
    const timer = setTimeout(callback, delayMillis)
    return () => clearTimeout(timer)
  },
  endOfTurn: (callback) => void setImmediate(callback)
}

let lastId = 0
export const random: Random = {
  uuid: () => String(++lastId).padStart(22, "A"),
  nextInt: () => 0
}

export const crc32c = recordCodecs.crc32c

export const openDirectory = (store: Store, clock: Clock, options: LogDirectoryOptions = {}): Promise<LogDirectory> =>
  LogDirectory.open(store, options, { clock, random, crc32c })

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "tailrace-log-"))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** As `temporaryDirectory`, in memory where the machine has that: for tests that are about bytes and flush often. */
export function memoryDirectory(onEnd: (remove: () => void) => void = onTestFinished): string {
  const directory = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "tailrace-log-"))
  onEnd(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** Small and seeded (mulberry32): a whole number below the bound. */
export function randomOf(seed: number): (bound: number) => number {
  let a = seed
  return (bound) => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % bound
  }
}

export interface BatchFields {
  readonly offset?: number
  readonly epoch?: number
  readonly records?: number
  readonly valueBytes?: number
  readonly timestamp?: number
  readonly producerId?: number
  readonly producerEpoch?: number
  readonly sequence?: number
  readonly key?: string
  readonly value?: string | null
}

export function makeBatch(fields: BatchFields = {}): Buffer {
  const { offset = 0, epoch = 0, records = 1, valueBytes = 10, timestamp = 1_700_000_000_000 } = fields
  const builder = new BatchBuilder({ codecs: recordCodecs, baseOffset: offset, leaderEpoch: epoch, bytesMax: 1 << 26 })
  for (let i = 0; i < records; i++) {
    const value = fields.value === undefined ? Buffer.alloc(valueBytes, (offset + i) % 251) : fields.value
    builder.append({ timestamp: timestamp + i, key: fields.key ?? null, value })
  }
  const { producerId = -1, producerEpoch = producerId < 0 ? -1 : 0, sequence = -1 } = fields
  return builder.build({ producerId, producerEpoch, baseSequence: sequence })
}

/** Appends a batch at the end of the log; answers its last offset. */
export function append(log: PartitionLog, fields: BatchFields = {}): number {
  const batch = makeBatch({ ...fields, offset: log.appendedEnd })
  if (!log.append(batch)) throw new Error("refused")
  return Batch.lastOffset(batch, 0)
}

export const baseOffsets = (read: LogRead): Array<number> => {
  const offsets: Array<number> = []
  for (const chunk of read.chunks) Batch.forEach(chunk, 0, chunk.length, (at) => offsets.push(Batch.baseOffset(chunk, at)))
  return offsets
}

/** All batches from `fromOffset` up to the durable end, by as many reads as it takes. */
export async function readAll(log: PartitionLog, fromOffset = log.startOffset, bytesMax = 1e6): Promise<Array<Buffer>> {
  const batches: Array<Buffer> = []
  let from = fromOffset
  while (from < log.durableEnd) {
    const { chunks } = await log.read(from, bytesMax, log.durableEnd, true)
    for (const chunk of chunks) Batch.forEach(chunk, 0, chunk.length, (at, size) => batches.push(chunk.subarray(at, at + size)))
    if (chunks.length === 0) return batches
    from = Batch.nextOffset(batches.at(-1)!, 0)
  }
  return batches
}

/** Ends turns until the promise has settled. */
export async function during<A>(clock: ManualClock, promise: Promise<A>): Promise<A> {
  let isSettled = false
  const watch = promise.then(() => { isSettled = true }, () => { isSettled = true })
  for (let i = 0; i < 1000 && !isSettled; i++) await clock.advance(1)
  await watch
  return promise
}

/** Closes the directory once the promise has settled, by a clock that the close itself may move. */
export async function settled(directory: LogDirectory, promise: Promise<unknown>, close: (directory: LogDirectory) => Promise<unknown>): Promise<void> {
  const outcome = Promise.allSettled([promise])
  await close(directory)
  const [{ status }] = await outcome
  if (status === "rejected") throw new Error("the commit failed")
}
