import { UsageError } from "../UsageError.ts"

/** Labels as DNS has them, and the underscore of container networks. What ends in a number would be read as an IPv4 address. */
const hostName = /^(?=.{1,253}$)(?:[a-z\d_](?:[a-z\d_-]{0,61}[a-z\d_])?\.)*(?!\d+$)[a-z\d_](?:[a-z\d_-]{0,61}[a-z\d_])?$/i

const wildcards: ReadonlySet<string> = new Set(["0.0.0.0", "::", "*"])

/**
 * The host of a node as everybody reaches it: a name or an address, IPv6 without its brackets and in its shortest form, so that two
 * spellings are one host. Throws `UsageError`.
 */
export const hostOf = (text: string): string => {
  const { isIP, isIPv6 } = process.getBuiltinModule("node:net")
  const refuse = (why: string, advice: string): never => {
    throw new UsageError(`"${text}" ${why}`, advice)
  }
  if (/^(?:\[[^\]]*\]|[^:[\]]*):\d+$/.test(text)) {
    refuse("has a port", "Name the host alone: ports are the same for all hosts, by --kafka-port, --client-port and --cluster-port.")
  }
  const inner = /^\[(.*)\]$/.exec(text)?.[1]
  const bare = inner ?? text
  // An interface of this machine (%eth0) means nothing to the others.
  const isAddress = (inner === undefined ? isIP(bare) !== 0 : isIPv6(bare)) && !bare.includes("%")
  const host = isAddress && isIPv6(bare) ? new URL(`http://[${bare}]`).hostname.slice(1, -1) : bare
  if (wildcards.has(host)) refuse("is no address that others can connect to", "Name each node's own address: servers and nodes listen on it, and find each other by it.")
  if (!isAddress && !(inner === undefined && hostName.test(bare))) refuse("is neither a host name nor an address", "For example: 1@broker-1.example.com, 1@10.0.0.1 or 1@fd00::1")
  return host
}
