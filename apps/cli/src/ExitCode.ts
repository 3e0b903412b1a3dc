/** What the process answers to its caller. Scripts rely on these numbers: they do not change. */
export const ExitCode = {
  ok: 0,
  /** The cluster refused the request, or it failed on the way. */
  failed: 1,
  /** The command line or a configuration is wrong; nothing was tried. */
  usage: 2,
  /** No broker could be reached. */
  unreachable: 3,
  /** `start`: the data directory is in use by another process. */
  directoryLocked: 4,
  /** `start`: another process listens on the port. */
  addressInUse: 5
} as const

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]
