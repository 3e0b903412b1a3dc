/** What this room uses of the client library. It is loaded by the first connection, so that a node alone never pays for it. */
export async function loadNatsLibrary() {
  const [nats, { NodeTransport, nodeResolveHost }] = await Promise.all([
    import("@nats-io/transport-node"),
    import("@nats-io/transport-node/lib/node_transport.js")
  ])
  // As the library's own `connect` sets it: a process in which somebody else uses the library notices nothing.
  nats.setTransportFactory({ factory: () => new NodeTransport(), dnsResolveFn: nodeResolveHost })
  return nats
}

export type NatsLibrary = Awaited<ReturnType<typeof loadNatsLibrary>>
