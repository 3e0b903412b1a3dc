import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { findNatsServer } from "../src/natsServer/index.ts"

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "tailrace-find-"))
})
afterAll(() => rm(directory, { recursive: true }))

const program = async (folder: string, version: string): Promise<string> => {
  await mkdir(join(directory, folder), { recursive: true })
  const file = join(directory, folder, "nats-server")
  await writeFile(file, `#!/bin/sh\necho "nats-server: v${version}"\n`)
  await chmod(file, 0o755)
  return file
}

it("finds a nats-server that is new enough, the one that was named before all others", async () => {
  const [old, inPath, inCache] = [await program("old", "2.9.10"), await program("path", "2.10.0"), await program("cache/tailrace/nats", "2.15.2")]
  const environment = { PATH: `${join(directory, "old")}:${join(directory, "path")}`, XDG_CACHE_HOME: join(directory, "cache") }
  expect(await findNatsServer(environment)).toBe(inPath)
  expect(await findNatsServer({ ...environment, PATH: join(directory, "old") })).toBe(inCache)
  expect(await findNatsServer({ ...environment, NATS_SERVER_BIN: inCache })).toBe(inCache)
  expect(await findNatsServer({ ...environment, NATS_SERVER_BIN: old })).toBe(undefined)
  expect(await findNatsServer({ ...environment, NATS_SERVER_BIN: join(directory, "nowhere") })).toBe(undefined)
})
