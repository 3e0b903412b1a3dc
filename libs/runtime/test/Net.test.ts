import { createServer } from "node:net"
import { describe, expect, it } from "vitest"
import { NodeListener } from "../src/internal/NodeListener.ts"
import { NodeNet } from "../src/NodeNet.ts"
import { SeededRandom } from "../src/SeededRandom.ts"
import { SimulatedNet, type SimulatedNetOptions } from "../src/SimulatedNet.ts"
import { SystemClock } from "../src/SystemClock.ts"
import { VirtualClock } from "../src/VirtualClock.ts"
import { netContract } from "./contracts/netContract.ts"

netContract("node", () => ({ net: new NodeNet(), run: (promise) => promise }))

const simulated = (options: Partial<SimulatedNetOptions> = {}, clock = new VirtualClock()) => {
  const net = new SimulatedNet({ clock, ...options })
  return { clock, net, run: <A>(promise: Promise<A>) => clock.runUntilSettled(promise) }
}

netContract("simulated", () => simulated({ delayMillis: () => 3 }))
netContract("simulated, cutting and joining writes", () => simulated({ random: new SeededRandom(11), windowBytes: 8 * 1024 * 1024 }))
netContract("simulated, where whatever is due at one moment is shuffled", () =>
  simulated({ random: new SeededRandom(11), delayMillis: () => 3, windowBytes: 8 * 1024 * 1024 }, new VirtualClock({ random: new SeededRandom(12) })))

describe("SimulatedNet", () => {
  const connect = async () => {
    const { clock, net, run } = simulated({ delayMillis: (_, to) => (to === "broker" ? 10 : 1) })
    const received: Array<string> = []
    const closes: Array<unknown> = []
    await run(
      net.at("broker").listen({ host: "0.0.0.0", port: 9092, connectionsMax: 5 }, (connection) => {
        connection.onData = (chunk) => received.push(chunk.toString())
        connection.onClose = (error) => closes.push(error)
      })
    )
    const client = await run(net.at("client").dial({ host: "broker", port: 9092 }))
    client.onClose = (error) => closes.push(error)
    return { clock, net, client, received, closes }
  }

  it("delays bytes by direction", async () => {
    const { clock, client, received } = await connect()
    client.write([Buffer.from("a")])
    clock.advance(9)
    expect(received).toEqual([])
    clock.advance(1)
    expect(received).toEqual(["a"])
  })

  it("keeps the order when the network becomes faster", async () => {
    const { clock, net, client, received } = await connect()
    client.write([Buffer.from("first")])
    clock.advance(1)
    net.setDelay(() => 1)
    client.write([Buffer.from("second")])
    clock.advance(20)
    expect(received.join()).toBe("first,second")
  })

  it("a partition holds bytes and dials back until it heals, and loses nothing", async () => {
    const { clock, net, client, received } = await connect()
    net.partition("client", "broker")
    client.write([Buffer.from("held")])
    const refused = net.at("client").dial({ host: "broker", port: 9092, timeoutMillis: 500 })
    const outcome = expect(refused).rejects.toMatchObject({ code: "ETIMEDOUT" })
    await clock.advanceSettled(1_000)
    await outcome
    expect(received).toEqual([])
    net.heal()
    clock.advance(0)
    expect(received).toEqual(["held"])
  })

  it("a cut resets both ends and loses what was on its way", async () => {
    const { clock, net, client, received, closes } = await connect()
    client.write([Buffer.from("lost")])
    net.cut("broker")
    clock.advance(100)
    expect(received).toEqual([])
    expect(closes).toMatchObject([{ code: "ECONNRESET" }, { code: "ECONNRESET" }])
    expect(net.openConnections).toBe(0)
  })

  it("shows whoever changes bytes before they are taken", async () => {
    const { clock, client, received } = await connect()
    const bytes = Buffer.from("good")
    client.write([bytes])
    bytes.write("evil")
    clock.advance(20)
    expect(received).toEqual(["evil"])
  })
})

describe("NodeNet", () => {
  it("leaves no timer behind, however often a connection is closed", async () => {
    const clock = new VirtualClock()
    const net = new NodeNet({ clock })
    const listener = await net.listen({ host: "127.0.0.1", port: 0, connectionsMax: 1 }, () => {})
    const connection = await net.dial({ host: "127.0.0.1", port: listener.port })
    const closed = new Promise<void>((resolve) => (connection.onClose = () => resolve()))
    connection.close()
    connection.close()
    await closed
    const closing = listener.close()
    clock.advance(0)
    await closing
    expect(clock.nextDueMillis).toBe(undefined)
  })

  it("gives up a peer that does not end its side within the limit", async () => {
    const clock = new VirtualClock()
    const net = new NodeNet({ clock, closeMillisMax: 5_000 })
    const closed = Promise.withResolvers<void>()
    const server = createServer({ allowHalfOpen: true }, (socket) => socket.on("error", () => {}).resume())
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const { port } = server.address() as { port: number }
    const connection = await net.dial({ host: "127.0.0.1", port })
    connection.onClose = () => closed.resolve()
    connection.close()
    clock.advance(5_000)
    await closed.promise
    server.close()
  })

  it("stops listening for a doubling moment when the system cannot accept", async () => {
    const clock = new VirtualClock()
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const listener = new NodeListener(server, clock, { millis: 100, millisMax: 150 })
    for (const backoffMillis of [100, 150, 150]) {
      server.emit("error", Object.assign(new Error("accept EMFILE"), { code: "EMFILE" }))
      expect(server.listening).toBe(false)
      clock.advance(backoffMillis - 1)
      expect(server.listening).toBe(false)
      const listening = new Promise<void>((resolve) => server.once("listening", resolve))
      clock.advance(1)
      await listening
      expect(server.address()).toMatchObject({ port: listener.port })
    }
    server.emit("error", new Error("accept EMFILE"))
    const closing = listener.close()
    clock.advance(1_000)
    await closing
    expect(server.listening).toBe(false)
  })

  it("gives up dialling after its time-out", async () => {
    const net = new NodeNet({ clock: new SystemClock() })
    // An address of the documentation range: nobody answers, or the system says at once that it cannot go there.
    const error = await net.dial({ host: "192.0.2.1", port: 9, timeoutMillis: 20 }).then(() => undefined, (cause: Error & { code?: string }) => cause)
    expect(error?.code).toBeTypeOf("string")
  })
})
