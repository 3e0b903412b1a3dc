import { once } from "node:events"
import { createServer, type AddressInfo } from "node:net"
import { natsConfig, type NatsConfigOptions } from "../natsConfig.ts"
import type { NatsCredentials } from "../NatsBusOptions.ts"
import { NatsServer } from "./NatsServer.ts"

export interface NatsClusterOptions {
  /** As `findNatsServer` says. */
  readonly program: string
  readonly size?: number
  readonly clusterName?: string
  /** The last word on a server's configuration. */
  readonly edit?: (config: string) => string
  readonly config?: Partial<NatsConfigOptions>
}

const host = "127.0.0.1"
// With all that a configuration has to quote.
const control = { user: "control", password: 'control\'s "own" \\ $1' }
const data = { user: "data", password: "data's own" }

/** nats-servers on this machine by the configuration of `natsConfig`, named 1, 2, 3, each with ports of its own. */
export class NatsCluster implements AsyncDisposable {
  readonly clusterName: string
  readonly servers: ReadonlyArray<NatsServer>
  readonly control: NatsCredentials = control
  readonly data: NatsCredentials = data

  /** Resolves when all take connections; their routes may still be on their way. */
  static async start(options: NatsClusterOptions): Promise<NatsCluster> {
    const { program, size = 3, clusterName = "test", edit = (config) => config } = options
    const ports = await freePorts(2 * size)
    const nodes = Array.from({ length: size }, (_, at) => ({
      name: String(at + 1), host, clientPort: ports[2 * at]!, clusterPort: ports[2 * at + 1]!
    }))
    const configs = natsConfig({
      clusterName,
      nodes,
      control,
      data,
      routes: { user: "routes", password: "between/servers" },
      ...options.config
    })
    const starts = await Promise.allSettled(nodes.map(({ name, clientPort }) =>
      NatsServer.start({ program, config: edit(configs.get(name)!), address: `${host}:${clientPort}` })
    ))
    const servers = starts.flatMap((start) => (start.status === "fulfilled" ? [start.value] : []))
    const cluster = new NatsCluster(clusterName, servers)
    const failed = starts.find((start) => start.status === "rejected")
    if (failed === undefined) return cluster
    await cluster.stop()
    throw failed.reason
  }

  private constructor(clusterName: string, servers: ReadonlyArray<NatsServer>) {
    this.clusterName = clusterName
    this.servers = servers
  }

  /** As a node lists them: its own first. */
  addressesFrom(own: number): ReadonlyArray<string> {
    const addresses = this.servers.map(({ address }) => address)
    return [...addresses.slice(own), ...addresses.slice(0, own)]
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

/** Ports that are free now; all are held until the last is known, so that none comes twice. */
async function freePorts(count: number): Promise<ReadonlyArray<number>> {
  const holders = await Promise.all(Array.from({ length: count }, async () => {
    const holder = createServer().listen(0, host)
    await once(holder, "listening")
    return holder
  }))
  const ports = holders.map((holder) => (holder.address() as AddressInfo).port)
  await Promise.all(holders.map(async (holder) => {
    holder.close()
    await once(holder, "close")
  }))
  return ports
}
