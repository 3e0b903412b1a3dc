import { Batch } from "@tailrace/record"
import { logConfigDefaults, type PartitionLog } from "../src/index.ts"
import { arrive, makeBatch, makeDirectory, measure, openDirectory, removeDirectory, type Usage } from "./support.ts"

const totalBytes = Number(process.argv[2] ?? 512) * 1024 * 1024
const fetchBytes = 1024 * 1024

async function readThrough(log: PartitionLog): Promise<void> {
  let from = log.startOffset
  while (from < log.durableEnd) {
    const { chunks } = await log.read(from, fetchBytes, log.durableEnd, true)
    const last = chunks.at(-1)!
    let at = 0
    for (let next = 0; next < last.length; next += Batch.sizeInBytes(last, next)) at = next
    from = Batch.nextOffset(last, at)
  }
}

const report = (name: string, megabytes: number, { millis, cpuMillis }: Usage): void =>
  console.log(`${name}: ${(megabytes / millis * 1000).toFixed(0)} MB/s, ${(cpuMillis / megabytes).toFixed(2)} CPU-s/GB`)

for (const kibibytes of [1, 16, 128, 1000]) {
  const path = makeDirectory()
  const bytes = kibibytes === 1 ? totalBytes / 8 : totalBytes
  const batch = makeBatch(kibibytes * 1024)
  const count = Math.floor(bytes / batch.length)
  let directory = await openDirectory(path, { tailCacheBytesMax: 2 * totalBytes })
  const log = directory.createLog("topic", "topic", 0, logConfigDefaults)
  await new Promise<void>((resolve) => {
    log.onDurable = (end) => { if (end === count) resolve() }
    const pump = (): void => {
      while (log.appendedEnd < count) {
        if (!log.append(arrive(batch, log.appendedEnd))) return directory.backlog.onRoom(pump)
      }
    }
    pump()
  })
  const megabytes = (count * batch.length) / 1e6
  report(`read ${kibibytes} KiB batches by 1 MiB, tail cache`, megabytes, await measure(() => readThrough(log)))
  await directory.close()
  directory = await openDirectory(path)
  const found = directory.log("topic", 0)!
  for (const pass of ["page cache", "page cache, mapped"]) {
    report(`read ${kibibytes} KiB batches by 1 MiB, ${pass}`, megabytes, await measure(() => readThrough(found)))
  }
  await directory.close()
  removeDirectory(path)
}
