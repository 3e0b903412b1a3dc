import dns from "node:dns"
import { SystemClock } from "@tailrace/runtime"
import { SeededRandom } from "@tailrace/runtime/simulated"
import { afterEach, expect, it, vi } from "vitest"
import type { Bus } from "../src/Bus.ts"
import { NatsBus } from "../src/NatsBus.ts"
import type { NatsBusOptions, NatsCredentials, NatsHint } from "../src/NatsBusOptions.ts"
import { NatsCluster, type NatsClusterOptions } from "../src/natsServer/index.ts"
import { hasOpenssl, makeCertificate } from "./support/certificate.ts"
import { connectTo, settler, type WatchedBus } from "./support/natsBuses.ts"
import { describeWithNats, natsProgram } from "./support/natsProgram.ts"
import { startSubscriber } from "./support/startSubscriber.ts"
import { within } from "./support/within.ts"

const endings: Array<() => Promise<void>> = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

const startCluster = async (options: Partial<NatsClusterOptions> = {}): Promise<NatsCluster> => {
  const cluster = await NatsCluster.start({ program: natsProgram!, ...options })
  endings.push(() => cluster.stop())
  return cluster
}

const connect = async (cluster: NatsCluster, own = 0, credentials?: NatsCredentials, options?: Partial<NatsBusOptions>): Promise<WatchedBus> => {
  const watched = await connectTo(cluster, own, credentials, options)
  endings.push(() => watched.bus.close())
  return watched
}

const nothing = Buffer.alloc(0)
const failure = (promise: Promise<unknown>) => promise.then(() => "no failure", (error: { _tag: string }) => error)
const echoes = (bus: Bus): Promise<string> => bus.request("test.echo", Buffer.from("hi"), 2_000).then((reply) => reply.toString())

describeWithNats("NatsBus", () => {
  it("comes back after its only server, and lets nothing from before arrive", async () => {
    const cluster = await startCluster({ size: 1 })
    const [near, far] = [await connect(cluster), await connect(cluster)]
    const settle = await settler(near.bus, far.bus)
    const seen: Array<string> = []
    far.bus.subscribe("test.events", (payload) => seen.push(payload.toString()))
    far.bus.serve("test.echo", (payload) => payload)
    far.bus.serve("test.silent", () => new Promise(() => {}))
    await settle()

    const waiting = failure(near.bus.request("test.silent", nothing, 60_000))
    await settle()
    const lost = [near.hint("disconnected"), far.hint("disconnected")]
    await cluster.servers[0]!.kill()
    for (const hint of await Promise.all(lost)) expect(hint).toMatchObject({ cause: { message: expect.stringMatching(/the server ended it|ECONNRESET/) } })
    expect(await waiting).toMatchObject({ _tag: "Disconnected", subject: "test.silent", wasSent: true })
    expect(await failure(near.bus.request("test.echo", nothing, 60_000))).toMatchObject({ _tag: "Disconnected", wasSent: false })
    near.bus.publish("test.events", Buffer.from("during"))
    expect(near.bus.unsentMessages).toBe(1)
    expect(near.bus.isConnected).toBe(false)
    await near.hint("refused")

    const back = [near.hint("connected"), far.hint("connected")]
    await cluster.servers[0]!.restart()
    await within(5_000, "coming back", Promise.all(back))
    await settle()
    near.bus.publish("test.events", Buffer.from("after"))
    expect(await echoes(near.bus)).toBe("hi")
    expect(seen).toEqual(["after"])
  })

  it("goes to the next server when its own one dies", async () => {
    const cluster = await startCluster()
    const [near, far] = [await connect(cluster, 0), await connect(cluster, 2)]
    const settle = await settler(near.bus, far.bus)
    far.bus.serve("test.echo", (payload) => payload)
    const back = near.hint("connected")
    await cluster.servers[0]!.kill()
    expect(await within(5_000, "another server", back)).toMatchObject({ server: cluster.servers[1]!.address })
    await settle()
    expect(await echoes(near.bus)).toBe("hi")
    expect(far.hints.map(({ kind }) => kind)).toEqual(["connected"])
  })

  it("leaves a hung server at once when told, though the outbox is full", async () => {
    const cluster = await startCluster()
    const outboundBytesMax = 2 * 1024 * 1024
    const [near, far] = [await connect(cluster, 0, cluster.data, { outboundBytesMax }), await connect(cluster, 2, cluster.data)]
    const settle = await settler(near.bus, far.bus)
    far.bus.serve("test.echo", (payload) => payload)
    await settle()
    cluster.servers[0]!.pause()
    // The signal may need a moment until each of the server's threads stands still.
    let outcome: unknown = "no failure"
    while (outcome === "no failure") outcome = await failure(near.bus.request("test.echo", nothing, 50))
    expect(outcome).toMatchObject({ _tag: "RequestTimeout" })
    const piece = Buffer.alloc(512 * 1024)
    for (let n = 0; n < 1_000 && near.bus.unsentMessages === 0; n++) near.bus.publish("test.events", piece)
    expect(near.bus.unsentMessages).toBe(1)
    expect(await failure(near.bus.request("test.echo", piece, 60_000))).toMatchObject({ _tag: "Overloaded" })

    const back = near.hint("connected")
    near.bus.reconnectNow()
    expect(await within(5_000, "another server", back)).toMatchObject({ server: cluster.servers[1]!.address })
    expect(await near.hint("disconnected", 0)).toMatchObject({ cause: { message: "it was left for the next server" } })
    await settle()
    expect(await echoes(near.bus)).toBe("hi")
  })

  it("notices a hung server by its pings, though the outbox is full", async () => {
    const cluster = await startCluster({ size: 2 })
    const near = await connect(cluster, 0, cluster.data, { pingIntervalMillis: 50, pingsMax: 2 })
    cluster.servers[0]!.pause()
    for (let n = 0; n < 1_000 && near.bus.unsentMessages === 0; n++) near.bus.publish("test.events", Buffer.alloc(512 * 1024))
    expect(await within(5_000, "another server", near.hint("connected", 1))).toMatchObject({ server: cluster.servers[1]!.address })
    expect(await near.hint("disconnected", 0)).toMatchObject({ cause: { message: "the server does not answer pings" } })
  })

  it("waits for its first server where it is to, until that is given up", async () => {
    const cluster = await startCluster({ size: 1 })
    const [server] = cluster.servers
    await server!.kill()
    expect(await failure(connectTo(cluster, 0))).toMatchObject({ message: expect.stringContaining("refused") })
    const refused = Promise.withResolvers<void>()
    const failures: Array<string> = []
    const onHandlerFailure = (subject: string): void => void failures.push(subject)
    const onHint = ({ kind }: NatsHint): void => {
      if (kind === "refused") refused.resolve()
      throw new Error("a listener's own mistake")
    }
    const waiting = connect(cluster, 0, cluster.data, { waitOnFirstConnect: true, onHint, onHandlerFailure })
    await refused.promise
    await server!.restart()
    expect((await waiting).bus.isConnected).toBe(true)
    expect(failures).toContain("onHint")

    // The kernel takes the connection, but nobody greets: the dial hangs.
    server!.pause()
    const abort = new AbortController()
    const options = { clock: new SystemClock(), servers: cluster.addressesFrom(0), name: "impatient", waitOnFirstConnect: true, dialTimeoutMillis: 60_000 }
    const given = failure(NatsBus.connect(options, abort.signal))
    abort.abort(new Error("given up"))
    expect(await given).toMatchObject({ message: "given up" })
  })

  it("is not hurt by a subscriber that reads nothing; that one is cut off and comes back", async () => {
    const cluster = await startCluster({ size: 1, edit: (config) => config.replace(/max_pending: \d+/, "max_pending: 2MB") })
    const [near, far] = [await connect(cluster, 0, cluster.data), await connect(cluster, 0, cluster.data)]
    const settle = await settler(near.bus, far.bus)
    const slow = startSubscriber(cluster, cluster.data)
    endings.push(() => slow.end())
    const connections = async (expected: string): Promise<void> => {
      for (let count = ""; count !== expected;) {
        count = await near.bus.request("test.subscriber.connections", nothing, 5_000).then(String, () => "")
      }
    }
    await connections("1")
    slow.pause()
    const piece = Buffer.alloc(256 * 1024)
    for (let n = 0; n < 100 && !cluster.servers[0]!.log.includes("Slow Consumer"); n++) {
      near.bus.publish("test.flood", piece)
      await settle()
    }
    expect(cluster.servers[0]!.log).toContain("Slow Consumer")
    expect([near.bus.unsentMessages, near.hints.length, far.hints.length]).toEqual([0, 1, 1])
    slow.resume()
    await connections("2")
  })

  it("takes its limit from the server", async () => {
    const cluster = await startCluster({ size: 1, config: { payloadBytesMax: 10_000 } })
    const { bus } = await connect(cluster)
    expect(bus.payloadBytesMax).toBe(10_000)
    expect(() => bus.publish("test.events", Buffer.alloc(10_001))).toThrow("more than 10000")
    expect(await failure(connectTo(cluster, 0, cluster.control, { payloadBytesMin: 10_001 }))).toMatchObject({ message: expect.stringContaining("max_payload") })
    await connect(cluster, 0, cluster.control, { payloadBytesMin: 10_000 })
  })

  it("carries payloads of every size whole and in order", async () => {
    const cluster = await startCluster({ size: 1 })
    const [near, far] = [await connect(cluster), await connect(cluster)]
    const settle = await settler(near.bus, far.bus)
    const random = new SeededRandom(4)
    const make = (n: number): Buffer => {
      const payload = Buffer.alloc(random.nextInt(10) === 0 ? random.nextInt(1024 * 1024) : random.nextInt(40_000))
      for (let at = 0; at < payload.length; at += 997) payload[at] = (n + at) & 0xff
      return payload
    }
    const sent = Array.from({ length: 200 }, (_, n) => make(n))
    const received: Array<Buffer> = []
    far.bus.subscribe("test.events", (payload) => received.push(payload))
    far.bus.serve("test.echo", (payload) => payload)
    await settle()
    const replies: Array<Promise<Buffer>> = []
    for (const [n, payload] of sent.entries()) {
      near.bus.publish("test.events", payload)
      replies.push(near.bus.request("test.echo", payload, 30_000))
      if (n % 10 === 9) await replies.at(-1)
    }
    const echoed = await Promise.all(replies)
    expect(received.length).toBe(sent.length)
    expect(sent.findIndex((payload, n) => !payload.equals(received[n]!) || !payload.equals(echoed[n]!))).toBe(-1)
  })

  it("keeps accounts apart, and lets in nobody without a user", async () => {
    const cluster = await startCluster({ size: 1 })
    const [control, data] = [await connect(cluster, 0, cluster.control), await connect(cluster, 0, cluster.data)]
    const settleControl = await settler(control.bus, (await connect(cluster, 0, cluster.control)).bus)
    const seen: Array<string> = []
    control.bus.serve("test.1.raft", (payload) => payload)
    control.bus.subscribe("test.1.events", () => seen.push("forged"))
    await settleControl()
    data.bus.publish("test.1.events", Buffer.from("forged"))
    expect(await failure(data.bus.request("test.1.raft", nothing, 5_000))).toMatchObject({ _tag: "NoResponders" })
    const complaint = data.hint("error")
    data.bus.publish("others.1.events", nothing)
    expect(String((await complaint as { cause: unknown }).cause)).toContain("others.1.events")
    await settleControl()
    expect(seen).toEqual([])
    expect(await failure(connectTo(cluster, 0, { user: "control", password: "data's own" }))).toMatchObject({ message: "Authorization Violation" })
    const anonymous = { clock: new SystemClock(), servers: cluster.addressesFrom(0), name: "anonymous" }
    expect(await failure(NatsBus.connect(anonymous))).toMatchObject({ message: "Authorization Violation" })
  })

  it.skipIf(!hasOpenssl)("proves itself by nkeys and certificates", async () => {
    const tls = await makeCertificate()
    endings.push(tls.remove)
    const { nkeys } = await import("@nats-io/transport-node")
    const [control, data] = [nkeys.createUser(), nkeys.createUser()]
    const cluster = await startCluster({
      size: 2,
      config: { control: { nkey: control.getPublicKey() }, data: { nkey: data.getPublicKey() }, tls: tls.files }
    })
    const credentials = { nkeySeed: new TextDecoder().decode(control.getSeed()) }
    const [near, far] = [await connect(cluster, 0, credentials, { tls: tls.files }), await connect(cluster, 1, credentials, { tls: tls.files })]
    const settle = await settler(near.bus, far.bus)
    far.bus.serve("test.echo", (payload) => payload)
    await settle()
    const payload = Buffer.alloc(1024 * 1024, "tls")
    expect((await near.bus.request("test.echo", payload, 5_000)).equals(payload)).toBe(true)
    const { caFile } = tls.files
    expect(await failure(connectTo(cluster, 0, credentials, { tls: { caFile } }))).not.toBe("no failure")
    expect(await failure(connectTo(cluster, 0, credentials, { tls: {} }))).toMatchObject({ message: expect.stringContaining("certificate") })
    // Both names lead to the server; its certificate holds one of them.
    const lookup = vi.spyOn(dns, "lookup").mockImplementation(((_name: string, _options: unknown, found: (...answer: Array<unknown>) => void) =>
      found(null, [{ address: "127.0.0.1", family: 4 }])) as never)
    endings.push(async () => lookup.mockRestore())
    const port = cluster.servers[0]!.address.split(":")[1]
    const byName = (name: string) => connectTo(cluster, 0, credentials, { tls: tls.files, servers: [`${name}:${port}`] })
    await (await byName("known.example")).bus.close()
    expect(await failure(byName("unknown.example"))).toMatchObject({ code: "ERR_TLS_CERT_ALTNAME_INVALID" })
    const stranger = { nkeySeed: new TextDecoder().decode(nkeys.createUser().getSeed()) }
    expect(await failure(connectTo(cluster, 0, stranger, { tls: tls.files }))).toMatchObject({ message: "Authorization Violation" })
  })
})
