import { logConfigDefaults } from "../src/index.ts"
import { arrive, makeBatch, makeDirectory, openDirectory, removeDirectory } from "./support.ts"

/** Many logs, and one large one, opened after a clean and after an unclean end. */
const logs = Number(process.argv[2] ?? 500)
const largeBytes = Number(process.argv[3] ?? 1024) * 1024 * 1024
const path = makeDirectory()
const directory = await openDirectory(path)
const batch = makeBatch(64 * 1024)
const all = Array.from({ length: logs }, (_, i) => directory.createLog(`topic${i}`, "topic", i, logConfigDefaults))
for (const log of all) {
  for (let i = 0; i < 2; i++) log.append(arrive(batch, log.appendedEnd))
  if (directory.backlog.isFull) await new Promise<void>((resolve) => directory.backlog.onRoom(resolve))
}
const large = all[0]!
while (large.sizeBytes < largeBytes) {
  if (!large.append(arrive(batch, large.appendedEnd))) await new Promise<void>((resolve) => directory.backlog.onRoom(resolve))
}
await directory.setSlot("end", Buffer.from("x"))
console.log(`${logs} logs, one of ${(large.sizeBytes / 1e9).toFixed(1)} GB`)
await directory.close()
for (const name of ["after a clean end", "after a clean end, again"]) {
  const start = performance.now()
  const again = await openDirectory(path)
  console.log(`open ${name} (${again.startClass}): ${(performance.now() - start).toFixed(0)} ms`)
  if (name.endsWith("again")) for (const log of again.logs()) log.append(arrive(batch, log.appendedEnd))
  await again.close()
}
removeDirectory(path)
