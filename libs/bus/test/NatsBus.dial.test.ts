import dns from "node:dns"
import { once } from "node:events"
import { createServer, type AddressInfo, type Socket } from "node:net"
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
  const late = once(server, "connection")
  found(null, [{ address: "127.0.0.1", family: 4 }])
  await within(5_000, "the late connection", late)
  await within(5_000, "its end", new Promise((resolve) => sockets[0]!.once("close", resolve)))
})

it("a server that has no TLS is told nothing where TLS is asked for", async () => {
  const { heard, port } = await startGreeter()
  const options = { clock: new SystemClock(), servers: [`127.0.0.1:${port}`], name: "test", credentials: { user: "control", password: "secret" } }
  await expect(NatsBus.connect({ ...options, tls: {} })).rejects.toThrow("tls")
  expect(heard).toEqual([])
})
