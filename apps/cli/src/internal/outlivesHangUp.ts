/**
 * Whether a hang-up of the terminal is to pass this process by, as nohup wants it. nohup says so by ignoring SIGHUP, but Node sets
 * every ignored signal back to its default before any of our code runs, so that neither /proc/self/status nor anything else still
 * knows. What is left is what nohup does to the streams: it runs the command in the terminal's session with an output and an error
 * output that are no terminal, and on Linux (coreutils, busybox) with such an input; on macOS and BSD it leaves the input alone.
 *
 * A process without a terminal, such as a service or a container, cannot be hung up on: there SIGHUP is sent by somebody on purpose and
 * means SIGTERM. So it does on Windows, where there is no nohup, and where the system sends it when the console's window closes and
 * ends the process some seconds later in any case. The price: who sends all streams elsewhere without nohup is taken for nohup.
 *
 * To be asked at the start: a terminal that has hung up is none any more.
 */
export const outlivesHangUp = (platform: NodeJS.Platform = process.platform): boolean => {
  if (platform === "win32") return false
  const { isatty } = process.getBuiltinModule("node:tty")
  if (isatty(1) || isatty(2) || platform === "linux" && isatty(0)) return false
  return hasTerminal()
}

const hasTerminal = (): boolean => {
  const { closeSync, constants, openSync } = process.getBuiltinModule("node:fs")
  try {
    closeSync(openSync("/dev/tty", constants.O_RDONLY | constants.O_NOCTTY))
    return true
  } catch {
    // ENXIO where the session has none, ENOENT where containers have no such file: either way nobody can hang up.
    return false
  }
}
