import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { recordCodecs } from "@tailrace/codecs"
import { Batch, BatchBuilder } from "@tailrace/record"
import type { Clock } from "@tailrace/runtime"
import { LmdbStore, LogDirectory, type LogDirectoryOptions } from "../src/index.ts"

const clock: Clock = {
  wallMillis: () => Date.now(),
  monotonicMillis: () => performance.now(),
  after: (delayMillis, callback) => {
    const timer = setTimeout(callback, delayMillis)
    return () => clearTimeout(timer)
  },
  endOfTurn: (callback) => void setImmediate(callback)
}

/** Under `BENCH_DIRECTORY`, or the system's directory for temporary files. */
export const makeDirectory = (): string => mkdtempSync(join(process.env["BENCH_DIRECTORY"] ?? tmpdir(), "tailrace-bench-"))

export const removeDirectory = (path: string): void => rmSync(path, { recursive: true, force: true })

export const openDirectory = (path: string, options: LogDirectoryOptions = {}): Promise<LogDirectory> =>
  LogDirectory.open(LmdbStore.open(path), options, {
    clock, random: { uuid: () => "bench-directory-000000", nextInt: () => 0 }, crc32c: recordCodecs.crc32c
  })

/** A batch of one record, about `bytes` long. */
export function makeBatch(bytes: number): Buffer {
  const builder = new BatchBuilder({ codecs: recordCodecs, bytesMax: 1 << 26 })
  builder.append({ timestamp: Date.now(), value: Buffer.alloc(bytes - 75, 7) })
  return builder.build()
}

/** As a socket would deliver it: own memory, with the offset set in place. */
export function arrive(batch: Buffer, offset: number): Buffer {
  const copy = Buffer.allocUnsafeSlow(batch.length)
  batch.copy(copy)
  Batch.assign(copy, 0, offset, 0)
  return copy
}

export interface Usage {
  readonly millis: number
  readonly cpuMillis: number
  readonly faults: number
}

export async function measure(run: () => Promise<void>): Promise<Usage> {
  const cpu = process.cpuUsage()
  const faults = process.resourceUsage().minorPageFault
  const start = performance.now()
  await run()
  const millis = performance.now() - start
  const { user, system } = process.cpuUsage(cpu)
  return { millis, cpuMillis: (user + system) / 1000, faults: process.resourceUsage().minorPageFault - faults }
}
