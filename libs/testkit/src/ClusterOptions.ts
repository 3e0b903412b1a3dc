/**
 * - `inProcess`: real time, for any client: TCP on 127.0.0.1, everything else in this process.
 * - `simulated`: virtual time, for `@tailrace/client` with `clientOptions()`; the seed decides everything.
 * - `processes`: real processes, disks and nats-servers; it needs a nats-server.
 */
export type ClusterMode = "inProcess" | "simulated" | "processes"

export interface ClusterOptions {
  /** Default 3. */
  readonly nodes?: number
  /** Default `inProcess`. */
  readonly mode?: ClusterMode
  /** Default TAILRACE_SEED of the environment, unless that is empty, else another one each time. */
  readonly seed?: number
  /** The first controllers; default all nodes, up to three. */
  readonly voters?: number
  /** Lines of `server.properties` for every node. Times are short unless they are set here: `timer.profile=ci`. */
  readonly properties?: Readonly<Record<string, string>>
  /** Where `report` keeps what it writes; default TAILRACE_REPORTS of the environment, else the system's folder for temporary files. */
  readonly reportDirectory?: string
  /** How long `isrFull`, `settled` and the start of a node may take; default 60 s. */
  readonly timeoutMillis?: number
}
