import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { findNatsServer, NatsServer, natsServerHelp } from "@tailrace/bus/nats-server"
import { Tailrace } from "@tailrace/embedded"
import { loadConfig, type Logger, noLogger } from "@tailrace/runtime"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { call as callAnywhere, type Outcome } from "./Terminal.ts"

const directory = mkdtempSync(join(tmpdir(), "tailrace-cli-cluster-"))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** Command lines against one cluster. */
const terminal = (bootstrap: () => string) => {
  const call = (line: string): Promise<Outcome> =>
    callAnywhere(line.split(" "), { environment: { TAILRACE_BOOTSTRAP_SERVERS: bootstrap() } })
  const out = async (line: string): Promise<string> => {
    const outcome = await call(line)
    expect(outcome.exitCode, `${line}: ${outcome.err}`).toBe(0)
    return outcome.out
  }
  const json = async (line: string): Promise<any> => JSON.parse(await out(`${line} --json`)) as unknown
  const refused = async (line: string, ...parts: ReadonlyArray<string>): Promise<void> => {
    const { err, exitCode } = await call(line)
    expect(exitCode, line).toBeGreaterThan(0)
    for (const part of parts) expect(err).toContain(part)
  }
  return { call, out, json, refused }
}

const file = (name: string, value: unknown): string => {
  const path = join(directory, name)
  writeFileSync(path, JSON.stringify(value))
  return path
}

describe("a node that is alone", () => {
  let node: Tailrace
  beforeAll(async () => {
    node = await Tailrace.start({ storage: "memory", port: 0 })
  })
  afterAll(() => node.close())
  const { call, json, out, refused } = terminal(() => node.bootstrapServers)

  it("is a cluster of one", async () => {
    await out("topic create alone --partitions 2")
    const info = await json("cluster")
    expect(info).toMatchObject({
      clusterId: node.clusterId, controllerId: 1, quorum: { leaderId: 1, lag: 0, observers: [] }, topics: 1,
      nodes: [{ id: 1, state: "online", roles: ["broker", "controller"], leads: 2, replicas: 2, outOfSync: 0 }],
      partitions: { "total": 2, "under-replicated": 0, "under-min-isr": 0, "at-min-isr": 2, "offline": 0, "not-preferred": 0 }
    })
    expect(await out("cluster nodes")).toMatch(/^NODE .*\n1 +localhost +\d+ +- +online +broker,controller 2 +2 +0\n$/)
    expect(await out("cluster info")).toMatch(/Quorum: +epoch \d+, voters 1 \(leader\), lag 0\n/)
    expect(await out("cluster partitions --topic alone")).toMatch(/^TOPIC .*\nalone +0 +1 +0 +1 +1 +1 +ok\nalone +1 /)
    expect(await json("cluster partitions --under-replicated --offline")).toEqual([])
    expect(await json("cluster log-dirs")).toMatchObject({ brokers: [{ broker: 1, logDirs: [{ error: null, partitions: [{ partition: "alone-0", isFuture: false }, {}] }] }] })
  })

  it("answers the names and words of Kafka's tools", async () => {
    expect(await out("kafka-metadata-quorum.sh describe --status")).toMatch(
      /^ClusterId: +\S{22}\nLeaderId: +1\nLeaderEpoch: +\d+\nHighWatermark: +\d+\nMaxFollowerLag: +0\nMaxFollowerLagTimeMs: +0\nCurrentVoters: +\[\{"id": 1, "directoryId": "\S{22}"\}\]\nCurrentObservers: +\[\]\n$/)
    expect(await out("kafka-metadata-quorum.sh describe --replication")).toMatch(/^NodeId +DirectoryId +LogEndOffset +Lag .* Status\n1 +\S{22} +\d+ +0 +\d{13} +\d{13} +Leader\n$/)
    await out("topic create words --partitions 2")
    expect(await out("kafka-leader-election.sh --election-type preferred --topic words --partition 1")).toBe("Valid replica already elected for partitions words-1\n")
    expect(await out("kafka-leader-election.sh --election-type preferred --all-topic-partitions")).toBe("Valid replica already elected for all partitions\n")
    await refused(`kafka-leader-election.sh --election-type unclean --path-to-json-file ${file("elect.json", { partitions: [{ topic: "none", partition: 0 }] })}`,
      "UNKNOWN_TOPIC_OR_PARTITION (none-0)")
    const plan = file("plan.json", { version: 1, partitions: [{ topic: "words", partition: 0, replicas: [1] }] })
    expect(await out(`kafka-reassign-partitions.sh --execute --reassignment-json-file ${plan}`)).toBe("Every partition is where the plan wants it.\n")
    expect(await out(`kafka-reassign-partitions.sh --verify --reassignment-json-file ${plan}`)).toBe(
      "Status of partition reassignment:\nReassignment of partition words-0 is completed.\n\nClearing broker-level throttles on brokers 1\nClearing topic-level throttles on topic words\n")
    expect(await out(`kafka-reassign-partitions.sh --cancel --reassignment-json-file ${plan}`)).toBe("None of the specified partition moves are active.\n")
    expect(await out("kafka-reassign-partitions.sh --list")).toBe("No partition reassignments found.\n")
    expect(await out(`kafka-reassign-partitions.sh --generate --broker-list 1 --topics-to-move-json-file ${file("topics.json", { version: 1, topics: [{ topic: "words" }] })}`)).toBe(
      `Current partition replica assignment\n${wordsPlan}\n\nProposed partition reassignment configuration\n${wordsPlan}\n`)
  })

  it("prints by the name of kafka-log-dirs what that prints", async () => {
    await out("topic create in-logs --partitions 2")
    const lines = async (line: string): Promise<ReadonlyArray<string>> => (await out(line)).split("\n")
    const [first, second, line = "", ...end] = await lines("kafka-log-dirs.sh --describe --topic-list in-logs --broker-list 1")
    expect([first, second, ...end]).toEqual(["Querying brokers for log directories information", "Received log directory information from brokers 1", ""])
    const { brokers: [{ logDirs: [{ logDir }] }] } = JSON.parse(line) as { brokers: [{ logDirs: [{ logDir: string }] }] }
    const partition = (number: number): unknown => ({ partition: `in-logs-${number}`, size: 0, offsetLag: 0, isFuture: false })
    // One line, in the order that Kafka's has.
    expect(line).toBe(JSON.stringify({ brokers: [{ broker: 1, logDirs: [{ partitions: [partition(0), partition(1)], error: null, logDir }] }], version: 1 }))
    expect((await lines("log-dirs --topic-list in-logs"))[2]).toBe(line)
    expect((await lines("cluster log-dirs"))[0]).toMatch(/^NODE +REPLICAS /)
    expect(await json("kafka-log-dirs.sh --describe")).toMatchObject({ version: 1 })
  })

  it("takes what kafka-topics takes for the sake of its answers' size", async () => {
    await out("topic create limited")
    expect(await out("kafka-topics.sh --describe --topic limited --partition-size-limit-per-response 1")).toContain("PartitionCount: 1")
  })

  it.each([
    ["kafka-get-offsets.sh", "group describe"], ["kafka-delete-records.sh", "retention.ms"],
    ["kafka-broker-api-versions.sh", "cluster nodes"], ["kafka-features.sh", "Kafka's own kafka-features.sh"]
  ])("says of %s what to use instead", async (name, instead) => {
    await refused(`${name} --bootstrap-server localhost:9092`, `${name} is none of the tools that Tailrace has by Kafka's names`, instead)
    expect((await call(`${name.slice(6, -3)} --describe`)).err).toContain(instead)
  })

  it("refuses what cannot be, and says what to do", async () => {
    await refused("cluster drain 1", "has 1 replicas, and without node 1 there are only 0 nodes online")
    await refused("cluster drain 9", "there is no node 9", "`tailrace cluster` shows the nodes.")
    await refused("cluster drain", "name one node by its id")
    await refused("cluster add-controller 1", "node 1 is a controller already")
    await refused("cluster add-controller 9", "node 9 does not follow the metadata")
    await refused("cluster remove-controller 1", "the only controller")
    await refused("cluster unregister 1", "node 1 runs, and would register again at once")
    await refused("cluster elect", "say which partitions")
    await refused("cluster elect none", "UNKNOWN_TOPIC_OR_PARTITION")
    await refused("cluster reassign --list --verify", "say one of --generate")
    await refused("cluster reassign --generate none --nodes 1", "topic none does not exist")
    await refused("cluster reassign --generate --nodes 7", "node 7 is not registered")
    const wrong = file("wrong.json", { partitions: [{ topic: "words", partition: 0, replicas: [] }] })
    await refused(`cluster reassign --execute --plan ${wrong}`, `${wrong}: no list of replicas in {"topic":"words"`)
    const unknown = file("unknown.json", { partitions: [{ topic: "words", partition: 0, replicas: [1, 5] }] })
    await refused(`cluster reassign --execute --plan ${unknown}`, "1 of 1 reassignments were refused", "INVALID_REPLICA_ASSIGNMENT (words-0)")
  })
})

const wordsPlan = `{"version":1,"partitions":[{"topic":"words","partition":0,"replicas":[1],"log_dirs":["any"]},{"topic":"words","partition":1,"replicas":[1],"log_dirs":["any"]}]}`

describe("cluster nats-config", () => {
  const { call, out, refused } = terminal(() => "localhost:1")

  it("writes servers and nodes that fit, once, for their owner alone", async () => {
    const conf = join(directory, "conf")
    const said = await out(`cluster nats-config --nodes 1@10.0.0.1,2@10.0.0.2,3@10.0.0.3 --cluster-name shop --output ${conf}`)
    const node = loadConfig({ file: join(conf, "node-2.properties") }).values
    expect(Object.fromEntries(node)).toMatchObject({
      "node.id": "2", "controller.quorum.voters": "1,2,3", "cluster.name": "shop", "listeners": "PLAINTEXT://10.0.0.2:9092", "default.replication.factor": "3",
      "nats.servers": "nats://10.0.0.2:4222,nats://10.0.0.1:4222,nats://10.0.0.3:4222", "nats.control.user": "control", "nats.data.user": "data"
    })
    const [control = "", data = ""] = [node.get("nats.control.password"), node.get("nats.data.password")]
    const server = readFileSync(join(conf, "nats-3.conf"), "utf8")
    expect(control).not.toBe(data)
    for (const password of [control, data]) {
      expect(password).toMatch(/^[\w-]{32}$/)
      expect(server).toContain(`"${password}"`)
      expect(said).not.toContain(password)
    }
    expect(readFileSync(join(conf, "node-1.properties"), "utf8")).toContain("# allow.unauthenticated.listeners=true")
    expect(statSync(join(conf, "nats-1.conf")).mode & 0o777).toBe(0o600)
    expect(said).toContain("Then: tailrace cluster --bootstrap-server 10.0.0.1:9092,10.0.0.2:9092,10.0.0.3:9092\n")
    await refused(`cluster nats-config --nodes 3@10.0.0.3,4@10.0.0.4 --output ${conf}`, "nats-3.conf", "exist already", "Nothing was written")
    expect(() => statSync(join(conf, "nats-4.conf"))).toThrow("ENOENT")
  })

  it("writes paths that lead to the same place from every working directory", async () => {
    const conf = join(directory, "absolute")
    const settings = (id: number): ReadonlyMap<string, string> => loadConfig({ file: join(conf, `node-${id}.properties`) }).values
    await out(`cluster nats-config --nodes 1@a,2@a --output ${relative(process.cwd(), conf)} --tls-ca ca.pem --tls-cert certs/{node}.pem --tls-key /etc/tailrace/{node}.key`)
    expect(Object.fromEntries(settings(2))).toMatchObject({
      "log.dirs": join(conf, "data-2"), "nats.tls.ca.file": join(process.cwd(), "ca.pem"),
      "nats.tls.cert.file": join(process.cwd(), "certs/2.pem"), "nats.tls.key.file": "/etc/tailrace/2.key"
    })
    expect(readFileSync(join(conf, "nats-2.conf"), "utf8")).toContain(JSON.stringify(join(process.cwd(), "certs/2.pem")))
    rmSync(conf, { recursive: true })
    await out(`cluster nats-config --nodes 1@a,2@a --output ${conf} --data-dir /var/lib/back\\slash/{node}`)
    expect([1, 2].map((id) => settings(id).get("log.dirs"))).toEqual(["/var/lib/back\\slash/1", "/var/lib/back\\slash/2"])
    rmSync(conf, { recursive: true })
    await out(`cluster nats-config --nodes 1@a,2@b --output ${conf} --data-dir /var/lib/tailrace`)
    expect(settings(2).get("log.dirs")).toBe("/var/lib/tailrace")
    await refused(`cluster nats-config --nodes 1@a,2@a --output ${conf}2 --data-dir /var/lib/tailrace`, "two nodes on a would have the data directory /var/lib/tailrace", "{node}")
    await refused(`cluster nats-config --nodes 1@a --output ${conf}2 --data-dir /data,/more`, "one data directory")
  })

  it("says what machines of a network need that one machine does not", async () => {
    const said = (nodes: string, more = ""): Promise<string> => out(`cluster nats-config --nodes ${nodes} --output ${mkdtempSync(join(directory, "said-"))}${more}`)
    const tls = " --tls-ca /ca.pem --tls-cert /{node}.pem --tls-key /{node}.key"
    const open = "uncomment allow.unauthenticated.listeners=true in node-1.properties and node-2.properties"
    const clear = "in clear text"
    const near = await said("1@localhost,2@127.0.0.1,3@[::1]")
    expect([near.includes("allow.unauthenticated.listeners"), near.includes(clear), near.includes("copy")]).toEqual([false, false, false])
    const far = await said("1@a,2@b")
    expect([far.includes(open), far.includes(clear), far.includes("--tls-ca")]).toEqual([true, true, true])
    expect(far).toContain("copy nats-N.conf and node-N.properties to the machine of node N")
    const secured = await said("1@a,2@b", tls)
    expect([secured.includes(open), secured.includes(clear)]).toEqual([true, true])
    expect(secured).toContain("between clients and nodes")
    expect((await said("1@localhost,2@b")).includes("allow.unauthenticated.listeners=true in node-2.properties")).toBe(true)
  })

  it("takes names and addresses as hosts, and no others", async () => {
    const conf = join(directory, "hosts")
    await out(`cluster nats-config --nodes 1@[fd00::1],2@fd00:0::2,3@my-host_1.example --output ${conf}`)
    expect(readFileSync(join(conf, "nats-1.conf"), "utf8")).toContain('listen: "[fd00::1]:4222"')
    const { values } = loadConfig({ file: join(conf, "node-2.properties") })
    expect(values.get("listeners")).toBe("PLAINTEXT://[fd00::2]:9092")
    expect(values.get("nats.servers")).toBe("nats://[fd00::2]:4222,nats://[fd00::1]:4222,nats://my-host_1.example:4222")
    for (const host of ["10.0.0.1:9093", "a:9093", "[fd00::1]:9093"]) {
      await refused(`cluster nats-config --nodes 1@${host} --output ${conf}2`, `"${host}" has a port`, "--kafka-port, --client-port and --cluster-port")
    }
    for (const host of ["0.0.0.0", "::", "[::]", "0:0:0:0:0:0:0:0", "*"]) {
      await refused(`cluster nats-config --nodes 1@${host} --output ${conf}2`, `"${host}" is no address that others can connect to`)
    }
    for (const host of ["ho/x", "[fd00::1", "[a]", "10.0.0.256", "10.0.1", "fe80::1%eth0", "-a", "a..b", "user@a", "a".repeat(64), ":::"]) {
      await refused(`cluster nats-config --nodes 1@${host} --output ${conf}2`, `"${host}" is neither a host name nor an address`)
    }
    expect((await callAnywhere(["cluster", "nats-config", "--nodes", "1@ho st/x", "--output", `${conf}2`])).err).toContain('"ho st/x" is neither')
    expect(() => statSync(`${conf}2`)).toThrow("ENOENT")
  })

  it("refuses names and nodes that cannot be", async () => {
    await refused("cluster nats-config", "name the nodes as ID@HOST")
    await refused("cluster nats-config --nodes one@a", `"one@a" is not of the form ID@HOST`)
    await refused("cluster nats-config --nodes 1@a,1@b", "two nodes have the same id")
    await refused("cluster nats-config --nodes 1@a,2@a --client-port 4222 --cluster-port 4223", "port 4223 of a is asked for twice")
    await refused("cluster nats-config --nodes 1@a,2@b --kafka-port 65000", "65552 is no port")
    await refused(`cluster nats-config --nodes 1@a --cluster-name ${"a".repeat(65)} --output ${directory}`, "a name has")
    await refused(`cluster nats-config --nodes 1@a --cluster-name a.b --output ${directory}`, "a name has letters, digits")
    expect(await call(`cluster nats-config --nodes 1@a --tls-ca ca.pem --output ${directory}`)).toMatchObject({ exitCode: 2 })
  })
})

const natsProgram = await findNatsServer()
if (natsProgram === undefined) {
  if (process.env["CI"] === "true" && process.env["REQUIRE_NATS"] === "1") throw new Error(natsServerHelp)
  console.warn(`skipped, a cluster of three nodes: ${natsServerHelp}`)
}

/** The first of so many ports in a row that are free now. */
const freePorts = async (count: number): Promise<number> => {
  const isFree = (port: number): Promise<number> => new Promise((resolve) => {
    const server = createServer().once("error", () => resolve(0))
    server.listen(port, "127.0.0.1", () => {
      const { port: found } = server.address() as { readonly port: number }
      server.close(() => resolve(found))
    })
  })
  for (;;) {
    const first = await isFree(0)
    const others = first === 0 ? [0] : await Promise.all(Array.from({ length: count - 1 }, (_, index) => isFree(first + index + 1)))
    if (!others.includes(0)) return first
  }
}

describe.skipIf(natsProgram === undefined)("three nodes over NATS, as nats-config wrote them", { timeout: 120_000 }, () => {
  const servers: Array<NatsServer> = []
  const nodes = new Map<number, Tailrace>()
  beforeAll(async () => {
    const conf = join(directory, "three")
    const [client, cluster, kafka] = [await freePorts(3), await freePorts(3), await freePorts(3)]
    const written = await callAnywhere(`cluster nats-config --nodes 1@127.0.0.1,2@127.0.0.1,3@127.0.0.1 --client-port ${client} --cluster-port ${cluster} --kafka-port ${kafka} --output ${conf}`.split(" "))
    expect(written.exitCode, written.err).toBe(0)
    const ids = [1, 2, 3]
    servers.push(...await Promise.all(ids.map((id) => NatsServer.start({
      program: natsProgram!, config: readFileSync(join(conf, `nats-${id}.conf`), "utf8"), address: `127.0.0.1:${client + id - 1}`
    }))))
    await Promise.all(ids.map(async (id) => {
      const { values } = loadConfig({ file: join(conf, `node-${id}.properties`), overrides: ["http.listener=", "timer.profile=ci"] })
      nodes.set(id, await Tailrace.start({ storage: "memory", properties: values }))
    }))
  }, 60_000)
  afterAll(async () => {
    await Promise.all([...nodes.values()].map((node) => node.close()))
    await Promise.all(servers.map((server) => server.stop()))
  }, 60_000)
  const { json, out, refused } = terminal(() => [...nodes.values()].map((node) => node.bootstrapServers).join(","))

  /** Asks until what is shown is so. */
  const until = async (line: string, isSo: (shown: any) => boolean): Promise<void> => {
    while (!isSo(await json(line)));
  }

  it("lets nobody take the vote of a node that lives by its node.id, and such a start can be stopped", async () => {
    const before = (await json("cluster quorum")).voters.map(({ directoryId }: any) => directoryId)
    const stop = new AbortController()
    const { values } = loadConfig({ file: join(directory, "three", "node-1.properties"), overrides: ["http.listener=", "timer.profile=ci", "listeners=PLAINTEXT://127.0.0.1:0"] })
    let second: Promise<string> | undefined
    const said = await new Promise<string>((resolve) => {
      const logger: Logger = { ...noLogger, error: resolve, child: () => logger }
      second = Tailrace.start({ storage: "memory", properties: values, logger, signal: stop.signal }).then(() => "started", () => "stopped")
    })
    expect(said).toContain("another process runs with this node.id")
    expect((await json("cluster quorum")).voters.map(({ directoryId }: any) => directoryId)).toEqual(before)
    stop.abort()
    expect(await second).toBe("stopped")
  })

  it("shows them, moves partitions, and lets one go", async () => {
    await out("topic create moved --replica-assignment 3:1,3:2,1:2")
    const info = await json("cluster")
    expect(info.nodes.map(({ id, roles, state }: any) => [id, state, roles])).toEqual([1, 2, 3].map((id) => [id, "online", ["broker", "controller"]]))
    expect(info).toMatchObject({ quorum: { lag: 0 }, partitions: { "total": 3, "under-replicated": 0 } })
    const { proposed } = await json("cluster reassign --generate moved --nodes 1,2,3 --replication-factor 3")
    const plan = file("three.json", proposed)
    expect(await out(`cluster reassign --execute --plan ${plan} --throttle 100000000`)).toContain("Successfully started partition reassignments for moved-0,moved-1,moved-2\n")
    await until("cluster reassign --list", (underWay) => underWay.length === 0)
    expect(await out(`cluster reassign --verify --plan ${plan}`)).toContain("Reassignment of partition moved-2 is completed.\n")
    await refused("cluster drain 3", "moved-0 has 3 replicas, and without node 3 there are only 2 nodes online", "--replication-factor 2")
    await out("cluster reassign --execute --nodes 1,2,3 --replication-factor 2")
    await until("cluster reassign --list", (underWay) => underWay.length === 0)
    expect(await json("cluster drain 3")).toMatchObject({ node: 3, isController: true })
    expect((await json("cluster nodes"))[2]).toMatchObject({ id: 3, leads: 0, replicas: 0 })
    await out("cluster elect --all-topic-partitions")
    expect(await json("cluster partitions --not-preferred")).toEqual([])

    await refused("cluster unregister 3", "node 3 runs")
    await out("cluster remove-controller 3")
    await until("cluster quorum", ({ observers }) => observers.some(({ nodeId }: any) => nodeId === 3))
    await out("cluster add-controller 3")
    await out("cluster remove-controller 3")
    await nodes.get(3)?.close()
    nodes.delete(3)
    await until("cluster nodes", ([, , third]) => third.state === "fenced")
    await out("cluster unregister 3")
    // The node that answers need not be the one that has forgotten it first.
    await until("cluster nodes", (shown) => shown.length === 2)
    expect((await json("cluster nodes")).map(({ id }: any) => id)).toEqual([1, 2])
  })

  it("shows what the node that is left knows, when there is no majority of controllers", async () => {
    await nodes.get(2)?.close()
    nodes.delete(2)
    const info = await json("cluster")
    expect(info).toMatchObject({ quorum: null, topics: 1 })
    expect(info.nodes.map(({ id }: any) => id)).toEqual([1, 2])
    expect(await out("cluster")).toContain("Quorum:     no controller answers")
    await refused("cluster quorum --timeout 1000", "a majority of the controllers has to run")
  })
})
