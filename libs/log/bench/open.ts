import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { logConfigDefaults, type LogDirectory } from "../src/index.ts"
import { arrive, makeBatch, makeDirectory, openDirectory, removeDirectory } from "./support.ts"

/** Many logs, and one large one, opened after a clean and after an unclean end. */
const [logs = "500", largeMebibytes = "1024", killedIn] = process.argv.slice(2)
const batch = makeBatch(64 * 1024)

async function appendToAll(directory: LogDirectory): Promise<void> {
  for (const log of directory.logs()) {
    while (!log.append(arrive(batch, log.appendedEnd))) await new Promise<void>((resolve) => directory.backlog.onRoom(resolve))
  }
  await directory.setSlot("end", Buffer.from("x"))
}

async function timeOpen(path: string): Promise<LogDirectory> {
  const start = performance.now()
  const directory = await openDirectory(path)
  console.log(`open, ${directory.startClass}: ${(performance.now() - start).toFixed(0)} ms`)
  return directory
}

if (killedIn !== undefined) {
  await appendToAll(await openDirectory(killedIn))
  process.kill(process.pid, "SIGKILL")
}
const path = makeDirectory()
const directory = await openDirectory(path)
for (let i = 0; i < Number(logs); i++) directory.createLog(`topic${i}`, "topic", i, logConfigDefaults)
await appendToAll(directory)
const large = directory.log("topic0", 0)!
while (large.sizeBytes < Number(largeMebibytes) * 1024 * 1024) {
  if (!large.append(arrive(batch, large.appendedEnd))) await new Promise<void>((resolve) => directory.backlog.onRoom(resolve))
}
await directory.close()
console.log(`${logs} logs, one of ${(large.sizeBytes / 1e9).toFixed(1)} GB`)
for (let i = 0; i < 2; i++) await (await timeOpen(path)).close()
spawnSync(process.execPath, [fileURLToPath(import.meta.url), logs, largeMebibytes, path])
const unclean = await timeOpen(path)
if (unclean.damages.length > 0) throw new Error("damaged")
await unclean.close()
removeDirectory(path)
