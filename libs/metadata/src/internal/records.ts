import type { MetadataRecord, PartitionChangeRecord, PartitionRecord, RegisterBrokerRecord } from "@tailrace/kafka-protocol"

/** In a change of a partition: the leader stays. */
export const noLeaderChange = -2
export const noLeader = -1

type PartitionFields = Omit<PartitionRecord, "partitionId" | "topicId">
type Needed<Value, Keys extends keyof Value> = Pick<Value, Keys> & Partial<Value>

// Decisions answer whole records, with every default in place, so that they can be replayed as they are.

export const topicRecord = (name: string, topicId: string): MetadataRecord => ({ type: "TopicRecord", value: { name, topicId } })

export const partitionRecord = (
  value: Needed<PartitionRecord, "partitionId" | "topicId" | "replicas" | "isr" | "leader" | "leaderEpoch" | "directories">
): MetadataRecord => ({
  type: "PartitionRecord",
  value: {
    removingReplicas: [], addingReplicas: [], leaderRecoveryState: 0, partitionEpoch: 0,
    eligibleLeaderReplicas: null, lastKnownElr: null, ...value
  }
})

/** Every change raises the partition epoch; naming a leader, even the same one, raises the leader epoch. */
export const partitionChange = (
  topicId: string, partitionId: number, change: Partial<PartitionChangeRecord> = {}
): MetadataRecord => ({
  type: "PartitionChangeRecord",
  value: {
    topicId, partitionId, isr: null, leader: noLeaderChange, replicas: null, removingReplicas: null, addingReplicas: null,
    leaderRecoveryState: -1, directories: null, eligibleLeaderReplicas: null, lastKnownElr: null, ...change
  }
})

export const configRecord = (resourceType: number, resourceName: string, name: string, value: string | null): MetadataRecord =>
  ({ type: "ConfigRecord", value: { resourceType, resourceName, name, value } })

export const registerRecord = (
  value: Needed<RegisterBrokerRecord, "brokerId" | "brokerEpoch" | "incarnationId" | "endPoints" | "rack" | "fenced" | "logDirs">
): MetadataRecord => ({
  type: "RegisterBrokerRecord",
  value: { isMigratingZkBroker: false, features: [], inControlledShutdown: false, cordonedLogDirs: null, ...value }
})

export const fencingChange = (brokerId: number, brokerEpoch: number, isFenced: boolean): MetadataRecord => ({
  type: "BrokerRegistrationChangeRecord",
  value: { brokerId, brokerEpoch, fenced: isFenced ? 1 : -1, inControlledShutdown: 0, logDirs: [], cordonedLogDirs: null }
})

export const shutdownChange = (brokerId: number, brokerEpoch: number): MetadataRecord => ({
  type: "BrokerRegistrationChangeRecord",
  value: { brokerId, brokerEpoch, fenced: 0, inControlledShutdown: 1, logDirs: [], cordonedLogDirs: null }
})

export function mergePartition(partition: PartitionFields, change: PartitionChangeRecord): PartitionFields {
  const isElection = change.leader !== noLeaderChange
  return {
    replicas: change.replicas ?? partition.replicas,
    isr: change.isr ?? partition.isr,
    removingReplicas: change.removingReplicas ?? partition.removingReplicas,
    addingReplicas: change.addingReplicas ?? partition.addingReplicas,
    leader: isElection ? change.leader : partition.leader,
    leaderRecoveryState: change.leaderRecoveryState === -1 ? partition.leaderRecoveryState : change.leaderRecoveryState,
    leaderEpoch: partition.leaderEpoch + (isElection ? 1 : 0),
    partitionEpoch: partition.partitionEpoch + 1,
    directories: change.directories ?? partition.directories,
    eligibleLeaderReplicas: change.eligibleLeaderReplicas ?? partition.eligibleLeaderReplicas,
    lastKnownElr: change.lastKnownElr ?? partition.lastKnownElr
  }
}
