import type { Readable, Writable } from "node:stream"

/** A stream that may be a terminal. */
export type Output = Writable & { readonly isTTY?: boolean }

/** What a command sees of its process, so that tests can stand in for it. */
export interface Context {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Output
  readonly stderr: Output
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Asks to be told of SIGINT and SIGTERM; until a command does, they end the process as usual. */
  readonly interrupted: () => AbortSignal
}
