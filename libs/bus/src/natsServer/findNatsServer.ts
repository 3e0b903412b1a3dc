import { execFile } from "node:child_process"
import { access, constants } from "node:fs/promises"
import { homedir } from "node:os"
import { delimiter, join } from "node:path"
import { promisify } from "node:util"

/** Where to get one, for whoever is told that none was found. */
export const natsServerHelp =
  "no nats-server: run .ci/install-nats.sh, or set NATS_SERVER_BIN to one of version 2.10 or later"

/**
 * The path of a nats-server: NATS_SERVER_BIN, else in PATH, where `go install` puts it, or where .ci/install-nats.sh does.
 * Undefined where there is none. NATS_SERVER_BIN decides alone: a wrong one is not made up for by another.
 */
export async function findNatsServer(environment: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  const { NATS_SERVER_BIN, PATH = "", XDG_CACHE_HOME } = environment
  if (NATS_SERVER_BIN !== undefined && NATS_SERVER_BIN !== "") return (await isProgram(NATS_SERVER_BIN)) ? NATS_SERVER_BIN : undefined
  const cache = XDG_CACHE_HOME === undefined || XDG_CACHE_HOME === "" ? join(homedir(), ".cache") : XDG_CACHE_HOME
  for (const directory of [...PATH.split(delimiter).filter((part) => part !== ""), join(cache, "tailrace", "nats")]) {
    const file = join(directory, "nats-server")
    if (await isProgram(file)) return file
  }
  // Asked last: starting go takes longer than all the rest.
  const goPath = await goPathOf(environment)
  const file = join(goPath ?? join(homedir(), "go"), "bin", "nats-server")
  return (await isProgram(file)) ? file : undefined
}

const isProgram = (file: string): Promise<boolean> => access(file, constants.X_OK).then(() => true, () => false)

/** Undefined where go is not installed. */
const goPathOf = (env: NodeJS.ProcessEnv): Promise<string | undefined> =>
  promisify(execFile)("go", ["env", "GOPATH"], { env }).then(({ stdout }) => stdout.trim(), () => undefined)
