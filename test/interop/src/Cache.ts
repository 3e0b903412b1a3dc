import { createHash } from "node:crypto"
import * as fs from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

/** The same place as in .ci/install-interop.sh: what the tier needs is installed outside the repository. */
const cache = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "tailrace", "interop")
const interop = fileURLToPath(new URL("..", import.meta.url))

export const cachePath = (...parts: string[]): string => join(cache, ...parts)
export const interopPath = (...parts: string[]): string => join(interop, ...parts)
export const repositoryPath = (...parts: string[]): string => join(interop, "..", "..", ...parts)

/** The files each part of the cache was made from, in the order in which the install script hashes them. */
const sources = {
  venv: ["drivers/python/requirements.txt"],
  "franz-go": ["drivers/go/go.mod", "drivers/go/go.sum", "drivers/go/contract.go", "drivers/go/main.go"],
  "kafka-4.3.1": ["drivers/java/kafka-4.3.1.xml", "drivers/java/Driver.java"],
  "clients-3.9.1": ["drivers/java/clients-3.9.1.xml", "drivers/java/Driver.java"]
} as const
export type CachedPart = keyof typeof sources

/** Why a part cannot be used: it was never installed, or its sources have changed since. */
export function partProblem(part: CachedPart): string | undefined {
  const stamp = cachePath(`${part}.stamp`)
  if (!fs.existsSync(stamp)) return "not installed"
  const hash = createHash("sha256")
  for (const source of sources[part]) hash.update(fs.readFileSync(interopPath(source)))
  return fs.readFileSync(stamp, "utf8").trim() === hash.digest("hex") ? undefined : "older than its sources"
}
