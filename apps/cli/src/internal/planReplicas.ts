import type { Placement } from "./reassignmentPlan.ts"

export interface PlanNode {
  readonly id: number
  readonly rack: string | null
}

export interface PlanOptions {
  /** Replicas of every partition; without it as many as it has. */
  readonly replicationFactor?: number
  /** Also evens out how many replicas and preferred leaders the nodes have; otherwise only what has to move does. */
  readonly isBalanced: boolean
  /** Partitions that are not planned, but count for how full a node is. */
  readonly others?: ReadonlyArray<Placement>
}

/** Where no node can be found; the caller says what to do about it. */
export interface PlanFault {
  readonly topic: string
  readonly partition: number
  readonly replicationFactor: number
}

/**
 * New replicas for partitions on the given nodes, with as few moves as it takes: replicas on a node that may stay do, the missing
 * ones go to the emptiest node, first in a rack that has none of the partition yet. The first replica stays first where it can.
 */
export const planReplicas = (
  placements: ReadonlyArray<Placement>, nodes: ReadonlyArray<PlanNode>, options: PlanOptions
): ReadonlyArray<Placement> | PlanFault => {
  const plan = new ReplicaPlan(placements, nodes, options)
  for (const { partition, replicas, topic } of placements) {
    const factor = options.replicationFactor ?? replicas.length
    if (factor > nodes.length) return { topic, partition, replicationFactor: factor }
  }
  plan.fill()
  if (options.isBalanced) plan.level()
  plan.chooseLeaders()
  return plan.placements
}

/** Moves of one replica that levelling makes at most, per replica that there is: each one makes the plan more even. */
const levelMovesPerReplica = 1
/** Every pass that changes something makes leaders more even; a few do nearly all of it. */
const leaderPassesMax = 20

class ReplicaPlan {
  readonly #before: ReadonlyArray<Placement>
  readonly #after: Array<Array<number>>
  readonly #racks: ReadonlyMap<number, string | null>
  readonly #held: Map<number, number>
  readonly #led: Map<number, number>
  readonly #options: PlanOptions

  constructor(before: ReadonlyArray<Placement>, nodes: ReadonlyArray<PlanNode>, options: PlanOptions) {
    this.#before = before
    this.#options = options
    this.#racks = new Map(nodes.map(({ id, rack }) => [id, rack]))
    this.#held = new Map(nodes.map(({ id }) => [id, 0]))
    this.#led = new Map(nodes.map(({ id }) => [id, 0]))
    this.#after = before.map(({ replicas }) => replicas.filter((id) => this.#racks.has(id)))
    for (const replicas of [...(options.others ?? []).map((it) => it.replicas), ...this.#after]) for (const id of replicas) this.#count(this.#held, id, 1)
    for (const { replicas } of options.others ?? []) this.#count(this.#led, replicas[0], 1)
  }

  get placements(): ReadonlyArray<Placement> {
    return this.#before.map(({ partition, topic }, index) => ({ topic, partition, replicas: this.#after[index] ?? [] }))
  }

  /** As many replicas as each partition is to have. */
  fill(): void {
    this.#after.forEach((replicas, index) => {
      const factor = this.#options.replicationFactor ?? this.#before[index]?.replicas.length ?? 0
      // The fullest nodes give up first what is too much; the preferred leader last.
      while (replicas.length > factor) {
        const [gone] = replicas.slice(1).toSorted((a, b) => this.#heldBy(b) - this.#heldBy(a))
        replicas.splice(replicas.lastIndexOf(gone as number), 1)
        this.#count(this.#held, gone, -1)
      }
      while (replicas.length < factor) {
        const next = this.#candidates(replicas)[0] as number
        replicas.push(next)
        this.#count(this.#held, next, 1)
      }
    })
  }

  /** Takes from the fullest node for the emptiest, while that makes them more even and no rack loses a partition. */
  level(): void {
    const movesMax = this.#after.reduce((sum, replicas) => sum + replicas.length, 0) * levelMovesPerReplica
    for (let moves = 0; moves < movesMax; moves++) {
      const byLoad = [...this.#held.keys()].toSorted((a, b) => this.#heldBy(a) - this.#heldBy(b) || a - b)
      if (!this.#levelOnce(byLoad)) return
    }
  }

  /** The first replica leads where nothing else is asked for; it gives way to one whose node leads less. */
  chooseLeaders(): void {
    for (const [first] of this.#after) this.#count(this.#led, first, 1)
    const mayChange = this.#after.map((replicas, index) => this.#options.isBalanced || replicas[0] !== this.#before[index]?.replicas[0])
    for (let pass = 0; pass < leaderPassesMax; pass++) {
      let hasChanged = false
      this.#after.forEach((replicas, index) => {
        const [first] = replicas
        const least = replicas.toSorted((a, b) => this.#ledBy(a) - this.#ledBy(b))[0]
        if (mayChange[index] !== true || first === undefined || least === undefined || this.#ledBy(first) - this.#ledBy(least) < 2) return
        replicas.splice(replicas.indexOf(least), 1)
        replicas.unshift(least)
        this.#count(this.#led, first, -1)
        this.#count(this.#led, least, 1)
        hasChanged = true
      })
      if (!hasChanged) return
    }
  }

  #levelOnce(byLoad: ReadonlyArray<number>): boolean {
    for (const full of byLoad.toReversed()) {
      for (const empty of byLoad) {
        if (this.#heldBy(full) - this.#heldBy(empty) < 2) break
        const replicas = this.#after.find((it) => it.includes(full) && !it.includes(empty) && this.#keepsRacks(it, full, empty))
        if (replicas === undefined) continue
        replicas[replicas.indexOf(full)] = empty
        this.#count(this.#held, full, -1)
        this.#count(this.#held, empty, 1)
        return true
      }
    }
    return false
  }

  #keepsRacks(replicas: ReadonlyArray<number>, from: number, to: number): boolean {
    const racks = (ids: ReadonlyArray<number>): number => new Set(ids.map((id) => this.#racks.get(id))).size
    return racks(replicas.map((id) => id === from ? to : id)) >= racks(replicas)
  }

  /** Nodes that have none of it, the best first. */
  #candidates(replicas: ReadonlyArray<number>): ReadonlyArray<number> {
    const racks = new Set(replicas.map((id) => this.#racks.get(id)))
    const isNewRack = (id: number): number => racks.has(this.#racks.get(id)) ? 1 : 0
    return [...this.#held.keys()].filter((id) => !replicas.includes(id))
      .toSorted((a, b) => isNewRack(a) - isNewRack(b) || this.#heldBy(a) - this.#heldBy(b) || a - b)
  }

  #ledBy(id: number): number {
    return this.#led.get(id) ?? 0
  }

  #heldBy(id: number): number {
    return this.#held.get(id) ?? 0
  }

  #count(counts: Map<number, number>, id: number | undefined, change: number): void {
    const before = id === undefined ? undefined : counts.get(id)
    if (id !== undefined && before !== undefined) counts.set(id, before + change)
  }
}
