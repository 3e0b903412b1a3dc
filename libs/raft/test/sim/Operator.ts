import type { NodeKey } from "../../src/index.ts"
import { Violation } from "./Oracle.ts"
import type { Random } from "./Random.ts"
import type { SimulatedNode } from "./SimulatedNode.ts"

/** Membership and leadership, as an administrator changes them: what was lost is re-admitted before anything else. */
export class Operator {
  readonly #nodes: ReadonlyArray<SimulatedNode>
  readonly #random: Random
  readonly #votersMin: number
  readonly #count: (name: string) => void

  constructor(nodes: ReadonlyArray<SimulatedNode>, random: Random, votersMin: number, count: (name: string) => void) {
    this.#nodes = nodes
    this.#random = random
    this.#votersMin = votersMin
    this.#count = count
  }

  act(leader: SimulatedNode, isPeace: boolean): void {
    const random = this.#random
    const { voters, learners } = leader.core!.status().configuration
    const stranger = [...voters, ...learners].find(({ nodeId, directoryId }) => this.#node(nodeId).disk.directoryId !== directoryId)
    if (stranger !== undefined) return this.#change(leader, "addLearner", this.#node(stranger.nodeId).key)
    if (learners.length > 0 && (isPeace || random.chance(0.7))) return this.#change(leader, "promote", random.pick(learners))
    if (isPeace) return
    const outside = this.#nodes.filter(({ nodeId }) => ![...voters, ...learners].some((member) => member.nodeId === nodeId))
    const choice = random.next()
    if (choice < 0.25 && outside.length > 0) this.#change(leader, "addLearner", random.pick(outside).key)
    else if (choice < 0.45 && voters.length > this.#votersMin) this.#change(leader, "remove", random.pick(voters))
    else if (choice < 0.65 && leader.core!.transferLeadership(random.pick(voters)).kind === "started") this.#count("transfer")
  }

  #node(nodeId: number): SimulatedNode {
    return this.#nodes.find((node) => node.nodeId === nodeId)!
  }

  #change(leader: SimulatedNode, kind: "addLearner" | "promote" | "remove", key: NodeKey): void {
    const before = leader.core!.status()
    if (leader.core!.changeMembership({ kind, key }).kind === "refused") return
    this.#count(kind)
    if (!before.isConfigurationCommitted) throw new Violation(`node ${leader.nodeId}: a second change of membership at once`)
    if (!before.isLeaderReady) throw new Violation(`node ${leader.nodeId}: a change of membership before an entry of its term is committed`)
  }
}
