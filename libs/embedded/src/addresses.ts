import { hostname } from "node:os"
import type { ListenAddress, ListenerLimits } from "@tailrace/kafka-listener"
import { type BrokerConfig, BrokerConfigError, type ConfigProblem, type Listener } from "@tailrace/metadata"

const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host)

/**
 * What is wrong with where this node is to listen. Only loopback is open to everybody: another address asks for authentication, or for
 * `allow.unauthenticated.listeners=true`, which says that somebody decided so. That goes for the figures and health of the node too.
 */
export function addressProblems(config: BrokerConfig): ReadonlyArray<ConfigProblem> {
  const problems: Array<ConfigProblem> = []
  const isOpen = config.get("allow.unauthenticated.listeners")
  for (const { host, name, securityProtocol } of config.listeners) {
    if (securityProtocol !== "PLAINTEXT") {
      problems.push({ name: "listeners", message: `${name} asks for ${securityProtocol}; only PLAINTEXT is served so far` })
    } else if (!isLoopback(host) && !isOpen) {
      problems.push({
        name: "listeners",
        message: `${name} would let anybody on the network read and write; listen on localhost, or set allow.unauthenticated.listeners=true if the network itself is trusted`
      })
    }
  }
  const http = parseHostPort(config.get("http.listener"))
  if (http === "malformed") {
    problems.push({ name: "http.listener", message: `${config.get("http.listener")} is not of the form host:port` })
  } else if (http !== undefined && !isLoopback(http.host) && !isOpen) {
    problems.push({
      name: "http.listener",
      message: "would show anybody on the network the figures of this node; listen on localhost, or set allow.unauthenticated.listeners=true if the network itself is trusted"
    })
  }
  return problems
}

/** Where to listen for clients. Throws `BrokerConfigError` where `addressProblems` finds any. */
export function listenAddresses(config: BrokerConfig): ReadonlyArray<ListenAddress> {
  check(config)
  return config.listeners.map(({ host, name, port }) => ({ name, host: host === "" ? "::" : host, port }))
}

/** Where to show figures and health, undefined for nowhere. Throws `BrokerConfigError` where `addressProblems` finds any. */
export function httpAddress(config: BrokerConfig): HostPort | undefined {
  check(config)
  // A malformed one is a problem that was found.
  return parseHostPort(config.get("http.listener")) as HostPort | undefined
}

function check(config: BrokerConfig): void {
  const problems = addressProblems(config)
  if (problems.length > 0) throw new BrokerConfigError(problems)
}

/** What clients are told: as configured, with the ports that were really bound and a host that others can resolve. */
export function advertisedListeners(config: BrokerConfig, bound: ReadonlyArray<ListenAddress>): ReadonlyArray<Listener> {
  return config.advertisedListeners.map((listener) => {
    const address = bound.find(({ name }) => name === listener.name)
    const host = listener.host === "" || listener.host === "0.0.0.0" || listener.host === "::" ? hostname() : listener.host
    return { ...listener, host, port: listener.port === 0 ? address?.port ?? 0 : listener.port }
  })
}

export const listenerLimits = (config: BrokerConfig): Partial<ListenerLimits> => ({
  frameBytesMax: config.get("socket.request.max.bytes"),
  ...(config.get("queued.max.request.bytes") > 0 ? { frameBytesInFlightMax: config.get("queued.max.request.bytes") } : {}),
  ...(config.isSet("max.connections") ? { connectionsMax: config.get("max.connections") } : {}),
  idleMillisMax: config.get("connections.max.idle.ms") < 0 ? Infinity : config.get("connections.max.idle.ms"),
  fetchBytesMax: config.get("fetch.max.bytes"),
  fetchSessionsMax: config.get("max.incremental.fetch.session.cache.slots")
})

interface HostPort {
  readonly host: string
  readonly port: number
}

/** `host:port`, undefined for an empty text. */
function parseHostPort(text: string): HostPort | "malformed" | undefined {
  if (text === "") return undefined
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host === undefined || port > 65_535) return "malformed"
  return { host: host === "localhost" ? "127.0.0.1" : host, port }
}
