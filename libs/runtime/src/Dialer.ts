import type { Connection } from "./Net.ts"

export interface DialOptions {
  readonly host: string
  readonly port: number
  /** How long the peer may take to accept. */
  readonly timeoutMillis?: number
}

/** Outgoing connections as a port. `dial` rejects with the system's error, for example ECONNREFUSED. */
export interface Dialer {
  dial(options: DialOptions): Promise<Connection>
}
