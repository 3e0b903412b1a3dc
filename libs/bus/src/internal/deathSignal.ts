import { spawnSync } from "node:child_process"

let hasSetpriv: boolean | undefined

/**
 * Goes before a command: the kernel then ends the process when we die, even by SIGKILL. setpriv becomes the program by exec, so
 * the process id stays the same. Empty where the machine has none.
 */
export function deathSignal(): ReadonlyArray<string> {
  hasSetpriv ??= spawnSync("setpriv", ["--version"], { stdio: "ignore" }).status === 0
  return hasSetpriv ? ["setpriv", "--pdeathsig", "KILL", "--"] : []
}
