import { Batch } from "@tailrace/record"
import { CorruptLogError, DirectoryDamagedError, LmdbStore, logConfigDefaults, type LogDirectory, type PartitionLog } from "../src/index.ts"
import { append, crc32c, openDirectory, realClock } from "./fixtures.ts"

/**
 * `make <path>` fills a data directory; `open <path>` opens it, reads everything and prints as JSON what came of it.
 * Run as a process of its own, since LMDB ends the process where it is misled.
 */
const options = { tailCacheBytesMax: 0, segmentBytesMax: 60_000, scrubTurnMillis: 3_600_000 }
const logs = [[30, 100], [40, 1_500], [25, 6_000]] as const

const open = (path: string): Promise<LogDirectory> => openDirectory(LmdbStore.open(path), realClock, options)

async function make(path: string): Promise<void> {
  const directory = await open(path)
  for (const [i, [count, valueBytes]] of logs.entries()) {
    const log = directory.createLog(`t${i}`, `t${i}`, 0, logConfigDefaults)
    for (let n = 0; n < count; n++) {
      append(log, { records: 3, valueBytes, producerId: 1, sequence: 3 * n, epoch: n < 20 ? 1 : 2 })
      if (n % 6 === 0) await log.whenDurable()
    }
    await log.whenDurable()
    log.setHighWatermark(log.durableEnd)
  }
  await directory.setSlot("vote", Buffer.from("me"))
  await directory.close()
}

/** Every offset of the log: served by a good batch, or known to be damaged. */
async function account(log: PartitionLog): Promise<void> {
  for (let from = log.startOffset; from < log.durableEnd;) {
    try {
      const { chunks } = await log.readVerified(from, 50_000, log.durableEnd, true)
      for (const chunk of chunks) {
        if (Batch.check(chunk, 0, chunk.length, crc32c) !== undefined) throw new Error(`served a bad batch at ${from}`)
        if (Batch.baseOffset(chunk, 0) !== from || Batch.recordCount(chunk, 0) !== 3) throw new Error(`served another batch at ${from}`)
        from = Batch.nextOffset(chunk, 0)
      }
      if (chunks.length === 0) throw new Error(`served nothing at ${from}`)
    } catch (error) {
      if (!(error instanceof CorruptLogError)) throw error
      from = error.fault.endOffset
    }
  }
}

async function examine(path: string): Promise<string> {
  let directory: LogDirectory
  try {
    directory = await open(path)
  } catch (error) {
    if (error instanceof DirectoryDamagedError) return "refused"
    throw error
  }
  const found = [...directory.logs()]
  if (found.length !== logs.length) throw new Error(`found ${found.length} logs`)
  if (directory.getSlot("vote")?.toString() !== "me") throw new Error("the vote is gone")
  for (const log of found) await account(log)
  await directory.scrubber.run()
  for (const log of found) {
    const [count] = logs[Number(log.topicId.slice(1))]!
    if (log.fault === undefined && log.durableEnd !== 3 * count) throw new Error(`${log.topicId} ends at ${log.durableEnd}`)
    if (log.fault === undefined) append(log)
  }
  const { isSuspect, startClass } = directory
  await directory.close()
  const again = await open(path)
  await again.close()
  return isSuspect ? "suspect" : startClass
}

const [command, ...paths] = process.argv.slice(2)
for (const path of paths) {
  if (command === "make") await make(path)
  else console.log(JSON.stringify({ path, outcome: await examine(path).catch((error: unknown) => `failed: ${String(error)}`) }))
}
