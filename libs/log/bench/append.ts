import { logConfigDefaults, type LogDirectory, type PartitionLog } from "../src/index.ts"
import { arrive, makeBatch, makeDirectory, measure, openDirectory, removeDirectory } from "./support.ts"

const backlog = process.argv[3]
const totalBytes = Number(process.argv[2] ?? 512) * 1024 * 1024

/** Appends as fast as the backlog allows; ends when everything is durable. */
function fill(directory: LogDirectory, logs: ReadonlyArray<PartitionLog>, batch: Buffer, countPerLog: number): Promise<void> {
  return new Promise((resolve) => {
    let durable = 0
    for (const log of logs) log.onDurable = (end) => { if (end === countPerLog && ++durable === logs.length) resolve() }
    let next = 0
    const pump = (): void => {
      for (; next < countPerLog * logs.length; next++) {
        const log = logs[next % logs.length]!
        if (log.append(arrive(batch, log.appendedEnd))) continue
        return directory.backlog.onRoom(pump)
      }
    }
    pump()
  })
}

for (const kibibytes of [16, 128]) {
  for (const partitions of [1, 8]) {
    const path = makeDirectory()
    const directory = await openDirectory(path, backlog === undefined ? {} : { backlogBytesMax: Number(backlog) * 1024 * 1024 })
    const logs = Array.from({ length: partitions }, (_, i) => directory.createLog(`topic${i}`, `topic${i}`, 0, logConfigDefaults))
    const batch = makeBatch(kibibytes * 1024)
    const countPerLog = Math.floor(totalBytes / batch.length / partitions)
    const commits = directory.commitSequence
    const { millis, cpuMillis, faults } = await measure(() => fill(directory, logs, batch, countPerLog))
    const megabytes = (countPerLog * partitions * batch.length) / 1e6
    console.log(`append ${kibibytes} KiB, ${partitions} partition(s): ${(megabytes / millis * 1000).toFixed(0)} MB/s flushed, `
      + `${((directory.commitSequence - commits) / millis * 1000).toFixed(0)} commits/s, `
      + `${(cpuMillis / megabytes).toFixed(2)} CPU-s/GB, ${(faults / megabytes).toFixed(0)} k faults/GB`)
    await directory.close()
    removeDirectory(path)
  }
}
