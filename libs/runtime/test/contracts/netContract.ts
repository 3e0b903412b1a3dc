import { afterEach, describe, expect, it } from "vitest"
import type { Dialer } from "../../src/Dialer.ts"
import type { Connection, Listener, Net } from "../../src/Net.ts"

export interface NetUnderTest {
  readonly net: Net & Dialer
  /** Runs until the promise has settled. */
  readonly run: <A>(promise: Promise<A>) => Promise<A>
}

/** Collects what one end of a connection is told. */
class End {
  readonly connection: Connection
  received = Buffer.alloc(0)
  closes: Array<Error | undefined> = []
  drains = 0
  #wake: () => void = () => {}

  constructor(connection: Connection) {
    this.connection = connection
    connection.onData = (chunk) => {
      this.received = Buffer.concat([this.received, chunk])
      this.#wake()
    }
    connection.onDrain = () => {
      this.drains++
      this.#wake()
    }
    connection.onClose = (error) => {
      this.closes.push(error)
      this.#wake()
    }
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => (this.#wake = resolve))
  }

  get closed(): Promise<void> {
    return this.until(() => this.closes.length > 0)
  }
}

/** What every Net (with its Dialer) promises. */
export function netContract(name: string, make: () => NetUnderTest): void {
  describe(`Net contract: ${name}`, () => {
    const listeners: Array<Listener> = []
    const ends: Array<End> = []
    afterEach(async () => {
      for (const end of ends.splice(0)) end.connection.destroy()
      for (const listener of listeners.splice(0)) await listener.close.call(listener).catch(() => {})
    })

    const open = async ({ net, run }: NetUnderTest, connectionsMax = 10) => {
      const accepted: Array<End> = []
      let wake = (): void => {}
      const listener = await run(
        net.listen({ host: "127.0.0.1", port: 0, connectionsMax }, (connection) => {
          const end = new End(connection)
          accepted.push(end)
          ends.push(end)
          wake()
        })
      )
      listeners.push({ ...listener, close: () => run(listener.close()) })
      const dial = async (): Promise<End> => {
        const end = await run(net.dial({ host: "127.0.0.1", port: listener.port }).then((connection) => new End(connection)))
        ends.push(end)
        return end
      }
      const acceptedEnd = async (): Promise<End> => {
        if (accepted.length === 0) await run(new Promise<void>((resolve) => (wake = resolve)))
        return accepted.shift()!
      }
      const pair = async () => ({ client: await dial(), server: await acceptedEnd() })
      return { listener, dial, pair }
    }

    it("binds a free port, says which, and knows its peers", async () => {
      const under = make()
      const { listener, pair } = await open(under)
      const { client, server } = await pair()
      expect(listener.port).toBeGreaterThan(0)
      expect(client.connection.remotePort).toBe(listener.port)
      expect(server.connection.remoteAddress).toBe("127.0.0.1")
      expect(server.connection.remotePort).toBeGreaterThan(0)
    })

    it("carries the chunks of all writes in order, both ways, and reports the drain", async () => {
      const under = make()
      const { client, server } = await (await open(under)).pair()
      client.connection.write([Buffer.from("one "), Buffer.from("two ")])
      client.connection.write([Buffer.from("three")])
      client.connection.write([])
      server.connection.write([Buffer.from("back")])
      await under.run(server.until(() => server.received.length === 13))
      await under.run(client.until(() => client.received.length === 4 && client.drains > 0))
      expect(server.received.toString()).toBe("one two three")
      expect(client.received.toString()).toBe("back")
      expect(client.connection.bufferedBytes).toBe(0)
    })

    it("holds back while the reader pauses, and delivers everything once it resumes", async () => {
      const under = make()
      const { client, server } = await (await open(under)).pair()
      const payload = Buffer.alloc(24 * 1024 * 1024, "tailrace ")
      server.connection.pause()
      client.connection.write([payload])
      // The answer comes the other way, so it passes although the first direction is full.
      server.connection.write([Buffer.from("x")])
      await under.run(client.until(() => client.received.length === 1))
      expect(server.received.length).toBe(0)
      expect(client.connection.bufferedBytes).toBeGreaterThan(0)
      expect(client.drains).toBe(0)
      let receivedBytes = 0
      let differs = false
      const woken = new Promise<void>((resolve) => {
        server.connection.onData = (chunk) => {
          differs ||= !chunk.equals(payload.subarray(receivedBytes, receivedBytes + chunk.length))
          receivedBytes += chunk.length
          if (receivedBytes === payload.length) resolve()
        }
      })
      server.connection.resume()
      await under.run(woken)
      await under.run(client.until(() => client.drains > 0))
      expect(differs).toBe(false)
      expect(client.connection.bufferedBytes).toBe(0)
    })

    it("close lets everything written arrive, then ends both sides once and without an error", async () => {
      const under = make()
      const { client, server } = await (await open(under)).pair()
      client.connection.write([Buffer.alloc(500_000, 1)])
      client.connection.close()
      client.connection.write([Buffer.from("too late")])
      client.connection.close()
      await under.run(Promise.all([client.closed, server.closed]))
      expect(server.received.length).toBe(500_000)
      expect([client.closes, server.closes]).toEqual([[undefined], [undefined]])
    })

    it("close ends a connection that pauses with unread data, and delivers none of it", async () => {
      const under = make()
      const { client, server } = await (await open(under)).pair()
      client.connection.pause()
      server.connection.write([Buffer.alloc(100_000)])
      await under.run(server.until(() => server.drains > 0))
      client.connection.close()
      await under.run(Promise.all([client.closed, server.closed]))
      expect(client.received.length).toBe(0)
      expect([client.closes.length, server.closes.length]).toEqual([1, 1])
    })

    it("destroy ends both sides at once, even while a side pauses and has unsent bytes", async () => {
      const under = make()
      const { client, server } = await (await open(under)).pair()
      client.connection.write([Buffer.alloc(24 * 1024 * 1024)])
      client.connection.destroy()
      client.connection.destroy()
      expect(client.closes).toEqual([])
      await under.run(Promise.all([client.closed, server.closed]))
      expect(client.closes).toEqual([undefined])
      expect(server.closes.length).toBe(1)
    })

    it("closes connections above the maximum at once and takes new ones when others have left", async () => {
      const under = make()
      const { dial, pair } = await open(under, 1)
      const first = await pair()
      const second = await dial()
      await under.run(second.closed)
      first.client.connection.close()
      await under.run(Promise.all([first.client.closed, first.server.closed]))
      const third = await pair()
      third.client.connection.write([Buffer.from("in")])
      await under.run(third.server.until(() => third.server.received.length === 2))
    })

    it("a closed listener refuses, while its open connections live on", async () => {
      const under = make()
      const { listener, dial, pair } = await open(under)
      const { client, server } = await pair()
      await under.run(listener.close())
      await expect(dial()).rejects.toMatchObject({ code: "ECONNREFUSED" })
      client.connection.write([Buffer.from("still here")])
      await under.run(server.until(() => server.received.length === 10))
    })

    it("rejects a port that is taken with the system's error", async () => {
      const under = make()
      const { listener } = await open(under)
      const taken = under.net.listen({ host: "127.0.0.1", port: listener.port, connectionsMax: 1 }, () => {})
      await expect(under.run(taken)).rejects.toMatchObject({ code: "EADDRINUSE" })
    })
  })
}
