import { once } from "node:events"
import { readFileSync } from "node:fs"
import { createServer, type AddressInfo, type Socket } from "node:net"
import { TLSSocket } from "node:tls"
import { SystemClock } from "@tailrace/runtime"
import { afterEach, expect, it } from "vitest"
import { NatsBus } from "../src/NatsBus.ts"
import type { NatsBusOptions, NatsHint } from "../src/NatsBusOptions.ts"
import { hasOpenssl, makeCertificate } from "./support/certificate.ts"
import { within } from "./support/within.ts"

const endings: Array<() => unknown> = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

/** As much of a NATS server as tells whether it lets somebody in, by the answer to the first ping. */
async function startDoor(info: object, answer: () => string) {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on("error", () => undefined)
    socket.on("data", (chunk: Buffer) => {
      if (chunk.includes("PING")) socket.write(answer())
    })
    socket.write(`INFO ${JSON.stringify({ server_id: "door", version: "2.10.0", proto: 1, headers: true, max_payload: 1024, ...info })}\r\n`)
  }).listen(0, "127.0.0.1")
  const leave = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  endings.push(() => {
    server.close()
    leave()
  })
  await once(server, "listening")
  return { server: `127.0.0.1:${(server.address() as AddressInfo).port}`, leave }
}

/** A bus that does not wait, but keeps how long it would have: what is asked of `until` is looked at with each wait. */
function startBus(options: Pick<NatsBusOptions, "servers"> & Partial<NatsBusOptions>) {
  const waits: Array<number> = []
  const hints: Array<NatsHint> = []
  const lookers = new Set<() => void>()
  class HastyClock extends SystemClock {
    override after(millis: number, callback: () => void): () => void {
      waits.push(millis)
      for (const look of lookers) look()
      return super.after(0, callback)
    }
  }
  const abort = new AbortController()
  const connecting = NatsBus.connect({
    clock: new HastyClock(), name: "test", waitOnFirstConnect: true, ...options,
    onHint: (hint) => {
      hints.push(hint)
      for (const look of lookers) look()
    }
  }, abort.signal).then((bus) => bus, () => undefined)
  endings.push(async () => {
    abort.abort(new Error("the test is over"))
    await (await connecting)?.close()
  })
  const until = (isSo: () => boolean): Promise<void> => within(20_000, "the waits", new Promise((resolve) => {
    const look = (): void => {
      if (!isSo()) return
      lookers.delete(look)
      resolve()
    }
    lookers.add(look)
    look()
  }))
  return { hints, until, waits }
}

const violation = "-ERR 'Authorization Violation'\r\n"
const letIn = "PONG\r\n"

it("waits twice as long after each refusal that dialling does not change, to a limit, and no more after a connection", async () => {
  let answer = violation
  const { leave, server } = await startDoor({}, () => answer)
  const { hints, until, waits } = startBus({ servers: [server] })
  await until(() => waits.length >= 7)
  expect(waits.slice(0, 7)).toEqual([200, 400, 800, 1_600, 3_200, 5_000, 5_000])
  answer = letIn
  await until(() => hints.some(({ kind }) => kind === "connected"))
  const before = waits.length
  answer = violation
  leave()
  await until(() => waits.length >= before + 4)
  // Where the connection was shorter than a wait, there is one before the next dial, too.
  expect([...new Set(waits.slice(before, before + 4))].slice(0, 3)).toEqual([200, 400, 800])
})

it("waits no longer while one of the servers may come back at any moment", async () => {
  const { server } = await startDoor({}, () => violation)
  const { server: gone } = await startDoor({}, () => violation)
  endings.splice(-1).forEach((end) => void end())
  const { until, waits } = startBus({ servers: [server, gone] })
  await until(() => waits.length >= 4)
  expect(new Set(waits)).toEqual(new Set([200]))
})

it("takes a server without TLS for one that refuses", async () => {
  const { server } = await startDoor({}, () => letIn)
  const { until, waits } = startBus({ servers: [server], tls: {} })
  await until(() => waits.length >= 3)
  expect(waits.slice(0, 3)).toEqual([200, 400, 800])
})

it("goes on as before where a server does not get to an answer", async () => {
  const { server } = await startDoor({}, () => "-ERR 'Authentication Timeout'\r\n")
  const { until, waits } = startBus({ servers: [server] })
  await until(() => waits.length >= 3)
  expect(new Set(waits)).toEqual(new Set([200]))
})

it.skipIf(!hasOpenssl)("takes a certificate that nobody trusts, or of somebody else, for a refusal", async () => {
  const { files, remove } = await makeCertificate()
  endings.push(remove)
  // NATS says its greeting first, in the clear; then both sides go on with TLS.
  const [cert, key] = [readFileSync(files.certFile), readFileSync(files.keyFile)]
  const server = createServer((socket) => {
    socket.on("error", () => undefined)
    socket.write(`INFO ${JSON.stringify({ server_id: "door", version: "2.10.0", proto: 1, headers: true, max_payload: 1024, tls_required: true })}\r\n`, () => {
      new TLSSocket(socket, { isServer: true, cert, key }).on("error", () => socket.destroy())
    })
  }).listen(0, "127.0.0.1")
  endings.push(() => void server.close())
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  for (const [address, tls] of [[`127.0.0.1:${port}`, {}], [`localhost:${port}`, { caFile: files.caFile }]] as const) {
    const { hints, until, waits } = startBus({ servers: [address], tls })
    await until(() => waits.length >= 3)
    expect(waits.slice(0, 3), String(hints.map((hint) => "cause" in hint ? hint.cause : ""))).toEqual([200, 400, 800])
  }
})
