import { existsSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"

export const repositoryRoot = resolve(import.meta.dirname, "../../..")

/** Downloads and builds are kept here between runs, outside the repository. */
export const cacheRoot = process.env["XDG_CACHE_HOME"] ?? tmpdir()

/** The Node that the workspace pins, or the one that runs us where it is not installed. */
export const nodePath = ((): string => {
  const pinned = join(repositoryRoot, "node_modules/.bin/node")
  return existsSync(pinned) ? pinned : process.execPath
})()

/** An environment in which npm scripts and child processes find the pinned Node first. */
export function nodeEnvironment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${join(repositoryRoot, "node_modules/.bin")}:${process.env["PATH"] ?? ""}`, ...extra }
}
