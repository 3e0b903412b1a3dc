import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { Batch } from "@tailrace/record"
import { expect, it } from "vitest"
import { LmdbStore } from "../src/index.ts"
import { crc32c, openDirectory, readAll, realClock, temporaryDirectory } from "./fixtures.ts"

const child = fileURLToPath(new URL("brokenDisk.child.ts", import.meta.url))

const whyNot = (): string | undefined => {
  const { status } = spawnSync("strace", ["-f", "-o", "/dev/null", "-e", "inject=fdatasync:error=EIO:when=999", "true"], { stdio: "ignore" })
  return status === 0 ? undefined : "strace cannot inject faults here"
}

it("survives flushes that fail with EIO: the process lives, and what it was told is there", ({ skip }) => {
  const reason = whyNot()
  if (reason !== undefined) skip(reason)
  const path = temporaryDirectory()
  const inject = ["-f", "-o", "/dev/null", "-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO:when=7+6"]
  const run = spawnSync("strace", [...inject, process.execPath, child, path], {
    encoding: "utf8", env: { ...process.env, UV_THREADPOOL_SIZE: "1" }
  })
  expect(run.status, run.stderr).toBe(0)
  const told = JSON.parse(run.stdout) as { reported: number; failures: number; repairs: number }
  expect(told.failures).toBeGreaterThan(0)
  // The last failure may be that of the end, which leaves the directory unclean.
  expect(told.repairs).toBeGreaterThanOrEqual(told.failures - 1)
  return (async () => {
    const directory = await openDirectory(LmdbStore.open(path), realClock)
    expect(directory.startClass).toBe(told.repairs === told.failures ? "clean" : "unclean")
    expect(directory.damages).toEqual([])
    const log = directory.log("a", 0)!
    expect(log.durableEnd).toBeGreaterThanOrEqual(told.reported)
    const batches = await readAll(log)
    expect(batches.map((batch) => Batch.baseOffset(batch, 0))).toEqual(batches.map((_, i) => i))
    expect(batches.every((batch) => Batch.check(batch, 0, batch.length, crc32c) === undefined)).toBe(true)
    await directory.close()
  })()
}, 60_000)
