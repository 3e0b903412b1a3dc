import { execFile } from "node:child_process"
import { mkdtempSync, rmSync, statfsSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { recordCodecs } from "@tailrace/codecs"
import { ProtocolError } from "@tailrace/kafka-protocol"
import { LmdbStore, LogDirectory } from "@tailrace/log"
import { BrokerConfigError, MetadataImage } from "@tailrace/metadata"
import { BatchBuilder } from "@tailrace/record"
import { LineLogger, MemorySink, NodeNet, SystemClock, SystemRandom } from "@tailrace/runtime"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { Tailrace, type TailraceOptions } from "../src/index.ts"
import { ProtocolClient } from "./support/ProtocolClient.ts"
import { batchOf, fetchRequest, outcomeOf, produceRequest, recordsIn } from "./support/requests.ts"

const net = new NodeNet({ clock: new SystemClock() })

async function start(options: TailraceOptions = {}): Promise<Tailrace> {
  const node = await Tailrace.start({ port: 0, storage: "memory", ...options })
  onTestFinished(() => node.close())
  return node
}

async function connect({ addresses }: Tailrace): Promise<ProtocolClient> {
  const client = new ProtocolClient(await net.dial({ host: "127.0.0.1", port: addresses[0]!.port }))
  onTestFinished(() => client.close())
  return client
}

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "tailrace-embedded-"))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

const onDisk = (directory: string, properties: Readonly<Record<string, string>> = {}): TailraceOptions => ({
  storage: "disk", properties: { "log.dirs": directory, ...properties }
})

const create = async (client: ProtocolClient, name: string) =>
  (await client.request("CreateTopics", 7, {
    topics: [{ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }]
  })).topics[0]!.errorCode

describe("Tailrace.start", () => {
  it("starts as many nodes as one likes, each with a port and a cluster of its own", async () => {
    const nodes = await Promise.all(Array.from({ length: 6 }, () => start()))
    expect(new Set(nodes.map((it) => it.addresses[0]!.port)).size).toBe(6)
    expect(new Set(nodes.map((it) => it.clusterId)).size).toBe(6)
    for (const [index, node] of nodes.entries()) {
      const client = await connect(node)
      expect(await create(client, `topic-${index}`)).toBe(0)
      const outcome = outcomeOf(await client.request("Produce", 9, produceRequest(`topic-${index}`, batchOf(["x"]))))
      expect([outcome.errorCode, outcome.baseOffset]).toEqual([0, 0])
      const { brokers, topics } = await client.request("Metadata", 12, { topics: null })
      expect(topics.map((it) => it.name)).toEqual([`topic-${index}`])
      expect(brokers).toMatchObject([{ nodeId: node.nodeId, host: "localhost", port: node.addresses[0]!.port }])
      expect(node.bootstrapServers).toBe(`localhost:${node.addresses[0]!.port}`)
    }
  })

  it("says about every wrong key what is wrong with it", async () => {
    const started = Tailrace.start({
      properties: { "num.partitions": "many", "no.such.key": "1", "node.id": "-5", "listeners": "nonsense" }
    })
    const error = await started.catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(BrokerConfigError)
    const names = new Set((error as BrokerConfigError).problems.map(({ name }) => name))
    expect(names).toEqual(new Set(["num.partitions", "no.such.key", "node.id", "listeners"]))
  })

  it("says what is wrong with addresses before it waits for other nodes", async () => {
    const properties = {
      "nats.servers": "nats://127.0.0.1:1,127.0.0.1:0", "controller.quorum.voters": "1,2,3", "nats.control.nkey.seed.file": "/no/such.seed",
      "listeners": "A://0.0.0.0:0,B://localhost:0", "listener.security.protocol.map": "A:PLAINTEXT,B:SSL", "http.listener": "localhost:70000"
    }
    const error = await Tailrace.start({ properties, storage: "memory" }).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(BrokerConfigError)
    expect((error as BrokerConfigError).problems.map(({ name }) => name)).toEqual([
      "listeners", "listeners", "http.listener", "nats.servers", "nats.control.nkey.seed.file"
    ])
  })

  it("says about every wrong option what to say instead", async () => {
    const started = Tailrace.start({ storage: "mem", port: 70_000, listener: "x" } as unknown as TailraceOptions)
    const error = await started.catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(BrokerConfigError)
    expect((error as BrokerConfigError).problems.map(({ name }) => name).toSorted()).toEqual(["listener", "port", "storage"])
    expect((error as Error).message).toContain('say "disk", or "memory"')
  })

  it("is imported without anything being started", async () => {
    const entry = new URL("../src/index.ts", import.meta.url).href
    const script = `await import(${JSON.stringify(entry)}); console.log(JSON.stringify(process.getActiveResourcesInfo()))`
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { timeout: 20_000 })
    // What loads modules reads files; pipes are ours to hear it.
    const own = ["PipeWrap", "FSReqCallback", "FSReqPromise", "Immediate"]
    expect((JSON.parse(stdout) as ReadonlyArray<string>).filter((it) => !own.includes(it))).toEqual([])
  }, 30_000)

  it("listens beyond this machine only where somebody has said so", async () => {
    const open = (properties: Readonly<Record<string, string>>) => start({ properties: { "listeners": "PLAINTEXT://0.0.0.0:0", ...properties } })
    await expect(open({})).rejects.toMatchObject({ problems: [{ name: "listeners" }] })
    await expect(open({ listeners: "PLAINTEXT://:0" })).rejects.toBeInstanceOf(BrokerConfigError)
    await expect(open({ listeners: "SSL://localhost:0" })).rejects.toMatchObject({ problems: [{ name: "listeners" }] })
    const figures = { "listeners": "PLAINTEXT://localhost:0", "http.listener": "0.0.0.0:0" }
    await expect(open(figures)).rejects.toMatchObject({ problems: [{ name: "http.listener" }] })
    expect((await open({ ...figures, "allow.unauthenticated.listeners": "true" })).httpAddress?.host).toBe("0.0.0.0")
    const node = await open({ "allow.unauthenticated.listeners": "true" })
    expect((await (await connect(node)).request("ApiVersions", 0, {})).errorCode).toBe(0)
  })

  it("tells whoever watches that it lives while it waits for others, and that it is ready when it serves", async () => {
    const free = await net.listen({ host: "127.0.0.1", port: 0, connectionsMax: 1 }, () => undefined)
    await free.close()
    const http = { "http.listener": `localhost:${free.port}` }
    const ask = (path: string) => fetch(`http://127.0.0.1:${free.port}${path}`).then(async (response) => [response.status, await response.text()])
    const abort = new AbortController()
    const sink = new MemorySink()
    const waiting = Tailrace.start({
      port: 0, storage: "memory", signal: abort.signal, logger: new LineLogger({ clock: new SystemClock(), sink }),
      properties: { ...http, "nats.servers": "nats://127.0.0.1:1", "controller.quorum.voters": "1,2,3" }
    }).catch((cause: unknown) => cause)
    await vi.waitUntil(() => sink.lines.some((line) => line.includes("no connection to NATS yet")), 10_000)
    expect([await ask("/healthz"), await ask("/readyz")]).toMatchObject([[200, expect.stringContaining("starting")], [503, expect.stringContaining("starting")]])
    abort.abort()
    expect(await waiting).toBeInstanceOf(Error)
    await expect(ask("/healthz")).rejects.toThrow()
    await start({ properties: http })
    expect((await ask("/readyz"))[0]).toBe(200)
    expect((await ask("/metrics"))[1]).toContain("tailrace_topics 0")
  })

  it("leaves nothing open where an address cannot be bound", async () => {
    const taken = await start()
    const { port } = taken.addresses[0]!
    const directory = temporaryDirectory()
    const free = (await net.listen({ host: "127.0.0.1", port: 0, connectionsMax: 1 }, () => undefined))
    await free.close()
    const listeners = `A://127.0.0.1:${free.port},B://127.0.0.1:${port}`
    const protocols = "A:PLAINTEXT,B:PLAINTEXT"
    const failed = Tailrace.start(onDisk(directory, { listeners, "listener.security.protocol.map": protocols, "inter.broker.listener.name": "A" }))
    await expect(failed).rejects.toMatchObject({ code: "EADDRINUSE" })
    // Both the directory and the address that could be bound are free again.
    const node = await start(onDisk(directory, { listeners: `PLAINTEXT://127.0.0.1:${free.port}` }))
    expect(node.addresses[0]!.port).toBe(free.port)
    expect((await (await connect(taken)).request("ApiVersions", 0, {})).errorCode).toBe(0)
  })

  it("says that the metadata is of a newer version, where it once waited for a node that had ended", async () => {
    const directory = temporaryDirectory()
    await (await start(onDisk(directory))).close()
    const stopped = await LogDirectory.open(LmdbStore.open(directory), {}, { clock: new SystemClock(), random: new SystemRandom(), crc32c: recordCodecs.crc32c })
    const log = [...stopped.logs()].find(({ topic }) => topic === "__cluster_metadata")!
    const newer = new BatchBuilder({ codecs: recordCodecs, baseOffset: log.appendedEnd, leaderEpoch: 1 })
    // Frame version 1, and a kind of record that this version does not know.
    newer.append({ timestamp: 0, value: Buffer.from([1, 120, 0]) })
    expect(log.append(newer.build())).toBe(true)
    await stopped.close()
    for (let i = 0; i < 2; i++) {
      await expect(Tailrace.start({ port: 0, ...onDisk(directory) })).rejects.toBeInstanceOf(ProtocolError)
    }
  })

  it("rejects a start that is given up with the reason of the signal", async () => {
    const reason = new Error("no longer wanted")
    const waiting = { storage: "memory", properties: { "node.id": "1", "controller.quorum.voters": "1,2,3", "nats.servers": "127.0.0.1:1" } } as const
    await expect(Tailrace.start({ ...waiting, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const control = new AbortController()
    const starting = Tailrace.start({ ...waiting, port: 0, signal: control.signal })
    control.abort(reason)
    await expect(starting).rejects.toBe(reason)
  })

  it("says how large the volume of its logs is, which in memory nobody knows", async () => {
    const directory = temporaryDirectory()
    const { bavail, blocks, bsize } = statfsSync(directory)
    const [onVolume, inMemory] = await Promise.all([start(onDisk(directory)), start()].map(async (node) =>
      (await (await connect(await node)).request("DescribeLogDirs", 4, { topics: null })).results[0]!))
    expect(onVolume).toMatchObject({ errorCode: 0, logDir: directory, totalBytes: blocks * bsize })
    expect(onVolume!.usableBytes / (bavail * bsize)).toBeCloseTo(1, 1)
    expect(inMemory).toMatchObject({ errorCode: 0, totalBytes: -1, usableBytes: -1 })
  })

  it("refuses a directory that a node uses, and harms neither", async () => {
    const directory = temporaryDirectory()
    const node = await start(onDisk(directory))
    await expect(Tailrace.start({ port: 0, ...onDisk(directory) })).rejects.toMatchObject({ name: "DirectoryLockedError" })
    const client = await connect(node)
    expect(await create(client, "a")).toBe(0)
    expect(outcomeOf(await client.request("Produce", 9, produceRequest("a", batchOf(["x"])))).errorCode).toBe(0)
  })
})

describe("a defect in an actor", () => {
  it("does not begin anew in the data directory of a cluster's node, and leaves nothing open", async () => {
    const directory = temporaryDirectory()
    const used = await LogDirectory.open(LmdbStore.open(directory), {}, { clock: new SystemClock(), random: new SystemRandom(), crc32c: recordCodecs.crc32c })
    await used.setBrokerEpoch(3)
    await used.close()
    for (let i = 0; i < 2; i++) {
      await expect(Tailrace.start({ port: 0, ...onDisk(directory) })).rejects.toMatchObject({ _tag: "MetadataMismatchError", directory })
    }
  })

  it("is written to the logger that was given, and nowhere else", async () => {
    const sink = new MemorySink()
    const written = vi.spyOn(console, "log").mockImplementation(() => undefined)
    const node = await start({ logger: new LineLogger({ clock: new SystemClock(), sink }) })
    const client = await connect(node)
    const replay = vi.spyOn(MetadataImage.prototype, "replay").mockImplementationOnce(() => {
      throw new Error("a planted defect")
    })
    onTestFinished(() => void (written.mockRestore(), replay.mockRestore()))
    expect(await create(client, "a")).toBe(-1)
    // The controller is back for the next request.
    expect(await create(client, "a")).toBe(0)
    expect([sink.lines.filter((line) => line.includes("a planted defect")).length, written.mock.calls]).toEqual([1, []])
  })
})

describe("Tailrace.close", () => {
  it("keeps what was written for the next run, and may be called twice", async () => {
    const directory = temporaryDirectory()
    const first = await start(onDisk(directory))
    const client = await connect(first)
    await create(client, "a")
    await client.request("Produce", 9, produceRequest("a", batchOf(["x", "y"])))
    await Promise.all([first.close(), first.close()])
    await client.closed
    await first.close()

    const second = await start(onDisk(directory))
    expect(second.clusterId).toBe(first.clusterId)
    const { responses } = await (await connect(second)).request("Fetch", 12, fetchRequest("a"))
    expect(recordsIn(responses[0]!.partitions[0]!.records)).toEqual([[0, "x"], [1, "y"]])
  })

  it("answers what it has read before it ends the connections", async () => {
    const node = await start(onDisk(temporaryDirectory()))
    const client = await connect(node)
    await create(client, "a")
    await create(client, "empty")
    const consumer = await connect(node)
    const parked = consumer.request("Fetch", 12, { ...fetchRequest("empty"), maxWaitMs: 600_000 })
    const answers = Array.from({ length: 20 }, () => client.request("Produce", 9, produceRequest("a", batchOf(["x"]))))
    // All of them have been read when the last one has been answered or is about to be.
    await answers[0]
    await node.close()
    const settled = await Promise.allSettled(answers)
    const answered = settled.filter((it) => it.status === "fulfilled")
    expect(answered.length).toBeGreaterThan(0)
    for (const { value } of answered) expect(outcomeOf(value).errorCode).toBe(0)
    await expect(parked).rejects.toThrow("closed")
    await expect(net.dial({ host: "127.0.0.1", port: node.addresses[0]!.port })).rejects.toMatchObject({ code: "ECONNREFUSED" })
  })

  it("does not tell that the node has failed", async () => {
    const node = await start()
    let hasFailed = false
    node.failed.catch(() => {
      hasFailed = true
    })
    await node.close()
    await new Promise((resolve) => setImmediate(resolve))
    expect(hasFailed).toBe(false)
  })

  it("leaves nothing open that would hold the process", async () => {
    const child = new URL("support/startAndClose.child.ts", import.meta.url).pathname
    const { stderr, stdout } = await promisify(execFile)(process.execPath, [child, temporaryDirectory()], { timeout: 20_000 })
    expect([stdout, stderr]).toEqual(["closed", ""])
  }, 30_000)
})
