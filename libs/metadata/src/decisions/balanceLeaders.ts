import { effectiveBrokerConfig } from "../configSources.ts"
import { limitsOf } from "../Decision.ts"
import type { Decision, DecisionContext } from "../Decision.ts"
import { electorateOf, partitionChanges } from "../internal/partitionChanges.ts"
import { noLeader } from "../internal/records.ts"
import type { MetadataImage } from "../MetadataImage.ts"

export interface Balanced {
  /** How many leaders go back to the preferred replica. */
  readonly moved: number
  /** There are more than one decision moves: decide again. */
  readonly hasMore: boolean
}

/**
 * What the controller does by itself every `leader.imbalance.check.interval.seconds`: partitions that are led by another than
 * their preferred replica, which is in sync again, go back to it. Nothing where `auto.leader.rebalance.enable` is off.
 */
export function balanceLeaders(image: MetadataImage, context: DecisionContext): Decision<Balanced> {
  if (!effectiveBrokerConfig(image, context.config).get("auto.leader.rebalance.enable")) return { records: [], response: { moved: 0, hasMore: false } }
  const { movesPerDecisionMax } = limitsOf(context)
  const records = partitionChanges(image, context.config, electorateOf(image), ({ leader, replicas }, rules) => {
    if (leader === noLeader || leader === replicas[0] || !rules.mayLead(replicas[0]!)) return undefined
    return { election: "preferred" }
  }, movesPerDecisionMax)
  return { records, response: { moved: records.length, hasMore: records.length === movesPerDecisionMax } }
}
