import { readFileSync } from "node:fs"
import { Health, Metrics, observeProcess } from "@tailrace/runtime"
import { expect, it, onTestFinished } from "vitest"
import { observeNode } from "../src/observeNode.ts"
import { SimulatedCluster, type SimulatedMember } from "./support/SimulatedCluster.ts"

/** What a node of the cluster shows. */
function metricsOf({ listener, node }: SimulatedMember): Metrics {
  const metrics = new Metrics()
  const directory = { writeGate: { isOpen: true, onChange: () => () => undefined }, logs: () => [], commitSequence: 0, backlog: { bytes: 0 } }
  observeProcess(metrics)
  observeNode(metrics, new Health(), { node: node!, listener: listener!, directory: directory as never })
  return metrics
}

it("every figure of a node is in the README, and none that is not there", async () => {
  const cluster = new SimulatedCluster()
  await cluster.start()
  onTestFinished(() => cluster.close())
  const metrics = metricsOf(cluster.members[0]!)
  const shown = [...metrics.expose().matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name)
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")
  const written = [...readme.matchAll(/^\| `([a-z0-9_]+)(?:\{\w+\})?` \|/gm)].map(([, name]) => name)
  expect(shown.toSorted()).toEqual(written.toSorted())
})

it("partitions that nobody leads are counted once, and those that take no acks=all where they are led", async () => {
  const cluster = new SimulatedCluster()
  await cluster.start()
  onTestFinished(() => cluster.close())
  const controller = cluster.members.find(({ node }) => node!.quorum.isActive)!
  const [gone, other] = cluster.members.filter((member) => member !== controller)
  const assigned = (name: string, configs: ReadonlyArray<{ name: string; value: string }>, ...brokerIds: ReadonlyArray<number>) => ({
    name, numPartitions: -1, replicationFactor: -1, assignments: [{ partitionIndex: 0, brokerIds }], configs
  })
  const { topics } = await cluster.run(controller.node!.controller.ask("createTopics", {
    topics: [
      assigned("alone", [], gone!.nodeId), assigned("both", [{ name: "min.insync.replicas", value: "2" }], other!.nodeId, gone!.nodeId),
      assigned("safe", [], other!.nodeId, controller.nodeId)
    ], timeoutMs: 1_000, validateOnly: false
  } as never, 7))
  expect(topics.map(({ errorCode }) => errorCode)).toEqual([0, 0, 0])
  await cluster.advance(1_000)
  const rest = [controller, other!].map(metricsOf)
  const shown = (name: string) => rest.map((metrics) => Number(new RegExp(`^tailrace_${name} (\\d+)$`, "m").exec(metrics.expose())![1]))
  expect([shown("offline_partitions"), shown("under_min_isr_partitions")]).toEqual([[0, 0], [0, 0]])
  await cluster.run(gone!.close())
  await cluster.advance(10_000)
  expect([shown("offline_partitions"), shown("under_min_isr_partitions"), shown("under_replicated_partitions")]).toEqual([[1, 0], [0, 1], [0, 1]])
})
