import { LmdbStore, logConfigDefaults } from "../src/index.ts"
import { append, openDirectory, realClock } from "./fixtures.ts"

/** Appends on a disk whose flushes fail now and then, and prints what it was told as JSON. */
const directory = await openDirectory(LmdbStore.open(process.argv[2]!), realClock, { repairMillis: 20 })
const log = directory.createLog("a", "a", 0, logConfigDefaults)
const told = { reported: 0, failures: 0, repairs: 0 }
log.onDurable = (end) => {
  told.reported = end
  next()
}
log.onFailed = () => {
  told.failures++
}
directory.writeGate.onChange(() => {
  if (!directory.writeGate.isOpen) return
  told.repairs++
  next()
})
let isEnding = false
const end = (): void => {
  if (isEnding) return
  isEnding = true
  void directory.close().then(() => console.log(JSON.stringify(told)))
}
const next = (): void => {
  if (told.reported >= 100) return end()
  for (let i = 0; i < 3; i++) append(log, { producerId: 1, sequence: log.appendedEnd, valueBytes: 5_000 })
}
next()
