import { type Connection, type Listener, NodeNet } from "@tailrace/runtime"

interface Pair {
  readonly client: Connection
  readonly server: Connection
}

const connectionsMax = 64
const dialMillisMax = 2_000

/** Stands between a node and its NATS server. While it stalls, connections stay open and nothing passes, as behind a cut cable. */
export class StallingRelay {
  readonly #net = new NodeNet()
  readonly #target: { readonly host: string; readonly port: number }
  readonly #pairs = new Set<Pair>()
  #listener: Listener | undefined
  #isStalled = false

  private constructor(target: string) {
    const at = target.lastIndexOf(":")
    this.#target = { host: target.slice(0, at), port: Number(target.slice(at + 1)) }
  }

  static async start(target: string): Promise<StallingRelay> {
    const relay = new StallingRelay(target)
    relay.#listener = await relay.#net.listen({ host: "127.0.0.1", port: 0, connectionsMax }, (client) => void relay.#accept(client))
    return relay
  }

  get address(): string {
    return `127.0.0.1:${this.#listener?.port}`
  }

  stall(): void {
    this.#isStalled = true
    for (const { client, server } of this.#pairs) {
      client.pause()
      server.pause()
    }
  }

  flow(): void {
    this.#isStalled = false
    for (const { client, server } of this.#pairs) {
      client.resume()
      server.resume()
    }
  }

  async close(): Promise<void> {
    for (const { client, server } of this.#pairs) {
      client.destroy()
      server.destroy()
    }
    await this.#listener?.close()
  }

  async #accept(client: Connection): Promise<void> {
    client.pause()
    let hasEnded = false
    client.onClose = () => {
      hasEnded = true
    }
    let server: Connection
    try {
      server = await this.#net.dial({ ...this.#target, timeoutMillis: dialMillisMax })
    } catch {
      // A server that is away looks through the relay as it does without.
      return client.destroy()
    }
    if (hasEnded) return server.destroy()
    const pair: Pair = { client, server }
    this.#pairs.add(pair)
    this.#join(pair, client, server)
    this.#join(pair, server, client)
    if (this.#isStalled) server.pause()
    else client.resume()
  }

  /** One side is read only as fast as the other takes it. */
  #join(pair: Pair, from: Connection, to: Connection): void {
    from.onData = (chunk) => {
      // The chunk's memory is used again after the call.
      to.write([Buffer.from(chunk)])
      if (to.bufferedBytes > 0) from.pause()
    }
    to.onDrain = () => {
      if (!this.#isStalled) from.resume()
    }
    from.onClose = () => {
      this.#pairs.delete(pair)
      to.destroy()
    }
  }
}
