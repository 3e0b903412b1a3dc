import { describe, expect, it } from "vitest"
import { planReplicas } from "../src/internal/planReplicas.ts"
import type { Placement } from "../src/internal/reassignmentPlan.ts"

const nodesOf = (ids: ReadonlyArray<number>, racks: ReadonlyArray<string> = []) => ids.map((id, index) => ({ id, rack: racks[index] ?? null }))

const planned = (...[placements, nodes, options]: Parameters<typeof planReplicas>): ReadonlyArray<ReadonlyArray<number>> => {
  const plan = planReplicas(placements, nodes, options)
  if ("replicationFactor" in plan) throw new Error(`no place for ${plan.topic}-${plan.partition}`)
  expect(plan.map(({ partition, topic }) => `${topic}-${partition}`)).toEqual(placements.map(({ partition, topic }) => `${topic}-${partition}`))
  return plan.map(({ replicas }) => replicas)
}

const topicOf = (...replicas: ReadonlyArray<ReadonlyArray<number>>): ReadonlyArray<Placement> =>
  replicas.map((list, partition) => ({ topic: "t", partition, replicas: list }))

const counts = (plan: ReadonlyArray<ReadonlyArray<number>>, select: (replicas: ReadonlyArray<number>) => ReadonlyArray<number>): ReadonlyArray<number> =>
  [...Map.groupBy(plan.flatMap(select), (id) => id).values()].map((list) => list.length)

/** A small generator with a seed, so that every run draws the same. */
const seeded = (seed: number) => {
  let state = seed
  return (bound: number): number => {
    state = (state * 1664525 + 1013904223) % 2 ** 32
    return Math.floor(state / 2 ** 32 * bound)
  }
}

describe("planReplicas", () => {
  it("moves only what has to move when a node is drained, and keeps who leads", () => {
    expect(planned(topicOf([3, 1], [1, 3], [1, 2]), nodesOf([1, 2, 4]), { isBalanced: false })).toEqual([[4, 1], [1, 2], [1, 2]])
  })

  it("fills a new node, replicas and leaders, and counts what is not planned", () => {
    const plan = planned(topicOf([1, 2], [2, 1], [1, 2], [2, 1], [1, 2], [2, 1]), nodesOf([1, 2, 3]), { isBalanced: true })
    expect(counts(plan, (replicas) => replicas)).toEqual([4, 4, 4])
    expect(counts(plan, (replicas) => replicas.slice(0, 1))).toEqual([2, 2, 2])
    const others: ReadonlyArray<Placement> = [{ topic: "other", partition: 0, replicas: [3] }, { topic: "other", partition: 1, replicas: [3] }]
    expect(planned(topicOf([1], [2]), nodesOf([1, 2, 3]), { isBalanced: true, others })).toEqual([[1], [2]])
  })

  it("keeps a partition in as many racks as it can", () => {
    const nodes = nodesOf([1, 2, 3, 4], ["a", "a", "b", "b"])
    expect(planned(topicOf([1, 9]), nodes, { isBalanced: false, others: topicOf([3], [4]) })).toEqual([[1, 3]])
    for (const replicas of planned(topicOf([1, 3], [1, 4], [1, 3]), nodes, { isBalanced: true })) {
      expect(new Set(replicas.map((id) => id < 3 ? "a" : "b")).size).toBe(2)
    }
  })

  it("changes how many replicas there are, the fullest node giving up first", () => {
    expect(planned(topicOf([1, 2, 3], [1, 2]), nodesOf([1, 2, 3]), { isBalanced: false, replicationFactor: 2 })).toEqual([[1, 3], [1, 2]])
    expect(planned(topicOf([1]), nodesOf([1, 2]), { isBalanced: false, replicationFactor: 2 })).toEqual([[1, 2]])
  })

  it("says which partition has no place", () => {
    expect(planReplicas(topicOf([1], [1, 2, 3]), nodesOf([1, 2]), { isBalanced: true })).toEqual({ topic: "t", partition: 1, replicationFactor: 3 })
  })

  it("is even for any cluster, with every partition on different nodes that may have it", () => {
    const draw = seeded(7)
    for (let round = 0; round < 200; round++) {
      const ids = Array.from({ length: 3 + draw(5) }, (_, index) => index + 1)
      const placements = topicOf(...Array.from({ length: 1 + draw(30) }, () => ids.toSorted(() => draw(3) - 1).slice(0, 1 + draw(3))))
      const targets = ids.slice(0, 3 + draw(ids.length - 2))
      const plan = planned(placements, nodesOf(targets), { isBalanced: true })
      plan.forEach((replicas, index) => {
        expect(new Set(replicas).size).toBe(placements[index]?.replicas.length)
        for (const id of replicas) expect(targets).toContain(id)
      })
      const held = targets.map((target) => plan.filter((replicas) => replicas.includes(target)).length)
      expect(Math.max(...held) - Math.min(...held)).toBeLessThanOrEqual(1)
    }
  })
})
