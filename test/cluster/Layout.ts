/** The ports that a node and its bus server listen on. */
export type PortName = "kafka" | "controller" | "http" | "nats" | "natsRoute" | "natsMonitor"

export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** Where the nodes of a cluster live on this machine, and which faults their network can have. */
export interface Layout {
  readonly name: "loopback" | "namespaces"
  endpoint(nodeId: number, port: PortName): Endpoint
  /** The command line that runs `command` where the node lives. Process ids stay the same: everything put before it gives way by exec. */
  placed(nodeId: number, command: ReadonlyArray<string>): string[]
  /** Undefined where the network cannot be broken. */
  readonly faults: NetworkFaults | undefined
  close(): void
}

/** Packets that match vanish without an answer, as behind a broken switch; only `linkDown` is noticed. `heal` ends all of it. */
export interface NetworkFaults {
  /** Nothing passes between the nodes of the two sides; with `oneWay` nothing from the first side to the second. Clients reach both. */
  partition(left: ReadonlyArray<number>, right: ReadonlyArray<number>, options?: { readonly oneWay?: boolean }): void
  /** Nothing reaches or leaves the node, clients included. */
  isolate(nodeId: number): void
  /** The node's cable is out: the router tells others that it cannot be reached, and its own packets go nowhere. */
  linkDown(nodeId: number): void
  /** Clients reach the node, the other nodes do not. */
  peerOnly(nodeId: number): void
  /** The route between the two nodes' NATS servers is cut; everything else passes, also each node's way to the other's NATS server. */
  cutRoute(left: number, right: number): void
  /** Clients do not reach the node, the other nodes do. */
  clientOnly(nodeId: number): void
  heal(): void
}
