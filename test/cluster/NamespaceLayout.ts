import { execFileSync } from "node:child_process"
import type { Endpoint, Layout, NetworkFaults, PortName } from "./Layout.ts"
import type { Ledger } from "./Ledger.ts"

const ports: Readonly<Record<PortName, number>> = { kafka: 9092, controller: 9093, http: 9644, nats: 4222, natsRoute: 6222, natsMonitor: 8222 }
/** How many clusters may have namespaces on one machine at the same time: each takes a /21 of 198.18.0.0/15, the range set apart for benchmarks. */
const clustersMax = 64
const nodesMax = 7
const client = "client"
/** Routing rules with a lower number than the kernel's own come first. */
const rulePreference = 100

/**
 * Each node with its bus server in a network namespace of its own, linked to a router namespace, as is the namespace we run in (the client).
 * Faults are applied in the router, so that both ends see silence: a blackhole in the node's own namespace would answer with an error.
 */
export class NamespaceLayout implements Layout, NetworkFaults {
  readonly name = "namespaces"
  readonly faults: NetworkFaults = this
  readonly nodeIds: ReadonlyArray<number>
  #number: number
  #ledger: Ledger
  #downLinks = new Set<number>()
  #rules = 0

  private constructor(number: number, nodeIds: ReadonlyArray<number>, ledger: Ledger) {
    this.#number = number
    this.nodeIds = nodeIds
    this.#ledger = ledger
  }

  /** Why namespaces cannot be made here, or undefined where they can. */
  static missing(): string | undefined {
    const probe = `tailrace-probe-${process.pid}`
    try {
      ip("netns", "add", probe)
      ip("netns", "delete", probe)
      execFileSync("nsenter", ["--version"], { stdio: "ignore" })
      return undefined
    } catch (error) {
      return `network namespaces need root, iproute2 and util-linux (${String(error).split("\n")[0]})`
    }
  }

  static create(nodeIds: ReadonlyArray<number>, ledger: Ledger): NamespaceLayout {
    if (nodeIds.length > nodesMax || nodeIds.some((id) => id < 1 || id > nodesMax)) throw new Error(`node ids from 1 to ${nodesMax} fit into the addresses of one cluster`)
    const layout = new NamespaceLayout(freeNumber(ledger), nodeIds, ledger)
    layout.#build()
    return layout
  }

  endpoint(nodeId: number, port: PortName): Endpoint {
    return { host: this.address(nodeId), port: ports[port] }
  }

  address(nodeId: number): string {
    return this.#address(nodeId, 2)
  }

  namespaceOf(nodeId: number): string {
    return `tailrace-${this.#number}-node${nodeId}`
  }

  placed(nodeId: number, command: ReadonlyArray<string>): string[] {
    return ["nsenter", `--net=/run/netns/${this.namespaceOf(nodeId)}`, "--", ...command]
  }

  partition(left: ReadonlyArray<number>, right: ReadonlyArray<number>, options: { readonly oneWay?: boolean } = {}): void {
    for (const a of left) {
      for (const b of right) {
        this.#drop("from", this.address(a), "to", this.address(b))
        if (options.oneWay !== true) this.#drop("from", this.address(b), "to", this.address(a))
      }
    }
  }

  isolate(nodeId: number): void {
    this.#drop("from", this.address(nodeId))
    this.#drop("to", this.address(nodeId))
  }

  linkDown(nodeId: number): void {
    this.#downLinks.add(nodeId)
    ip("-n", this.#router, "link", "set", `node${nodeId}`, "down")
  }

  peerOnly(nodeId: number): void {
    this.partition([nodeId], this.nodeIds.filter((other) => other !== nodeId))
  }

  clientOnly(nodeId: number): void {
    this.#drop("from", this.address(nodeId), "to", this.#address(0, 2))
    this.#drop("from", this.#address(0, 2), "to", this.address(nodeId))
  }

  cutRoute(left: number, right: number): void {
    // Either server may have dialled the other, and packets go both ways.
    for (const [a, b] of [[left, right], [right, left]] as const) {
      for (const end of ["sport", "dport"]) this.#drop("from", this.address(a), "to", this.address(b), "ipproto", "tcp", end, String(ports.natsRoute))
    }
  }

  heal(): void {
    for (; this.#rules > 0; this.#rules--) ip("-n", this.#router, "rule", "delete", "preference", String(rulePreference))
    for (const nodeId of this.#downLinks) ip("-n", this.#router, "link", "set", `node${nodeId}`, "up")
    this.#downLinks.clear()
  }

  close(): void {
    // A link outlives its namespace by a moment; its name is to be free at once.
    ip("link", "delete", this.#clientLink)
    this.#ledger.remove("links", this.#clientLink)
    for (const name of [...this.nodeIds.map((nodeId) => this.namespaceOf(nodeId)), this.#router]) {
      ip("netns", "delete", name)
      this.#ledger.remove("namespaces", name)
    }
  }

  get #router(): string {
    return routerName(this.#number)
  }

  /** Interface names have at most fifteen characters. */
  get #clientLink(): string {
    return `tailrace${this.#number}`
  }

  /** Link 0 is the client's; on each the router has 1 and the other end 2. */
  #address(link: number, host: number): string {
    const third = this.#number * 8 + link
    return `198.${18 + (third >> 8)}.${third & 255}.${host}`
  }

  #drop(...selector: ReadonlyArray<string>): void {
    this.#rules += 1
    ip("-n", this.#router, "rule", "add", ...selector, "preference", String(rulePreference), "blackhole")
  }

  #build(): void {
    const router = this.#router
    ip("-n", router, "link", "set", "lo", "up")
    execFileSync("nsenter", [`--net=/run/netns/${router}`, "--", "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"], { stdio: "pipe" })
    this.#ledger.add("links", this.#clientLink)
    ip("link", "add", this.#clientLink, "type", "veth", "peer", "name", client, "netns", router)
    this.#up(router, client, this.#address(0, 1))
    ip("address", "add", `${this.#address(0, 2)}/24`, "dev", this.#clientLink)
    ip("link", "set", this.#clientLink, "up")
    ip("route", "add", `${this.#address(0, 0)}/21`, "via", this.#address(0, 1))
    for (const nodeId of this.nodeIds) {
      const namespace = this.namespaceOf(nodeId)
      this.#ledger.add("namespaces", namespace)
      ip("netns", "add", namespace)
      ip("-n", namespace, "link", "set", "lo", "up")
      ip("link", "add", `node${nodeId}`, "netns", router, "type", "veth", "peer", "name", "eth0", "netns", namespace)
      this.#up(router, `node${nodeId}`, this.#address(nodeId, 1))
      this.#up(namespace, "eth0", this.address(nodeId))
      ip("-n", namespace, "route", "add", "default", "via", this.#address(nodeId, 1))
    }
  }

  #up(namespace: string, link: string, address: string): void {
    ip("-n", namespace, "address", "add", `${address}/24`, "dev", link)
    ip("-n", namespace, "link", "set", link, "up")
  }
}

const routerName = (number: number): string => `tailrace-${number}-router`

/** Making the router's namespace takes the number: the kernel lets only one have a name. */
function freeNumber(ledger: Ledger): number {
  let last: unknown
  for (let attempt = 0; attempt < clustersMax; attempt++) {
    const number = (process.pid + attempt) % clustersMax
    try {
      ip("netns", "add", routerName(number))
    } catch (error) {
      last = error
      continue
    }
    ledger.add("namespaces", routerName(number))
    return number
  }
  throw new Error(`no network namespace could be made: ${String(last)}`)
}

function ip(...args: ReadonlyArray<string>): void {
  execFileSync("ip", args, { stdio: "pipe" })
}
