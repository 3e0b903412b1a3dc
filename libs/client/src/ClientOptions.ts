import type { Duplex } from "node:stream"
import type { Clock, Dialer } from "@tailrace/runtime"
import type { ChoiceSource } from "./ChoiceSource.ts"
import { ClientError } from "./ClientError.ts"
import { systemChoices, systemClock } from "./internal/systemPorts.ts"
import { Timing } from "./internal/Timing.ts"

/** The world as the client meets it, for simulations. What is left out is this process's own. */
export interface ClientPorts {
  readonly clock?: Clock
  readonly random?: ChoiceSource
  /** Opens connections instead of Node; `openSocket` goes first where both are given. */
  readonly dialer?: Dialer
}

/** What every part of the client takes. Names are those of Kafka's Java client, with the unit last. */
export interface ClientOptions {
  /** `host:port` pairs, in a list or separated by commas. Used until the brokers' own addresses are known. */
  readonly bootstrapServers: string | ReadonlyArray<string>
  /** Sent with every request; default "tailrace". */
  readonly clientId?: string
  /** The longest wait for one answer; default 30 s. */
  readonly requestTimeoutMillis?: number
  /** The longest wait for a connection, including the exchange of versions; default 10 s. */
  readonly connectTimeoutMillis?: number
  /** The longest time for a call with all its retries; default 60 s. */
  readonly apiTimeoutMillis?: number
  /** The first pause before a retry, doubled each time; default 100 ms. */
  readonly retryBackoffMillis?: number
  /** The longest pause before a retry; default 1 s. */
  readonly retryBackoffMillisMax?: number
  /** Attempts of one call, besides the time limit; default 100. */
  readonly attemptsMax?: number
  /** How long leaders and topics are believed without asking again; default 5 minutes. */
  readonly metadataMaxAgeMillis?: number
  /** The longest answer that is accepted; default 100 MiB. */
  readonly frameBytesMax?: number
  /** Requests that may wait for answers on one connection; default 1000. */
  readonly pendingRequestsMax?: number
  /** Opens a byte stream to a broker; default plain TCP. For TLS, answer what `tls.connect` answers. */
  readonly openSocket?: (host: string, port: number) => Duplex
  /** Clock, chance and network; default those of this process. */
  readonly ports?: ClientPorts
}

export type ResolvedClientOptions = Required<Omit<ClientOptions, "bootstrapServers" | "openSocket" | "ports">> & {
  readonly bootstrapServers: ReadonlyArray<HostAndPort>
  readonly openSocket: ((host: string, port: number) => Duplex) | undefined
  readonly dialer: Dialer | undefined
  readonly timing: Timing
}

export interface HostAndPort {
  readonly host: string
  readonly port: number
}

export const clientDefaults = {
  clientId: "tailrace",
  requestTimeoutMillis: 30_000,
  connectTimeoutMillis: 10_000,
  apiTimeoutMillis: 60_000,
  retryBackoffMillis: 100,
  retryBackoffMillisMax: 1_000,
  attemptsMax: 100,
  metadataMaxAgeMillis: 300_000,
  frameBytesMax: 100 << 20,
  pendingRequestsMax: 1_000
} as const

/** Reads `host:port`, with brackets around IPv6 addresses. */
const parseServer = (text: string): HostAndPort => {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text.trim())
  const port = Number(match?.[3])
  if (match === null || port < 1 || port > 65535) {
    throw new ClientError("configuration", `bootstrapServers: "${text}" is not host:port`)
  }
  return { host: match[1] ?? match[2] ?? "", port }
}

/** Fills in defaults; throws `ClientError` for values that cannot be meant. */
export const resolveClientOptions = (options: ClientOptions): ResolvedClientOptions => {
  const servers = typeof options.bootstrapServers === "string" ? options.bootstrapServers.split(",") : options.bootstrapServers
  const bootstrapServers = servers.filter((text) => text.trim() !== "").map(parseServer)
  if (bootstrapServers.length === 0) throw new ClientError("configuration", "bootstrapServers: no server given")
  const resolved: Record<string, unknown> = { ...clientDefaults }
  for (const [name, fallback] of Object.entries(clientDefaults)) {
    const value = (options as unknown as Record<string, unknown>)[name] ?? fallback
    if (typeof fallback === "number" && !(typeof value === "number" && value > 0)) {
      throw new ClientError("configuration", `${name}: ${String(value)} is not a positive number`)
    }
    resolved[name] = value
  }
  const { clock = systemClock, random = systemChoices, dialer } = options.ports ?? {}
  return {
    ...(resolved as typeof clientDefaults), bootstrapServers, openSocket: options.openSocket, dialer, timing: new Timing(clock, random)
  }
}
