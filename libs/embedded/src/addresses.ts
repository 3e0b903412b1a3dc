import { hostname } from "node:os"
import type { ListenAddress, ListenerLimits } from "@tailrace/kafka-listener"
import { type BrokerConfig, BrokerConfigError, type Listener } from "@tailrace/metadata"

const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host)

/**
 * Where to listen. Only loopback is open to everybody: another address asks for authentication, or for
 * `allow.unauthenticated.listeners=true`, which says that somebody decided so.
 */
export function listenAddresses(config: BrokerConfig): ReadonlyArray<ListenAddress> {
  for (const { host, name, securityProtocol } of config.listeners) {
    if (securityProtocol !== "PLAINTEXT") {
      throw new BrokerConfigError([{
        name: "listeners",
        message: `${name} asks for ${securityProtocol}; only PLAINTEXT is served so far`
      }])
    }
    if (!isLoopback(host) && !config.get("allow.unauthenticated.listeners")) {
      throw new BrokerConfigError([{
        name: "listeners",
        message: `${name} would let anybody on the network read and write; listen on localhost, or set allow.unauthenticated.listeners=true if the network itself is trusted`
      }])
    }
  }
  return config.listeners.map(({ host, name, port }) => ({ name, host: host === "" ? "::" : host, port }))
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

/** `host:port`, undefined for an empty text. */
export function parseHostPort(text: string): { readonly host: string; readonly port: number } | undefined {
  if (text === "") return undefined
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text)
  if (match === null) throw new BrokerConfigError([{ name: "http.listener", message: `${text} is not of the form host:port` }])
  const host = match[1] ?? match[2] ?? "localhost"
  return { host: host === "localhost" ? "127.0.0.1" : host, port: Number(match[3]) }
}
