import { describe, expect, it } from "vitest"
import { seeded } from "./batches.ts"
import { ReplicaGroup } from "./ReplicaGroup.ts"

describe("three replicas under crashes, elections and a bad network", () => {
  it("never lose or change what was acknowledged", () => {
    let acknowledged = 0
    for (let seed = 1; seed <= 40; seed++) {
      const group = new ReplicaGroup(seeded(seed))
      try {
        for (let step = 0; step < 1500; step++) group.step()
      } catch (error) {
        throw new Error(`seed ${seed}: ${String(error)}`, { cause: error })
      }
      acknowledged += group.acknowledged.size
    }
    // Without traffic the runs would prove nothing.
    expect(acknowledged).toBeGreaterThan(300)
  })
})
