import { writeSync } from "node:fs"
import { LmdbStore, logConfigDefaults, type PartitionLog } from "../src/index.ts"
import { append, openDirectory, realClock } from "./fixtures.ts"

/** Appends one batch to each of three logs per turn until it is killed, and tells what became durable. */
const directory = await openDirectory(LmdbStore.open(process.argv[2]!), realClock, {
  segmentBytesMax: 200_000, backlogBytesMax: 1 << 30
})
const logs: Array<PartitionLog> = []
for (const name of ["a", "b", "c"]) {
  const log = directory.log(name, 0) ?? directory.createLog(name, name, 0, logConfigDefaults)
  log.onDurable = (end) => writeSync(1, `${name} ${end}\n`)
  logs.push(log)
}
const next = (): void => {
  if (directory.backlog.bytes > 1 << 22) return directory.backlog.onRoom(next)
  const sequence = logs[0]!.appendedEnd
  for (const log of logs) append(log, { valueBytes: 1 + (sequence * 7919) % 9000, producerId: 3, sequence })
  setImmediate(next)
}
next()
