import { connect as connectTcp } from "node:net"
import { Duplex } from "node:stream"
import { describe, expect, it } from "vitest"
import { ApiKey, ErrorCode } from "@tailrace/kafka-protocol"
import { Cluster, Connection } from "../src/index.ts"
import { resolveClientOptions } from "../src/ClientOptions.ts"
import { heartbeatApi, listGroupsApi, metadataApi, offsetFetchApi } from "../src/internal/apis.ts"
import { hangUp, misnumbered, ScriptedBroker, ScriptedCluster, silence } from "./ScriptedBroker.ts"

const open = async (broker: ScriptedBroker, settings: Record<string, unknown> = {}): Promise<Connection> =>
  Connection.open({ host: "127.0.0.1", port: broker.port }, resolveClientOptions({ bootstrapServers: broker.address, ...settings }))

const failure = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(() => "success", (error: any) => error.reason ?? error.codeName ?? String(error))

const noTopics = { topics: [] }

describe("Connection", () => {
  it("agrees on the highest common version of each API", async () => {
    await using cluster = new ScriptedCluster()
    const broker = await ScriptedBroker.start(cluster)
    broker.versions = [{ apiKey: ApiKey.Metadata, minVersion: 0, maxVersion: 8 }, { apiKey: ApiKey.OffsetFetch, minVersion: 90, maxVersion: 99 }]
    using connection = await open(broker)
    expect(connection.versionOf(metadataApi as never)).toBe(8)
    await connection.request(metadataApi, noTopics)
    expect(broker.requests.map(({ apiKey, version }) => [apiKey, version])).toEqual([[ApiKey.ApiVersions, 3], [ApiKey.Metadata, 8]])
    expect(await failure(connection.request(offsetFetchApi, {}))).toBe("unsupported")
    expect(await failure(connection.request(heartbeatApi, { groupId: "g", generationId: 1, memberId: "m" }))).toBe("unsupported")
    expect(connection.isOpen).toBe(true)
  })

  it("asks older brokers for versions once more, in the version that they name", async () => {
    await using cluster = new ScriptedCluster()
    const broker = await ScriptedBroker.start(cluster)
    // Version 0 of the answer: error 35 and one range, whatever version was asked for.
    broker.next(ApiKey.ApiVersions, () => Buffer.from("002300000001001200000002", "hex"))
    using connection = await open(broker)
    expect(broker.received(ApiKey.ApiVersions).map(({ version }) => version)).toEqual([3, 2])
    expect(connection.brokerVersions(ApiKey.Metadata)).toBeDefined()
  })

  it("keeps many requests under way and gives each its own answer", async () => {
    await using cluster = new ScriptedCluster()
    const broker = await ScriptedBroker.start(cluster)
    broker.on(ApiKey.ListGroups, ({ body }) => ({ errorCode: 0, groups: [{ groupId: body.statesFilter[0], protocolType: "" }] }))
    using connection = await open(broker)
    const asked = Array.from({ length: 600 }, (_, index) => `${index}`)
    const answers = await Promise.all(asked.map((state) => connection.request(listGroupsApi, { statesFilter: [state] })))
    expect(answers.map((answer) => answer.groups[0]?.groupId)).toEqual(asked)
    expect(connection.pendingRequests).toBe(0)
  })

  it("ends when an answer does not come, and fails everything behind it", async () => {
    await using cluster = new ScriptedCluster()
    const broker = await ScriptedBroker.start(cluster)
    broker.next(ApiKey.Metadata, () => silence)
    const connection = await open(broker)
    const results = await Promise.all([
      failure(connection.request(metadataApi, noTopics, { timeoutMillis: 30 })), failure(connection.request(metadataApi, noTopics))
    ])
    expect(results).toEqual(["timeout", "disconnected"])
    expect(connection.isOpen).toBe(false)
    expect(await failure(connection.request(metadataApi, noTopics))).toBe("disconnected")
  })

  it("goes on after a caller gave up", async () => {
    await using cluster = new ScriptedCluster()
    const broker = await ScriptedBroker.start(cluster)
    using connection = await open(broker)
    const abort = new AbortController()
    const first = failure(connection.request(metadataApi, noTopics, { signal: abort.signal }))
    abort.abort(new Error("enough"))
    expect(await first).toBe("Error: enough")
    expect(await failure(connection.request(metadataApi, noTopics))).toBe("success")
  })

  it("fails requests when the broker hangs up, and does not take more than it may", async () => {
    await using cluster = new ScriptedCluster()
    const broker = await ScriptedBroker.start(cluster)
    broker.on(ApiKey.Metadata, () => hangUp)
    using connection = await open(broker, { pendingRequestsMax: 2 })
    const results = await Promise.all([1, 2, 3].map(() => failure(connection.request(metadataApi, noTopics))))
    expect(results).toEqual(["disconnected", "disconnected", "limit"])
  })

  it("gives up a request without an answer that the system does not take in time", async () => {
    await using cluster = new ScriptedCluster()
    const broker = await ScriptedBroker.start(cluster)
    let isStuck = false
    const openSocket = (host: string, port: number): Duplex => {
      const socket = connectTcp(port, host)
      const stuck = new Duplex({
        read: () => undefined,
        write: (chunk, _, callback) => {
          if (!isStuck) socket.write(chunk, callback)
        },
        destroy: (error, callback) => {
          socket.destroy()
          callback(error)
        }
      })
      socket.on("data", (chunk) => stuck.push(chunk))
      return stuck
    }
    using connection = await open(broker, { openSocket, requestTimeoutMillis: 50 })
    isStuck = true
    expect(await failure(connection.send(metadataApi, noTopics))).toBe("disconnected")
    expect(connection.isOpen).toBe(false)
  })

  it("refuses the answer to another request", async () => {
    await using cluster = new ScriptedCluster()
    const broker = await ScriptedBroker.start(cluster)
    broker.next(ApiKey.Heartbeat, () => misnumbered)
    using connection = await open(broker)
    expect(await failure(connection.request(heartbeatApi, { groupId: "g", generationId: 1, memberId: "m" }))).toBe("protocol")
  })

  it("refuses bytes that are no answer, and frames above the limit", async () => {
    await using cluster = new ScriptedCluster()
    const broker = await ScriptedBroker.start(cluster)
    const cases = [Buffer.alloc(2), Buffer.alloc(5000)]
    for (const answer of cases) {
      broker.next(ApiKey.Metadata, () => answer)
      const connection = await open(broker, { frameBytesMax: 4000 })
      expect(await failure(connection.request(metadataApi, noTopics))).toBe("protocol")
      expect(connection.isOpen).toBe(false)
    }
  })
})

describe("Cluster", () => {
  it("goes on to the next bootstrap server, and uses one connection for it and the broker behind it", async () => {
    await using cluster = new ScriptedCluster()
    const dead = await ScriptedBroker.start()
    await dead.stop()
    const broker = await ScriptedBroker.start(cluster)
    cluster.addTopic("t", 2)
    using client = new Cluster({ bootstrapServers: `${dead.address}, ${broker.address}` })
    expect((await client.topic("t")).partitions.length).toBe(2)
    await (await client.connection(0)).request(metadataApi, noTopics)
    expect(broker.connections).toBe(1)
    await client.connection(0, "fetch")
    expect(broker.connections).toBe(2)
  })

  it("says why no server could be reached", async () => {
    const dead = await ScriptedBroker.start()
    const { address } = dead
    await dead.stop()
    using client = new Cluster({ bootstrapServers: address, apiTimeoutMillis: 50, retryBackoffMillis: 5 })
    expect(await failure(client.topic("t"))).toBe("disconnected")
    expect(client.unreachable?.message).toContain("ECONNREFUSED")
  })

  it("leaves no connection behind that comes about while it is closed", async () => {
    await using scripted = new ScriptedCluster()
    const broker = await ScriptedBroker.start(scripted)
    broker.on(ApiKey.ApiVersions, () => silence)
    using cluster = new Cluster({ bootstrapServers: broker.address })
    const asked = failure(cluster.refresh(null))
    while (broker.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    cluster.close()
    expect(await asked).toBe("closed")
    while (broker.openConnections > 0) await new Promise((resolve) => setTimeout(resolve, 1))
  })

  it("asks once for what several callers want at the same time", async () => {
    await using cluster = new ScriptedCluster()
    const broker = await ScriptedBroker.start(cluster)
    for (const name of ["a", "b", "c"]) cluster.addTopic(name)
    using client = new Cluster({ bootstrapServers: broker.address })
    await Promise.all([client.refresh(["a"]), client.refresh(["b"]), client.topic("c")])
    expect(broker.received(ApiKey.Metadata).map(({ body }) => body.topics.map((topic: any) => topic.name))).toEqual([["a", "b", "c"]])
  })

  it("waits for a topic that is still being made, and gives up on one that is not", async () => {
    await using cluster = new ScriptedCluster()
    const broker = await ScriptedBroker.start(cluster)
    broker.next(ApiKey.Metadata, () => undefined)
    broker.next(ApiKey.Metadata, () => void cluster.addTopic("late"))
    using client = new Cluster({ bootstrapServers: broker.address, retryBackoffMillis: 5 })
    expect((await client.topic("late")).errorCode).toBe(0)
    expect(await failure(client.topic("never", { waitMillis: 1_000 }))).toBe("UNKNOWN_TOPIC_OR_PARTITION")
  })

  it("says why a topic was missing, though the last question got no answer in time", async () => {
    await using cluster = new ScriptedCluster()
    const broker = await ScriptedBroker.start(cluster)
    using client = new Cluster({ bootstrapServers: broker.address, retryBackoffMillis: 5 })
    await client.refresh(["never"])
    broker.on(ApiKey.Metadata, () => silence)
    expect(await failure(client.topic("never", { waitMillis: 50 }))).toBe("UNKNOWN_TOPIC_OR_PARTITION")
    expect(await failure(client.topic("other", { waitMillis: 50 }))).toBe("timeout")
  })

  it("never goes back to an older leader", async () => {
    await using cluster = new ScriptedCluster()
    const broker = await ScriptedBroker.start(cluster)
    cluster.addTopic("t")
    using client = new Cluster({ bootstrapServers: broker.address })
    Object.assign(cluster.log("t"), { leader: 0, leaderEpoch: 5 })
    await client.refresh(["t"])
    Object.assign(cluster.log("t"), { leader: 1, leaderEpoch: 4 })
    await client.refresh(["t"])
    expect(client.metadata.leaderOf("t", 0)).toMatchObject({ leader: 0, leaderEpoch: 5 })
    client.metadata.moveLeader("t", 0, 2, 6)
    expect(client.metadata.leaderOf("t", 0)).toMatchObject({ leader: 2, leaderEpoch: 6 })
  })

  it("looks for a coordinator again when it has moved or cannot be reached", async () => {
    await using cluster = new ScriptedCluster()
    const broker = await ScriptedBroker.start(cluster)
    using client = new Cluster({ bootstrapServers: broker.address, retryBackoffMillis: 5 })
    broker.next(ApiKey.FindCoordinator, () => ({ coordinators: [{ key: "g", nodeId: -1, host: "", port: -1, errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE }] }))
    expect(await client.coordinator("g")).toBe(0)
    broker.next(ApiKey.Heartbeat, () => hangUp)
    const beat = () => client.callCoordinator("g", heartbeatApi, { groupId: "g", generationId: 1, memberId: "m" })
    expect(await failure(beat())).toBe("disconnected")
    expect(await failure(beat())).toBe("success")
    expect(broker.received(ApiKey.FindCoordinator).length).toBe(3)
  })

  it("refuses options that cannot be meant", () => {
    for (const options of [{ bootstrapServers: "" }, { bootstrapServers: "host" }, { bootstrapServers: "host:99999" }, { bootstrapServers: "h:1", requestTimeoutMillis: 0 }]) {
      expect(() => new Cluster(options)).toThrow(expect.objectContaining({ reason: "configuration" }))
    }
    expect(new Cluster({ bootstrapServers: "[::1]:9092,b:1" }).options.bootstrapServers).toEqual([{ host: "::1", port: 9092 }, { host: "b", port: 1 }])
  })
})
