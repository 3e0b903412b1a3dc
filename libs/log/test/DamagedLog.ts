import { expect } from "vitest"
import type { LogFault, PartitionLog, SimulatedDisk } from "../src/index.ts"
import { append, readAll } from "./fixtures.ts"
import { create, start, type World } from "./World.ts"

/** Nothing is read from memory, and segments are small. */
export const options = { tailCacheBytesMax: 0, segmentBytesMax: 700, scrubTurnMillis: 100 }
export const bitOfValue = 8 * 75

export interface Damaged extends World {
  readonly log: PartitionLog
  readonly found: Array<LogFault>
  /** The bytes of the log before it was damaged. */
  readonly good: ReadonlyArray<Buffer>
}

/** A log of 30 batches of two records each, of which `damage` spoils some. */
export async function damagedLog(damage: (disk: SimulatedDisk) => void, highWatermark = 60): Promise<Damaged> {
  const world = await start(options)
  const log = create(world)
  for (let i = 0; i < 30; i++) {
    append(log, { records: 2, producerId: 5, sequence: 2 * i, epoch: i < 20 ? 1 : 2, valueBytes: 40 })
    if (i % 7 === 0) await world.clock.settle()
  }
  await world.clock.settle()
  log.setHighWatermark(highWatermark)
  await world.clock.advance(10_000)
  const good = (await readAll(log)).map((batch) => Buffer.from(batch))
  const found: Array<LogFault> = []
  world.directory.onCorruption = (of, fault) => {
    expect(of).toBe(log)
    found.push(fault)
  }
  damage(world.disk)
  return { ...world, log, found, good }
}
