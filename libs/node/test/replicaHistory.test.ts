import { expect, it } from "vitest"
import { ReplicaHistory } from "./ReplicaHistory.ts"

const seeds = Number(process.env["REPLICA_SEEDS"] ?? 8)
const firstSeed = Number(process.env["REPLICA_SEED"] ?? 1)
/** Virtual time proves everything; this only ends a run that hangs, on however slow a machine. */
const millisMax = 30_000 + seeds * 4_000

it("replicas under faults lose nothing that was acknowledged and end up the same", async () => {
  const seen = { acknowledged: 0, crashes: 0, elections: 0, resyncs: 0, truncations: 0 }
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const history = await ReplicaHistory.start(seed)
    try {
      for (let step = 0; step < 600; step++) await history.step()
      await history.heal()
    } catch (error) {
      throw new Error(`seed ${seed}: ${String(error)}`, { cause: error })
    }
    for (const batches of history.acknowledged) seen.acknowledged += batches.size
    seen.crashes += history.crashes
    seen.elections += history.elections
    for (const { replication } of history.world.nodes.values()) {
      seen.resyncs += replication.counters.resyncs
      seen.truncations += replication.counters.truncations
    }
  }
  if (process.env["REPLICA_SEEDS"] !== undefined) console.log(seen)
  // Without traffic and faults the histories would prove nothing.
  expect(seen.acknowledged).toBeGreaterThan(60 * seeds)
  expect(Math.min(seen.crashes, seen.elections, seen.resyncs)).toBeGreaterThan(seeds)
  expect(seen.truncations).toBeGreaterThan(0)
}, millisMax)
