import { spawn, spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { Batch } from "@tailrace/record"
import { describe, expect, it } from "vitest"
import { DirectoryLockedError, LmdbStore } from "../src/index.ts"
import { crc32c, openDirectory, readAll, realClock, temporaryDirectory } from "./fixtures.ts"

const writer = fileURLToPath(new URL("writer.child.ts", import.meta.url))

/** Runs the writer until it reported `reports` times, kills it, and answers the last end it reported for each log. */
function writeAndKill(path: string, reports: number, whileAlive: (pid: number) => void): Promise<Map<string, number>> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [writer, path], { stdio: ["ignore", "pipe", "inherit"] })
    const ends = new Map<string, number>()
    let text = ""
    let lines = 0
    let isKilled = false
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString()
      const whole = text.lastIndexOf("\n") + 1
      for (const line of text.slice(0, whole).split("\n").filter(Boolean)) {
        const [name, end] = line.split(" ")
        ends.set(name!, Number(end))
        lines++
      }
      text = text.slice(whole)
      if (lines < reports || isKilled) return
      isKilled = true
      whileAlive(child.pid!)
      child.kill("SIGKILL")
    })
    child.on("error", reject)
    child.on("close", () => (isKilled ? resolve(ends) : reject(new Error("the writer ended by itself"))))
  })
}

describe("a process that is killed while it writes", () => {
  it("leaves whole commits, at least all it reported, and no lock", async () => {
    const path = temporaryDirectory()
    for (let round = 0; round < 4; round++) {
      const reported = await writeAndKill(path, 20 + round * 45, (pid) => {
        expect(() => LmdbStore.open(path)).toThrow(DirectoryLockedError)
        expect(() => LmdbStore.open(path)).toThrow(`the data directory ${path} is in use by process ${pid}`)
      })
      const directory = await openDirectory(LmdbStore.open(path), realClock)
      expect(directory.startClass).toBe("unclean")
      expect(directory.damages).toEqual([])
      const ends = [...directory.logs()].map((log) => log.durableEnd)
      expect(new Set(ends).size, "one turn of the writer is one commit").toBe(1)
      for (const end of reported.values()) expect(ends[0]).toBeGreaterThanOrEqual(end)
      for (const log of directory.logs()) {
        let next = 0
        for (const chunk of await readAll(log)) {
          expect(Batch.check(chunk, 0, chunk.length, crc32c)).toBe(undefined)
          expect(Batch.baseOffset(chunk, 0)).toBe(next)
          next = Batch.nextOffset(chunk, 0)
        }
        expect(next).toBe(log.durableEnd)
        expect(log.producers.check(3, 0, next, next).kind).toBe("append")
        expect(log.producers.check(3, 0, next - 1, next - 1).kind).toBe("duplicate")
      }
      await directory.close()
    }
  }, 60_000)

  it("is not needed for the lock to be refused: this process names itself", () => {
    const path = temporaryDirectory()
    const store = LmdbStore.open(path)
    expect(() => LmdbStore.open(path)).toThrow("is in use by this process")
    return store.close()
  })
})

it("ends with an error code when it cannot have the directory", async () => {
  const path = temporaryDirectory()
  const store = LmdbStore.open(path)
  const { status, stderr } = spawnSync(process.execPath, [writer, path], { encoding: "utf8" })
  expect(status).not.toBe(0)
  expect(stderr).toContain("DirectoryLockedError")
  await store.close()
})

describe("a data directory", () => {
  // Where the parent takes no entries Node's recursive mkdir would never return; a test that hangs is the failure.
  it.skipIf(process.platform !== "linux")("that cannot be made is refused at once", () => {
    expect(() => LmdbStore.open("/proc/nope/data")).toThrow("ENOENT")
  })
})
