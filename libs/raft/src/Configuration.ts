import { type NodeKey, sameKey } from "./NodeKey.ts"

/** Who decides (voters) and who is being prepared to (learners). Every other node may observe. Sorted by node. */
export interface Configuration {
  readonly voters: ReadonlyArray<NodeKey>
  readonly learners: ReadonlyArray<NodeKey>
}

/**
 * One step. `addLearner` of a node that is a voter or learner with another directory replaces that one, which loses its
 * vote by the same entry; `promote` makes a learner a voter; `remove` takes a voter or a learner out.
 */
export interface MembershipChange {
  readonly kind: "addLearner" | "promote" | "remove"
  readonly key: NodeKey
}

export type MembershipFault = "alreadyMember" | "notLearner" | "notMember" | "lastVoter" | "tooManyMembers"

export const noConfiguration: Configuration = { voters: [], learners: [] }

export function isVoter(configuration: Configuration, key: NodeKey): boolean {
  return configuration.voters.some((voter) => sameKey(voter, key))
}

export function isLearner(configuration: Configuration, key: NodeKey): boolean {
  return configuration.learners.some((learner) => sameKey(learner, key))
}

/** How many voters are enough: any two quorums of one configuration, or of neighbouring ones, have a voter in common. */
export function quorumOf(configuration: Configuration): number {
  return Math.floor(configuration.voters.length / 2) + 1
}

const byNode = (a: NodeKey, b: NodeKey): number => a.nodeId - b.nodeId

/** The configuration after one step. Its voters differ from the old ones by at most one, which keeps quorums overlapping. */
export function changed(
  configuration: Configuration, change: MembershipChange, membersMax: number
): Configuration | MembershipFault {
  const { voters, learners } = configuration
  const { key, kind } = change
  const otherNodes = (keys: ReadonlyArray<NodeKey>): Array<NodeKey> => keys.filter((other) => other.nodeId !== key.nodeId)
  if (kind === "addLearner") {
    if (isVoter(configuration, key) || isLearner(configuration, key)) return "alreadyMember"
    const next = { voters: otherNodes(voters), learners: [...otherNodes(learners), key].sort(byNode) }
    if (next.voters.length === 0) return "lastVoter"
    return next.voters.length + next.learners.length > membersMax ? "tooManyMembers" : next
  }
  if (kind === "promote") {
    if (!isLearner(configuration, key)) return "notLearner"
    return { voters: [...voters, key].sort(byNode), learners: learners.filter((learner) => !sameKey(learner, key)) }
  }
  if (isLearner(configuration, key)) return { voters, learners: learners.filter((learner) => !sameKey(learner, key)) }
  if (!isVoter(configuration, key)) return "notMember"
  if (voters.length === 1) return "lastVoter"
  return { voters: voters.filter((voter) => !sameKey(voter, key)), learners }
}
