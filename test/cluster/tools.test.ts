import { execFile } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { findNatsServer, natsServerHelp } from "@tailrace/bus/nats-server"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { nodeEnvironment, nodePath, repositoryRoot } from "../bench/harness/paths.ts"
import { partProblem } from "../interop/src/Cache.ts"
import { expectMatch, tool } from "../interop/src/Tool.ts"
import { ProcessCluster } from "./ProcessCluster.ts"
import { TailraceKind } from "./TailraceKind.ts"

const run = promisify(execFile)
const toolsProblem = partProblem("kafka-4.3.1")
const missing = toolsProblem !== undefined ? `Kafka's tools are ${toolsProblem}: run .ci/install-interop.sh` : await findNatsServer() === undefined ? natsServerHelp : undefined
if (missing !== undefined) {
  if (process.env["CI"] === "true" && process.env["REQUIRE_NATS"] === "1") throw new Error(missing)
  console.warn(`skipped, Kafka's tools against a cluster: ${missing}`)
}

interface Partition {
  readonly topic: string
  readonly partition: number
  readonly leader: number
  readonly replicas: ReadonlyArray<number>
  readonly isr: ReadonlyArray<number>
  readonly elr: ReadonlyArray<number>
  readonly minIsr: number
}

/** The lines of kafka-topics --describe in the shape of `tailrace cluster partitions`. */
const describedBy = (output: string): ReadonlyArray<Omit<Partition, "minIsr">> => {
  const ids = (text = ""): ReadonlyArray<number> => text === "" ? [] : text.split(",").map(Number)
  return [...output.matchAll(/^\tTopic: (\S+)\tPartition: (\d+)\tLeader: (\S+)\tReplicas: (\S*)\tIsr: (\S*)\tElr: (\S*)/gm)].map(
    ([, topic = "", partition, leader, replicas, isr, elr]) =>
      ({ topic, partition: Number(partition), leader: leader === "none" ? -1 : Number(leader), replicas: ids(replicas), isr: ids(isr), elr: ids(elr) }))
}

/** Kafka 4.3.1's own tools change a cluster of three processes and describe it; `tailrace cluster` has to see the same. */
describe.skipIf(missing !== undefined)("Kafka's tools and tailrace cluster", { timeout: 180_000 }, () => {
  let cluster: ProcessCluster
  beforeAll(async () => {
    // The tests move leaders themselves: none may move because a busy machine keeps a node from its heartbeats for a second.
    const properties = { "auto.leader.rebalance.enable": "false", "broker.session.timeout.ms": "9000" }
    cluster = await ProcessCluster.start({ kind: new TailraceKind("ci"), properties })
  }, 120_000)
  afterAll(() => cluster.close())

  const kafka = (name: Parameters<typeof tool>[0], ...args: ReadonlyArray<string>): Promise<string> => tool(name, cluster.bootstrap, args)
  const own = async (...args: ReadonlyArray<string>): Promise<any> => {
    const command = ["apps/cli/bin/tailrace.js", "cluster", ...args, "--json", "--bootstrap-server", cluster.bootstrap]
    return JSON.parse((await run(nodePath, command, { cwd: repositoryRoot, env: nodeEnvironment() })).stdout) as unknown
  }
  const partitionsAgree = async (): Promise<ReadonlyArray<Partition>> => {
    const [theirs, ours] = [describedBy(await kafka("kafka-topics", "--describe", "--topic", "shared")), await own("partitions", "--topic", "shared") as ReadonlyArray<Partition>]
    assert.isAbove(theirs.length, 0)
    assert.deepEqual(theirs, ours.map(({ elr, isr, leader, partition, replicas, topic }) => ({ topic, partition, leader, replicas, isr, elr })))
    return ours
  }

  it("topics, configurations and the quorum", async () => {
    expectMatch(await kafka("kafka-topics", "--create", "--topic", "shared", "--replica-assignment", "1:2:3,2:3:1,3:1:2"), /^Created topic shared\.$/m)
    assert.deepEqual((await partitionsAgree()).map(({ leader, minIsr }) => [leader, minIsr]), [[1, 2], [2, 2], [3, 2]])
    await kafka("kafka-configs", "--alter", "--entity-type", "topics", "--entity-name", "shared", "--add-config", "min.insync.replicas=3")
    expectMatch(await kafka("kafka-configs", "--describe", "--entity-type", "topics", "--entity-name", "shared"), /min\.insync\.replicas=3 sensitive=false/)
    assert.strictEqual((await own("partitions", "--at-min-isr", "--topic", "shared")).length, 3)

    const status = await kafka("kafka-metadata-quorum", "describe", "--status")
    const quorum = await own("quorum")
    assert.strictEqual(expectMatch(status, /^ClusterId: +(\S+)$/m)[1], quorum.clusterId)
    assert.strictEqual(expectMatch(status, /^LeaderId: +(\d+)$/m)[1], String(quorum.leaderId))
    const voters = [...status.matchAll(/"id": (\d+), "directoryId": "([^"]+)"/g)].map(([, id, directoryId]) => [Number(id), directoryId])
    assert.deepEqual(voters, quorum.voters.map(({ directoryId, nodeId }: any) => [nodeId, directoryId]))
    expectMatch(await kafka("kafka-metadata-quorum", "describe", "--replication"), new RegExp(`^${quorum.leaderId}\\s.*\\sLeader\\s*$`, "m"))
  })

  it("reassignments, elections and data directories", async () => {
    const plan = join(cluster.directory, "plan.json")
    writeFileSync(plan, JSON.stringify({ version: 1, partitions: [{ topic: "shared", partition: 0, replicas: [2, 1] }, { topic: "shared", partition: 1, replicas: [3, 2, 1] }] }))
    await kafka("kafka-configs", "--alter", "--entity-type", "topics", "--entity-name", "shared", "--delete-config", "min.insync.replicas")
    expectMatch(await kafka("kafka-reassign-partitions", "--execute", "--reassignment-json-file", plan, "--throttle", "100000000"), /Successfully started partition reassignments for shared-0,shared-1/)
    while ((await own("reassign", "--list")).length > 0);
    expectMatch(await kafka("kafka-reassign-partitions", "--list"), /No partition reassignments found\./)
    expectMatch(await kafka("kafka-reassign-partitions", "--verify", "--reassignment-json-file", plan), /Reassignment of partition shared-1 is completed\.[^]*Clearing topic-level throttles on topic shared/)
    assert.deepEqual((await own("reassign", "--verify", "--plan", plan)).partitions.map(({ state }: any) => state), ["done", "done"])
    assert.deepEqual((await partitionsAgree()).map(({ replicas }) => replicas), [[2, 1], [3, 2, 1], [3, 1, 2]])

    const before = await own("partitions", "--not-preferred", "--topic", "shared") as ReadonlyArray<Partition>
    assert.include(before.map(({ partition }) => partition), 1, "a preference alone moves no leader")
    expectMatch(await kafka("kafka-leader-election", "--election-type", "preferred", "--all-topic-partitions"), /Successfully completed leader election \(PREFERRED\) for partitions .*shared-1/)
    assert.deepEqual(await own("partitions", "--not-preferred", "--topic", "shared"), [])
    await partitionsAgree()

    const theirs = JSON.parse(expectMatch(await kafka("kafka-log-dirs", "--describe", "--topic-list", "shared"), /^\{.*\}$/m)[0])
    const replicasOf = ({ brokers }: any): unknown => brokers.map(({ broker, logDirs }: any) => [broker, logDirs.map(({ logDir, partitions }: any) => [logDir, partitions.map(({ partition }: any) => partition).toSorted()])])
    assert.deepEqual(replicasOf(theirs), replicasOf(await own("log-dirs", "--topic", "shared")))
  })

  it("deleted records, and a node that is gone", async () => {
    await kafka("kafka-topics", "--create", "--topic", "trimmed", "--replica-assignment", "3:1:2")
    await tool("kafka-console-producer", cluster.bootstrap, ["--topic", "trimmed"], "a\nb\nc\nd\n")
    const plan = join(cluster.directory, "deletion.json")
    writeFileSync(plan, JSON.stringify({ version: 1, partitions: [{ topic: "trimmed", partition: 0, offset: 3 }] }))
    expectMatch(await kafka("kafka-delete-records", "--offset-json-file", plan), /^partition: trimmed-0\tlow_watermark: 3$/m)
    await cluster.node(3).kill()
    await cluster.client.until("node 3 is out of every in-sync set", 30_000, ({ topics }) =>
      [...topics.values()].flat().every(({ inSync, leader }) => leader !== 3 && !inSync.includes(3)), ["shared"])
    // What is deleted does not come back with the next leader.
    expectMatch(await kafka("kafka-get-offsets", "--topic", "trimmed", "--time", "earliest"), /^trimmed:0:3$/m)
    await partitionsAgree()
    const under = describedBy(await kafka("kafka-topics", "--describe", "--under-replicated-partitions", "--topic", "shared"))
    assert.deepEqual(under.map(({ partition }) => partition), [1, 2])
    assert.deepEqual((await own("partitions", "--under-replicated", "--topic", "shared")).map(({ partition }: any) => partition), [1, 2])
    assert.deepEqual((await own("nodes")).map(({ id, state }: any) => [id, state]), [[1, "online"], [2, "online"], [3, "fenced"]])
  })
})
