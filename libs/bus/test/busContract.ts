import { afterEach, describe, expect, it } from "vitest"
import type { Bus } from "../src/Bus.ts"

export interface BusesUnderTest {
  /** Two connections of different nodes to the same network. */
  readonly near: Bus
  readonly far: Bus
  /** Runs until the promise has settled. */
  readonly run: <A>(promise: Promise<A>) => Promise<A>
  /** Lets everything arrive that is on its way, so that each side knows too what the other listens to. */
  readonly settle: () => Promise<void>
  /** Called after the test, whatever became of it. */
  readonly end?: () => Promise<void>
}

/** What every layer promises on a network that behaves. */
export function busContract(name: string, makeBuses: () => Promise<BusesUnderTest>): void {
  describe(`Bus contract: ${name}`, () => {
    let made: BusesUnderTest | undefined
    const make = async (): Promise<BusesUnderTest> => (made = await makeBuses())
    afterEach(async () => {
      await made?.end?.()
      made = undefined
    })

    const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()
    const failure = (promise: Promise<unknown>) => promise.then(() => "no failure", (error: { _tag: string }) => error)

    it("carries requests to the node that serves the subject, itself included, and the replies back", async () => {
      const { near, far, run, settle } = await make()
      far.serve("test.2.echo", async (payload) => Buffer.concat([Buffer.from("far "), payload]))
      near.serve("test.1.echo", (payload) => Buffer.concat([Buffer.from("near "), payload]))
      await settle()
      const ask = (bus: Bus, subject: string) => run(bus.request(subject, new TextEncoder().encode("hi"), 1_000)).then(text)
      expect(await ask(near, "test.2.echo")).toBe("far hi")
      expect(await ask(far, "test.1.echo")).toBe("near hi")
      expect(await ask(near, "test.1.echo")).toBe("near hi")
    })

    it("delivers nothing inside the call that sends", async () => {
      const { near, far, settle } = await make()
      const calls: Array<string> = []
      far.subscribe("test.events", () => calls.push("message"))
      far.serve("test.work", (payload) => (calls.push("request"), payload))
      await settle()
      near.publish("test.events", Buffer.alloc(1))
      void near.request("test.work", Buffer.alloc(1), 1_000)
      expect(calls).toEqual([])
      await settle()
      expect(calls.sort()).toEqual(["message", "request"])
    })

    it("keeps the order of requests and of messages between two nodes", async () => {
      const { near, far, run, settle } = await make()
      const seen: Array<string> = []
      far.serve("test.work", (payload) => (seen.push(text(payload)), payload))
      far.subscribe("test.events", (payload) => seen.push(text(payload)))
      await settle()
      for (const name of ["a", "b"]) near.publish("test.events", Buffer.from(name))
      near.publish("test.events", [Buffer.from("c"), Buffer.alloc(0)])
      await settle()
      await run(Promise.all(["1", "2", "3"].map((name) => near.request("test.work", Buffer.from(name), 1_000))))
      expect(seen.join("")).toBe("abc123")
    })

    it("tells from a time-out that nobody serves", async () => {
      const { near, far, run, settle } = await make()
      far.serve("test.silent", () => new Promise(() => {}))
      await settle()
      expect(await run(failure(near.request("test.nobody", Buffer.alloc(0), 1_000)))).toMatchObject({ _tag: "NoResponders", subject: "test.nobody" })
      expect(await run(failure(near.request("test.silent", Buffer.alloc(0), 30)))).toMatchObject({ _tag: "RequestTimeout", timeoutMillis: 30 })
    })

    it("stops serving, and serves again", async () => {
      const { near, far, run, settle } = await make()
      const stop = far.serve("test.work", () => Buffer.from("first"))
      expect(() => far.serve("test.work", () => Buffer.alloc(0))).toThrow("served already")
      stop()
      await settle()
      expect(await run(failure(near.request("test.work", Buffer.alloc(0), 1_000)))).toMatchObject({ _tag: "NoResponders" })
      far.serve("test.work", () => Buffer.from("second"))
      stop()
      await settle()
      expect(text(await run(near.request("test.work", Buffer.alloc(0), 1_000)))).toBe("second")
    })

    it("answers RequestFailed for a handler that throws, rejects or replies too much", async () => {
      const { near, far, run, settle } = await make()
      far.serve("test.throws", () => { throw new Error("boom") })
      far.serve("test.rejects", () => Promise.reject(new Error("boom")))
      far.serve("test.bloats", () => Buffer.alloc(far.payloadBytesMax + 1))
      await settle()
      for (const subject of ["test.throws", "test.rejects", "test.bloats"]) {
        expect(await run(failure(near.request(subject, Buffer.alloc(0), 1_000)))).toMatchObject({ _tag: "RequestFailed", subject })
      }
    })

    it("refuses a request above the server's maximum, and takes one again when another is done", async () => {
      const { near, far, run, settle } = await make()
      const open: Array<(reply: Buffer) => void> = []
      far.serve("test.work", () => new Promise((resolve) => open.push(resolve)), { requestsMax: 2 })
      await settle()
      const first = [1, 2].map(() => near.request("test.work", Buffer.alloc(0), 60_000))
      await settle()
      expect(await run(failure(near.request("test.work", Buffer.alloc(0), 1_000)))).toMatchObject({ _tag: "Overloaded" })
      open.shift()!(Buffer.from("done"))
      expect(text(await run(Promise.race(first)))).toBe("done")
      const third = near.request("test.work", Buffer.alloc(0), 60_000)
      await settle()
      for (const reply of open) reply(Buffer.from("done"))
      expect((await run(Promise.all([...first, third]))).map(text)).toEqual(["done", "done", "done"])
    })

    it("brings a message to every subscriber once, and to none after its end", async () => {
      const { near, far, settle } = await make()
      const seen: Array<string> = []
      near.subscribe("test.events", (payload, subject) => seen.push(`near ${subject} ${text(payload)}`))
      const stop = far.subscribe("test.events", (payload) => seen.push(`far one ${text(payload)}`))
      far.subscribe("test.events", (payload) => seen.push(`far two ${text(payload)}`))
      await settle()
      near.publish("test.events", Buffer.from("a"))
      near.publish("test.others", Buffer.from("x"))
      await settle()
      stop()
      near.publish("test.events", Buffer.from("b"))
      await settle()
      expect(seen.sort()).toEqual(["far one a", "far two a", "far two b", "near test.events a", "near test.events b"])
    })

    it("drops what waits for a subscriber that ends", async () => {
      const { near, far, settle } = await make()
      let received = 0
      const stop = far.subscribe("test.events", () => {
        received++
        stop()
      })
      await settle()
      for (let n = 0; n < 3; n++) near.publish("test.events", Buffer.from([n]))
      await settle()
      expect(received).toBe(1)
    })

    it("drops and counts what a subscriber has no room for; one that throws does not hurt the others", async () => {
      const { near, far, settle } = await make()
      let received = 0
      far.subscribe("test.events", () => { throw new Error("boom") }, { messagesMax: 100 })
      far.subscribe("test.events", () => received++, { messagesMax: 3 })
      await settle()
      for (let n = 0; n < 10; n++) near.publish("test.events", Buffer.from([n]))
      await settle()
      expect(received).toBeGreaterThanOrEqual(3)
      expect(received + far.droppedMessages).toBe(10)
    })

    it("refuses a payload above the maximum, and takes one of that size", async () => {
      const { near, far, run, settle } = await make()
      far.serve("test.work", (payload) => payload)
      await settle()
      const tooLarge = Buffer.alloc(near.payloadBytesMax + 1)
      expect(await run(failure(near.request("test.work", tooLarge, 1_000)))).toMatchObject({ _tag: "PayloadTooLarge" })
      expect(() => near.publish("test.work", tooLarge)).toThrow("more than")
      expect((await run(near.request("test.work", tooLarge.subarray(1), 1_000))).length).toBe(near.payloadBytesMax)
    })

    it("close rejects what waits and sends nothing any more, not even a late reply", async () => {
      const { near, far, run, settle } = await make()
      let answer = (_reply: Buffer): void => {}
      far.serve("test.work", () => new Promise((resolve) => (answer = resolve)))
      await settle()
      const request = failure(near.request("test.work", Buffer.alloc(0), 50))
      await settle()
      const own = failure(far.request("test.work", Buffer.alloc(0), 50))
      await far.close()
      await far.close()
      expect(await run(own)).toMatchObject({ _tag: "BusClosed" })
      answer(Buffer.from("too late"))
      expect(await run(request)).toMatchObject({ _tag: "RequestTimeout" })
      expect(await run(failure(far.request("test.work", Buffer.alloc(0), 50)))).toMatchObject({ _tag: "BusClosed" })
      for (const use of [() => far.publish("a", Buffer.alloc(0)), () => far.serve("a", (p) => p), () => far.subscribe("a", () => {})]) {
        expect(use).toThrow("closed")
      }
    })
  })
}
