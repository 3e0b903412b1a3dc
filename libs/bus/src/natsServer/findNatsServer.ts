import { execFile } from "node:child_process"
import { homedir } from "node:os"
import { delimiter, join } from "node:path"
import { promisify } from "node:util"

const run = promisify(execFile)

/** Where to get one, for whoever is told that none was found. */
export const natsServerHelp =
  "no nats-server: run .ci/install-nats.sh, or set NATS_SERVER_BIN to one of version 2.10 or later"

/**
 * The path of a nats-server that is new enough: NATS_SERVER_BIN, else in PATH, where `go install` puts it, or where .ci/install-nats.sh does.
 * Undefined where there is none. NATS_SERVER_BIN decides alone: a wrong one is not made up for by another.
 */
export async function findNatsServer(environment: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  const { NATS_SERVER_BIN, PATH = "", XDG_CACHE_HOME } = environment
  if (NATS_SERVER_BIN !== undefined && NATS_SERVER_BIN !== "") return (await serves(NATS_SERVER_BIN)) ? NATS_SERVER_BIN : undefined
  const cache = XDG_CACHE_HOME === undefined || XDG_CACHE_HOME === "" ? join(homedir(), ".cache") : XDG_CACHE_HOME
  for (const directory of [...PATH.split(delimiter).filter((part) => part !== ""), join(cache, "tailrace", "nats")]) {
    const file = join(directory, "nats-server")
    if (await serves(file)) return file
  }
  // Asked last: starting go takes longer than all the rest.
  const goPath = await goPathOf(environment)
  const file = join(goPath ?? join(homedir(), "go"), "bin", "nats-server")
  return (await serves(file)) ? file : undefined
}

/** Accounts with routes of their own came with 2.10. */
const minorMin = 10

/** It runs and is new enough. */
const serves = (file: string): Promise<boolean> =>
  run(file, ["--version"]).then(({ stdout }) => Number(/v?2\.(\d+)\./.exec(stdout)?.[1] ?? 0) >= minorMin, () => false)

/** Undefined where go is not installed. */
const goPathOf = (env: NodeJS.ProcessEnv): Promise<string | undefined> =>
  run("go", ["env", "GOPATH"], { env }).then(({ stdout }) => stdout.trim(), () => undefined)
