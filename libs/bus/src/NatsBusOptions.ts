import type { Clock } from "@tailrace/runtime"

/** How this node proves to the servers who it is. */
export type NatsCredentials =
  | { readonly user: string; readonly password: string }
  | { readonly nkeySeed: string }
  /** Read at every dial, so that a new file counts from the next one on. */
  | { readonly credsFile: string }

export interface NatsTls {
  /** The authorities that may have signed the server's certificate; without it those that Node knows. */
  readonly caFile?: string
  /** This node's own certificate, where servers ask for one. */
  readonly certFile?: string
  readonly keyFile?: string
}

/** What befalls the connection. Good for logs and for suspicion, never for a decision about another node. */
export type NatsHint =
  | { readonly kind: "connected"; readonly server: string }
  | { readonly kind: "disconnected"; readonly server: string; readonly cause: unknown }
  /** A server that did not let us in, or is not there. */
  | { readonly kind: "refused"; readonly server: string; readonly cause: unknown }
  /** A server's complaint about something we did, such as a subject that this user may not use. */
  | { readonly kind: "error"; readonly server: string; readonly cause: unknown }

export interface NatsBusOptions {
  readonly clock: Clock
  /** `host:port` each, or `nats://host:port`. They are tried in this order, so the first is the nearest. */
  readonly servers: ReadonlyArray<string>
  /** How the servers' monitoring names this connection. */
  readonly name: string
  readonly credentials?: NatsCredentials
  readonly tls?: NatsTls
  /** Waits for the first server to appear, instead of failing when none of them answers. */
  readonly waitOnFirstConnect?: boolean
  /** From the dial to the end of the handshake. */
  readonly dialTimeoutMillis?: number
  /** Between two rounds of dials to all servers; up to 5 s where all of them refuse us, by password or certificate. */
  readonly reconnectWaitMillis?: number
  readonly pingIntervalMillis?: number
  /** Pings without an answer after which the server counts as gone. */
  readonly pingsMax?: number
  /** A server whose `max_payload` is less counts as none: what callers have to say would not go through. */
  readonly payloadBytesMin?: number
  /** What may wait on this side for the way to the server. */
  readonly outboundBytesMax?: number
  readonly onHint?: (hint: NatsHint) => void
  /** Told of what a handler threw, which the caller of a request must not see. */
  readonly onHandlerFailure?: (subject: string, cause: unknown) => void
}
