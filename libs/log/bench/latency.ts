import { logConfigDefaults } from "../src/index.ts"
import { arrive, makeBatch, makeDirectory, openDirectory, removeDirectory } from "./support.ts"

/** Many partitions, few bytes: how long an append takes to become durable at a steady rate. */
const partitions = Number(process.argv[2] ?? 1000)
const perSecond = Number(process.argv[3] ?? 2000)
const seconds = Number(process.argv[4] ?? 5)
const path = makeDirectory()
const directory = await openDirectory(path)
const batch = makeBatch(4096)
const waits: Array<number> = []
const logs = Array.from({ length: partitions }, (_, i) => {
  const log = directory.createLog(`topic${i}`, "topic", i, logConfigDefaults)
  const sent: Array<number> = []
  log.onDurable = (end) => {
    while (sent.length > 0 && end >= log.appendedEnd - sent.length + 1) waits.push(performance.now() - sent.shift()!)
  }
  return { log, sent }
})
await directory.setSlot("made", Buffer.from("x"))
waits.length = 0
const start = performance.now()
let count = 0
await new Promise<void>((resolve) => {
  const tick = (): void => {
    const due = Math.floor((performance.now() - start) / 1000 * perSecond)
    for (; count < due; count++) {
      const { log, sent } = logs[(count * 7919) % partitions]!
      sent.push(performance.now())
      if (!log.append(arrive(batch, log.appendedEnd))) throw new Error("refused")
    }
    if (count < perSecond * seconds) setTimeout(tick, 1)
    else resolve()
  }
  tick()
})
await directory.setSlot("end", Buffer.from("x"))
const commits = directory.commitSequence
waits.sort((a, b) => a - b)
const at = (fraction: number): string => waits[Math.floor(waits.length * fraction)]!.toFixed(1)
console.log(`${perSecond}/s of 4 KiB over ${partitions} logs: ${waits.length} durable, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, ${(commits / seconds).toFixed(0)} commits/s`)
await directory.close()
removeDirectory(path)
