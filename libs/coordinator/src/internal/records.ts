import {
  decodeGroupMetadataKey, decodeGroupMetadataValue, decodeOffsetCommitKey, decodeOffsetCommitValue, encodeGroupMetadataKey,
  encodeGroupMetadataValue, encodeOffsetCommitKey, encodeOffsetCommitValue, Versioned, zeroUuid
} from "@tailrace/kafka-protocol"
import type { GroupMetadataValue, OffsetCommitValueInput } from "@tailrace/kafka-protocol"
import type { CoordinatorRecord } from "../Decision.ts"
import type { ClassicGroup } from "./ClassicGroup.ts"
import { ownBytes } from "./ownBytes.ts"

// The versions that Kafka 4.3 writes. A commit with an expiry time of its own (OffsetCommit v2-4) has no place
// for it in newer versions than 1.
const offsetKeyVersion = 1
const groupKeyVersion = 2
const groupValueVersion = 3
const offsetValueVersion = 4
const offsetValueVersionWithExpiry = 1

/** What a batch has around the key and the value of a record: lengths, differences to the first one, a count of headers. */
const recordOverheadBytes = 16

/** Bytes that a record takes of a batch, at most. */
export const recordBytes = ({ key, value }: CoordinatorRecord): number => key.length + (value?.length ?? 0) + recordOverheadBytes

export interface CommittedOffset {
  readonly offset: number
  /** -1 if the client did not say. */
  readonly leaderEpoch: number
  readonly metadata: string
  readonly commitTimestamp: number
  /** -1 if the broker's retention applies. */
  readonly expireTimestamp: number
  readonly topicId: string
}

export type CoordinatorChange =
  | { readonly kind: "group", readonly groupId: string, readonly metadata: GroupMetadataValue | null }
  | { readonly kind: "offset", readonly groupId: string, readonly topic: string, readonly partition: number, readonly committed: CommittedOffset | null }

export function offsetRecord(groupId: string, topic: string, partition: number, committed: CommittedOffset): CoordinatorRecord {
  const hasExpiry = committed.expireTimestamp !== -1
  const value: OffsetCommitValueInput = hasExpiry ? { ...committed, topicId: zeroUuid } : committed
  return {
    key: offsetKey(groupId, topic, partition),
    value: Versioned.encode(encodeOffsetCommitValue, hasExpiry ? offsetValueVersionWithExpiry : offsetValueVersion, value)
  }
}

export function offsetTombstone(groupId: string, topic: string, partition: number): CoordinatorRecord {
  return { key: offsetKey(groupId, topic, partition), value: null }
}

export function groupTombstone(groupId: string): CoordinatorRecord {
  return { key: groupKey(groupId), value: null }
}

/** The group as it is now: its generation with the assignment of each member. */
export function groupRecord(group: ClassicGroup): CoordinatorRecord {
  return {
    key: groupKey(group.groupId),
    value: Versioned.encode(encodeGroupMetadataValue, groupValueVersion, {
      protocolType: group.protocolType ?? "",
      generation: group.generationId,
      protocol: group.protocolName,
      leader: group.leaderId,
      currentStateTimestamp: group.stateTimestampMillis,
      members: [...group.members.values()].map((member) => ({
        memberId: member.memberId,
        groupInstanceId: member.groupInstanceId,
        clientId: member.clientId,
        clientHost: member.clientHost,
        rebalanceTimeout: member.rebalanceTimeoutMillis,
        sessionTimeout: member.sessionTimeoutMillis,
        subscription: member.metadata(group.protocolName),
        assignment: member.assignment
      }))
    })
  }
}

/**
 * What a record says, in memory of its own. Undefined for the kinds this room does not know (groups of the
 * newer protocols). Malformed bytes throw a ProtocolError: skipping them could lose commits.
 */
export function readRecord(key: Buffer | null, value: Buffer | null): CoordinatorChange | undefined {
  if (key === null || key.length < 2) return undefined
  const version = Versioned.versionOf(key)
  if (version === groupKeyVersion) {
    const groupId = Versioned.decode(decodeGroupMetadataKey, key).group
    return { kind: "group", groupId, metadata: value === null ? null : ownMetadata(Versioned.decode(decodeGroupMetadataValue, value)) }
  }
  if (version > offsetKeyVersion || version < 0) return undefined
  const { group, topic, partition } = Versioned.decode(decodeOffsetCommitKey, key)
  const committed = value === null ? null : Versioned.decode(decodeOffsetCommitValue, value)
  return { kind: "offset", groupId: group, topic, partition, committed }
}

function ownMetadata(value: GroupMetadataValue): GroupMetadataValue {
  return {
    ...value,
    members: value.members.map((member) => ({
      ...member,
      subscription: ownBytes(member.subscription),
      assignment: ownBytes(member.assignment)
    }))
  }
}

function offsetKey(groupId: string, topic: string, partition: number): Buffer {
  return Versioned.encode(encodeOffsetCommitKey, offsetKeyVersion, { group: groupId, topic, partition })
}

function groupKey(groupId: string): Buffer {
  return Versioned.encode(encodeGroupMetadataKey, groupKeyVersion, { group: groupId })
}
