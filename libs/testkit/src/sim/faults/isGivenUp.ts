import type { PartitionImage } from "@tailrace/metadata"

/**
 * Nobody is in sync and nobody eligible: the only one who was found that its storage is suspect. Such a partition waits for an
 * unclean election, which is its administrator's to order. It happens to topics that were created while the others were away.
 */
export const isGivenUp = ({ eligibleLeaderReplicas, isr, leader }: PartitionImage): boolean =>
  leader < 0 && isr.length === 0 && (eligibleLeaderReplicas ?? []).length === 0
