import { readFileSync } from "node:fs"
import { Health, Metrics, observeProcess } from "@tailrace/runtime"
import { expect, it, onTestFinished } from "vitest"
import { observeNode } from "../src/observeNode.ts"
import { SimulatedCluster } from "./support/SimulatedCluster.ts"

it("every figure of a node is in the README, and none that is not there", async () => {
  const cluster = new SimulatedCluster()
  await cluster.start()
  onTestFinished(() => cluster.close())
  const { listener, node } = cluster.members[0]!
  const metrics = new Metrics()
  const directory = { writeGate: { isOpen: true, onChange: () => () => undefined }, logs: () => [], commitSequence: 0, backlog: { bytes: 0 } }
  observeProcess(metrics)
  observeNode(metrics, new Health(), { node: node!, listener: listener!, directory: directory as never })
  const shown = [...metrics.expose().matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name)
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")
  const written = [...readme.matchAll(/^\| `([a-z0-9_]+)(?:\{\w+\})?` \|/gm)].map(([, name]) => name)
  expect(shown.toSorted()).toEqual(written.toSorted())
})
