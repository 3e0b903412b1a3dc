import dns from "node:dns"
import { once } from "node:events"
import { createConnection, createServer, type AddressInfo, type Socket } from "node:net"
import { Worker } from "node:worker_threads"
import { SystemClock } from "@tailrace/runtime"
import { afterEach, expect, it, vi } from "vitest"
import { NatsBus } from "../src/NatsBus.ts"
import { within } from "./support/within.ts"

const endings: Array<() => void> = []
afterEach(() => {
  for (const end of endings.splice(0).reverse()) end()
})

/** As much of a NATS server as lets somebody in, with the connections that it got. */
async function startGreeter() {
  const sockets: Array<Socket> = []
  const heard: Array<string> = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on("error", () => undefined)
    socket.on("data", (chunk: Buffer) => {
      heard.push(chunk.toString())
      if (chunk.includes("PING")) socket.write("PONG\r\n")
    })
    socket.write(`INFO ${JSON.stringify({ server_id: "greeter", version: "2.10.0", proto: 1, headers: true, max_payload: 1024 })}\r\n`)
  }).listen(0, "127.0.0.1")
  endings.push(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  await once(server, "listening")
  return { heard, port: (server.address() as AddressInfo).port, server, sockets }
}

type Found = (cause: null, addresses: ReadonlyArray<{ address: string; family: number }>) => void

/** The names of this machine are not looked up but kept, each with how to answer. */
function holdLookups(): Promise<Found> {
  return new Promise((resolve) => {
    const lookup = vi.spyOn(dns, "lookup").mockImplementation(((_name: string, _options: unknown, found: Found) => resolve(found)) as never)
    endings.push(() => lookup.mockRestore())
  })
}

it("goes on to the next server where a name is not found in time", async () => {
  const { port } = await startGreeter()
  void holdLookups()
  const connecting = NatsBus.connect({ clock: new SystemClock(), servers: ["slow.example:4222", `127.0.0.1:${port}`], name: "test", dialTimeoutMillis: 50 })
  const bus = await within(5_000, "the next server", connecting)
  expect(bus.isConnected).toBe(true)
  await bus.close()
})

it("a name that is found after the wait was given up connects nobody", async () => {
  const { port, server, sockets } = await startGreeter()
  const held = holdLookups()
  const abort = new AbortController()
  const connecting = NatsBus.connect({ clock: new SystemClock(), servers: [`late.example:${port}`], name: "test" }, abort.signal)
  const found = await held
  abort.abort(new Error("given up"))
  await expect(connecting).rejects.toThrow("given up")
  found(null, [{ address: "127.0.0.1", family: 4 }])
  // Whoever connects only now is the first.
  const accepted = once(server, "connection")
  const probe = createConnection(port, "127.0.0.1")
  endings.push(() => void probe.destroy())
  await within(5_000, "the probe", Promise.all([once(probe, "connect"), accepted]))
  expect([sockets.length, sockets[0]!.remotePort]).toEqual([1, probe.localPort])
})

/** A host that does not answer: its queue of connections is full, and nobody takes any. */
async function startSilence(): Promise<number> {
  const shared = new Int32Array(new SharedArrayBuffer(8))
  const worker = new Worker(
    `const { workerData } = require("node:worker_threads")
     const server = require("node:net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
       workerData[0] = server.address().port
       Atomics.notify(workerData, 0)
       Atomics.wait(workerData, 1, 0)
     })`,
    { eval: true, workerData: shared }
  )
  endings.push(() => {
    shared[1] = 1
    Atomics.notify(shared, 1)
    void worker.terminate()
  })
  await Atomics.waitAsync(shared, 0, 0).value
  const port = shared[0]!
  for (let queued = 0; queued < 2; queued++) {
    const socket = createConnection(port, "127.0.0.1")
    endings.push(() => void socket.destroy())
    await once(socket, "connect")
  }
  return port
}

it.runIf(process.platform === "linux")("a dial that is given up leaves no socket behind that holds the process", async () => {
  const port = await startSilence()
  const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length
  const before = sockets()
  const connecting = NatsBus.connect({ clock: new SystemClock(), servers: [`127.0.0.1:${port}`], name: "test", dialTimeoutMillis: 50 })
  await expect(connecting).rejects.toThrow("timeout")
  // A handle takes some turns of the event loop to be closed.
  await vi.waitFor(() => expect(sockets()).toBe(before), { timeout: 10_000, interval: 1 })
})

it("a server that has no TLS is told nothing where TLS is asked for", async () => {
  const { heard, port } = await startGreeter()
  const options = { clock: new SystemClock(), servers: [`127.0.0.1:${port}`], name: "test", credentials: { user: "control", password: "secret" } }
  await expect(NatsBus.connect({ ...options, tls: {} })).rejects.toThrow("tls")
  expect(heard).toEqual([])
})
