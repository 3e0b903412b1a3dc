import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import type { Socket } from "node:net"

export interface BoundOptions {
  /** Input, output and error output. */
  readonly stdio: readonly ["ignore" | "pipe", "ignore" | "inherit" | "pipe", "inherit" | "pipe"]
  readonly env?: NodeJS.ProcessEnv
}

/** Those of busybox and of old systems cannot do what is needed of it. */
let hasSetpriv: boolean | undefined

/**
 * Waits beside the program, in a process of its own, for a line by file 3 or for its end, and kills the program at the latter. The shell
 * then becomes the program, so that the process id is the same; the program has no file 3, and the guard none of the program's files,
 * whose readers wait for their end. What a terminal sends to all of its processes passes the guard by.
 */
const guarded = `( trap "" HUP INT QUIT TERM; exec < /dev/null > /dev/null 2>&1; read -r line <&3 || kill -KILL $$ ) & exec "$@" 3<&-`

/**
 * Starts a program that ends when we do, even by SIGKILL, and even where it stands still. On Linux the kernel sees to it, by setpriv; on
 * other systems, such as macOS or Alpine, a guard does. On Windows there is neither, and the program outlives a parent that is killed.
 */
export function spawnBound(command: string, args: ReadonlyArray<string>, options: BoundOptions): ChildProcess {
  hasSetpriv ??= spawnSync("setpriv", ["--pdeathsig", "KILL", "--", "sh", "-c", ""], { stdio: "ignore" }).status === 0
  const { stdio: [input, output, errors], env = process.env } = options
  if (hasSetpriv) return spawn("setpriv", ["--pdeathsig", "KILL", "--", command, ...args], { env, stdio: [input, output, errors] })
  if (process.platform === "win32") return spawn(command, args, { env, stdio: [input, output, errors] })
  const child = spawn("sh", ["-c", guarded, "sh", command, ...args], { env, stdio: [input, output, errors, "pipe"] })
  const line = child.stdio[3] as Socket | undefined
  // Where the guard was killed together with the program nobody hears any more that all is over.
  line?.on("error", () => undefined)
  // Before the process id can belong to somebody else.
  child.once("exit", () => line?.end("over\n"))
  return child
}
