import { Admin } from "@tailrace/client"
import { SeededRandom } from "@tailrace/runtime/simulated"
import { assert, describe, it } from "vitest"
import { checkHistory, drainTopics, GroupWorkload, History, HistoryText, longestAckGap, SendWorkload } from "../src/index.ts"
import { SimulatedCluster } from "../src/SimulatedCluster.ts"

const setUp = async (seed: number) => {
  const cluster = new SimulatedCluster({ seed })
  await cluster.start()
  const { clock } = cluster
  const random = new SeededRandom(seed)
  const history = new History(clock)
  const client = { bootstrapServers: cluster.bootstrapServers, ports: { clock, random, dialer: cluster.net.at("client") } }
  const partitions = [0, 1, 2, 3].map((partition) => ({ topic: "orders", partition }))
  const admin = new Admin(client)
  await cluster.run(admin.createTopics([{ name: "orders", numPartitions: 4, replicationFactor: 3 }]))
  admin.cluster.close()
  return { cluster, history, options: { history, clock, random, client, partitions } }
}

describe("workloads", () => {
  it("W1 sends and reads through the death of a leader, and the history is good", async () => {
    const { cluster, history, options } = await setUp(1)
    const run = new SendWorkload({ ...options, durationMillis: 12_000, intervalMillis: 50 }).run()
    await cluster.advance(3_000)
    const victim = cluster.leaderOf("orders", 0)
    const killed = cluster.clock.monotonicMillis()
    history.record({ process: "faults", f: "fault", meta: { fault: "kill", target: victim?.host } })
    victim?.kill()
    await cluster.run(run)
    const failed = await cluster.run(drainTopics(options))
    assert.deepStrictEqual(failed, [])
    const result = checkHistory(history)
    assert.isTrue(result.isValid, JSON.stringify(result.findings.slice(0, 3), null, 1))
    assert.isAbove(result.acknowledged, 500)
    assert.isAtLeast(result.read, result.acknowledged)
    assert.isBelow(longestAckGap(history, { fromMillis: killed, toMillis: killed + 8_000 }).millis, 8_000)
    assert.deepStrictEqual(checkHistory(HistoryText.read(HistoryText.write(history.operations))).counts, result.counts)
    await cluster.close()
  }, 120_000)

  it("W2 commits through members that come, leave and die", async () => {
    const { cluster, history, options } = await setUp(2)
    await cluster.run(new GroupWorkload({ ...options, group: "g", durationMillis: 30_000, intervalMillis: 200, churnMillis: 4_000 }).run(), 120_000)
    assert.deepStrictEqual(await cluster.run(drainTopics(options)), [])
    const result = checkHistory(history)
    assert.isTrue(result.isValid, JSON.stringify(result.findings.slice(0, 3), null, 1))
    assert.isAbove(result.operations["commit ok"] ?? 0, 20)
    assert.isAbove(result.operations["assign ok"] ?? 0, 5)
    await cluster.close()
  }, 120_000)
})
