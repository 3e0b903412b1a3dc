import { createConnection, type Socket } from "node:net"

/** What this room uses of the client library. It is loaded by the first connection, so that a node alone never pays for it. */
export async function loadNatsLibrary() {
  const [nats, { NodeTransport, nodeResolveHost }] = await Promise.all([
    import("@nats-io/transport-node"),
    import("@nats-io/transport-node/lib/node_transport.js")
  ])

  /**
   * The library knows a socket only once it is connected: of a dial that is given up, a host that does not answer would hold the
   * process until the kernel gives up too, minutes later. This one can be discarded from the first moment.
   */
  class Transport extends NodeTransport {
    override dial({ hostname, port }: { readonly hostname: string; readonly port: number }): Promise<Socket> {
      return new Promise((resolve, reject) => {
        let failure: Error | undefined
        const socket = this.socket = createConnection(port, hostname, () => {
          socket.removeAllListeners()
          resolve(socket)
        })
        socket.on("error", (error) => {
          failure = error
        })
        socket.on("close", () => reject(failure ?? new Error("the connection was closed while it came about")))
        socket.setNoDelay(true)
      })
    }
  }

  /** Of the whole process; the library's own `connect` sets it each time too, so that whoever else uses it notices nothing. */
  const useTransport = (): void => nats.setTransportFactory({ factory: () => new Transport(), dnsResolveFn: nodeResolveHost })
  return { ...nats, useTransport }
}

export type NatsLibrary = Awaited<ReturnType<typeof loadNatsLibrary>>
