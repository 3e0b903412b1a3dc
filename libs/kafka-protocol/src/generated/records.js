// Generated from definitions/ by `npm run generate`. Do not edit.
import { checkDecodable, checkEncodable, noBytes, unsupportedField, unsupportedNull, zeroUuid } from "../internal/codec.ts"

function readLeaderChangeMessageVoter(r, v) {
  const voterId = r.int32()
  const voterDirectoryId = v >= 1 ? r.uuid() : zeroUuid
  r.skipTags()
  return { voterId, voterDirectoryId }
}

function writeLeaderChangeMessageVoter(w, v, x) {
  w.int32(x.voterId)
  if (v >= 1) {
    w.uuid(x.voterDirectoryId ?? zeroUuid)
  } else {
    if (x.voterDirectoryId !== undefined && x.voterDirectoryId !== zeroUuid) unsupportedField("LeaderChangeMessageVoter.voterDirectoryId", v, x.voterDirectoryId)
  }
  w.uvarint(0)
}

function readLeaderChangeMessageGrantingVoter(r, v) {
  const voterId = r.int32()
  const voterDirectoryId = v >= 1 ? r.uuid() : zeroUuid
  r.skipTags()
  return { voterId, voterDirectoryId }
}

function writeLeaderChangeMessageGrantingVoter(w, v, x) {
  w.int32(x.voterId)
  if (v >= 1) {
    w.uuid(x.voterDirectoryId ?? zeroUuid)
  } else {
    if (x.voterDirectoryId !== undefined && x.voterDirectoryId !== zeroUuid) unsupportedField("LeaderChangeMessageGrantingVoter.voterDirectoryId", v, x.voterDirectoryId)
  }
  w.uvarint(0)
}

export function decodeLeaderChangeMessage(r, v) {
  checkDecodable(r.position, v, 0, 1)
  r.flexible = true
  const version = r.int16()
  const leaderId = r.int32()
  let voters
  const n_voters = r.arrayLength(v >= 1 ? 21 : 5)
  voters = []
  for (let i = 0; i < n_voters; i++) voters.push(readLeaderChangeMessageVoter(r, v))
  let grantingVoters
  const n_grantingVoters = r.arrayLength(v >= 1 ? 21 : 5)
  grantingVoters = []
  for (let i = 0; i < n_grantingVoters; i++) grantingVoters.push(readLeaderChangeMessageGrantingVoter(r, v))
  r.skipTags()
  return { version, leaderId, voters, grantingVoters }
}

export function encodeLeaderChangeMessage(w, v, x) {
  checkEncodable("LeaderChangeMessage", v, 0, 1)
  w.flexible = true
  w.int16(x.version)
  w.int32(x.leaderId)
  const a_voters = x.voters
  w.arrayLength(a_voters.length)
  for (let i = 0; i < a_voters.length; i++) writeLeaderChangeMessageVoter(w, v, a_voters[i])
  const a_grantingVoters = x.grantingVoters
  w.arrayLength(a_grantingVoters.length)
  for (let i = 0; i < a_grantingVoters.length; i++) writeLeaderChangeMessageGrantingVoter(w, v, a_grantingVoters[i])
  w.uvarint(0)
}

export function decodeSnapshotHeaderRecord(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  const version = r.int16()
  const lastContainedLogTimestamp = r.int64()
  r.skipTags()
  return { version, lastContainedLogTimestamp }
}

export function encodeSnapshotHeaderRecord(w, v, x) {
  checkEncodable("SnapshotHeaderRecord", v, 0, 0)
  w.flexible = true
  w.int16(x.version)
  w.int64(x.lastContainedLogTimestamp)
  w.uvarint(0)
}

export function decodeSnapshotFooterRecord(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  const version = r.int16()
  r.skipTags()
  return { version }
}

export function encodeSnapshotFooterRecord(w, v, x) {
  checkEncodable("SnapshotFooterRecord", v, 0, 0)
  w.flexible = true
  w.int16(x.version)
  w.uvarint(0)
}

export function decodeKRaftVersionRecord(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  const version = r.int16()
  const kRaftVersion = r.int16()
  r.skipTags()
  return { version, kRaftVersion }
}

export function encodeKRaftVersionRecord(w, v, x) {
  checkEncodable("KRaftVersionRecord", v, 0, 0)
  w.flexible = true
  w.int16(x.version)
  w.int16(x.kRaftVersion)
  w.uvarint(0)
}

function readVotersRecordEndpoint(r, v) {
  const name = r.string()
  const host = r.string()
  const port = r.uint16()
  r.skipTags()
  return { name, host, port }
}

function writeVotersRecordEndpoint(w, v, x) {
  w.string(x.name)
  w.string(x.host)
  w.uint16(x.port)
  w.uvarint(0)
}

function readVotersRecordKRaftVersionFeature(r, v) {
  const minSupportedVersion = r.int16()
  const maxSupportedVersion = r.int16()
  r.skipTags()
  return { minSupportedVersion, maxSupportedVersion }
}

function writeVotersRecordKRaftVersionFeature(w, v, x) {
  w.int16(x.minSupportedVersion)
  w.int16(x.maxSupportedVersion)
  w.uvarint(0)
}

function readVotersRecordVoter(r, v) {
  const voterId = r.int32()
  const voterDirectoryId = r.uuid()
  let endpoints
  const n_endpoints = r.arrayLength(5)
  endpoints = []
  for (let i = 0; i < n_endpoints; i++) endpoints.push(readVotersRecordEndpoint(r, v))
  const kRaftVersionFeature = readVotersRecordKRaftVersionFeature(r, v)
  r.skipTags()
  return { voterId, voterDirectoryId, endpoints, kRaftVersionFeature }
}

function writeVotersRecordVoter(w, v, x) {
  w.int32(x.voterId)
  w.uuid(x.voterDirectoryId)
  const a_endpoints = x.endpoints
  w.arrayLength(a_endpoints.length)
  for (let i = 0; i < a_endpoints.length; i++) writeVotersRecordEndpoint(w, v, a_endpoints[i])
  writeVotersRecordKRaftVersionFeature(w, v, x.kRaftVersionFeature)
  w.uvarint(0)
}

export function decodeVotersRecord(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  const version = r.int16()
  let voters
  const n_voters = r.arrayLength(27)
  voters = []
  for (let i = 0; i < n_voters; i++) voters.push(readVotersRecordVoter(r, v))
  r.skipTags()
  return { version, voters }
}

export function encodeVotersRecord(w, v, x) {
  checkEncodable("VotersRecord", v, 0, 0)
  w.flexible = true
  w.int16(x.version)
  const a_voters = x.voters
  w.arrayLength(a_voters.length)
  for (let i = 0; i < a_voters.length; i++) writeVotersRecordVoter(w, v, a_voters[i])
  w.uvarint(0)
}

function readConsumerProtocolSubscriptionTopicPartition(r, v) {
  const topic = r.string()
  const partitions = r.int32Array(r.arrayLength(4))
  return { topic, partitions }
}

function writeConsumerProtocolSubscriptionTopicPartition(w, v, x) {
  w.string(x.topic)
  const a_partitions = x.partitions
  w.int32Array(a_partitions)
}

export function decodeConsumerProtocolSubscription(r, v) {
  checkDecodable(r.position, v, 0, 3)
  r.flexible = false
  const topics = r.stringArray(r.arrayLength(2))
  const userData = r.nullableBytes()
  let ownedPartitions = []
  if (v >= 1) {
    const n_ownedPartitions = r.arrayLength(6)
    ownedPartitions = []
    for (let i = 0; i < n_ownedPartitions; i++) ownedPartitions.push(readConsumerProtocolSubscriptionTopicPartition(r, v))
  }
  const generationId = v >= 2 ? r.int32() : -1
  const rackId = v >= 3 ? r.nullableString() : null
  return { topics, userData, ownedPartitions, generationId, rackId }
}

export function encodeConsumerProtocolSubscription(w, v, x) {
  checkEncodable("ConsumerProtocolSubscription", v, 0, 3)
  w.flexible = false
  const a_topics = x.topics
  w.stringArray(a_topics)
  w.nullableBytes(x.userData ?? null)
  if (v >= 1) {
    const a_ownedPartitions = x.ownedPartitions ?? []
    w.arrayLength(a_ownedPartitions.length)
    for (let i = 0; i < a_ownedPartitions.length; i++) writeConsumerProtocolSubscriptionTopicPartition(w, v, a_ownedPartitions[i])
  }
  if (v >= 2) {
    w.int32(x.generationId ?? -1)
  }
  if (v >= 3) {
    w.nullableString(x.rackId ?? null)
  }
}

function readConsumerProtocolAssignmentTopicPartition(r, v) {
  const topic = r.string()
  const partitions = r.int32Array(r.arrayLength(4))
  return { topic, partitions }
}

function writeConsumerProtocolAssignmentTopicPartition(w, v, x) {
  w.string(x.topic)
  const a_partitions = x.partitions
  w.int32Array(a_partitions)
}

export function decodeConsumerProtocolAssignment(r, v) {
  checkDecodable(r.position, v, 0, 3)
  r.flexible = false
  let assignedPartitions
  const n_assignedPartitions = r.arrayLength(6)
  assignedPartitions = []
  for (let i = 0; i < n_assignedPartitions; i++) assignedPartitions.push(readConsumerProtocolAssignmentTopicPartition(r, v))
  const userData = r.nullableBytes()
  return { assignedPartitions, userData }
}

export function encodeConsumerProtocolAssignment(w, v, x) {
  checkEncodable("ConsumerProtocolAssignment", v, 0, 3)
  w.flexible = false
  const a_assignedPartitions = x.assignedPartitions
  w.arrayLength(a_assignedPartitions.length)
  for (let i = 0; i < a_assignedPartitions.length; i++) writeConsumerProtocolAssignmentTopicPartition(w, v, a_assignedPartitions[i])
  w.nullableBytes(x.userData ?? null)
}

export function decodeOffsetCommitKey(r, v) {
  checkDecodable(r.position, v, 0, 1)
  r.flexible = false
  const group = r.string()
  const topic = r.string()
  const partition = r.int32()
  return { group, topic, partition }
}

export function encodeOffsetCommitKey(w, v, x) {
  checkEncodable("OffsetCommitKey", v, 0, 1)
  w.flexible = false
  w.string(x.group)
  w.string(x.topic)
  w.int32(x.partition)
}

export function decodeOffsetCommitValue(r, v) {
  checkDecodable(r.position, v, 0, 4)
  r.flexible = v >= 4
  const offset = r.int64()
  const leaderEpoch = v >= 3 ? r.int32() : -1
  const metadata = r.string()
  const commitTimestamp = r.int64()
  const expireTimestamp = v === 1 ? r.int64() : -1
  let topicId = zeroUuid
  if (v >= 4) {
    for (let n = r.tagCount(); n > 0; n--) {
      const tag = r.uvarint()
      if (tag === 0) {
        const outerEnd = r.beginTag()
        topicId = r.uuid()
        r.endTag(outerEnd)
      } else r.skipTag()
    }
  }
  return { offset, leaderEpoch, metadata, commitTimestamp, expireTimestamp, topicId }
}

export function encodeOffsetCommitValue(w, v, x) {
  checkEncodable("OffsetCommitValue", v, 0, 4)
  w.flexible = v >= 4
  w.int64(x.offset)
  if (v >= 3) {
    w.int32(x.leaderEpoch ?? -1)
  }
  w.string(x.metadata)
  w.int64(x.commitTimestamp)
  if (v === 1) {
    w.int64(x.expireTimestamp ?? -1)
  }
  if (v >= 4) {
    const t_topicId = x.topicId !== undefined && (x.topicId !== zeroUuid)
    w.uvarint((t_topicId ? 1 : 0))
    if (t_topicId) {
      const mark = w.beginTag(0)
      w.uuid(x.topicId ?? zeroUuid)
      w.endTag(mark)
    }
  }
}

export function decodeGroupMetadataKey(r, v) {
  checkDecodable(r.position, v, 2, 2)
  r.flexible = false
  const group = r.string()
  return { group }
}

export function encodeGroupMetadataKey(w, v, x) {
  checkEncodable("GroupMetadataKey", v, 2, 2)
  w.flexible = false
  w.string(x.group)
}

function readGroupMetadataValueMember(r, v) {
  const memberId = r.string()
  const groupInstanceId = v >= 3 ? r.nullableString() : null
  const clientId = r.string()
  const clientHost = r.string()
  const rebalanceTimeout = v >= 1 ? r.int32() : -1
  const sessionTimeout = r.int32()
  const subscription = r.bytes()
  const assignment = r.bytes()
  if (v >= 4) r.skipTags()
  return { memberId, groupInstanceId, clientId, clientHost, rebalanceTimeout, sessionTimeout, subscription, assignment }
}

function writeGroupMetadataValueMember(w, v, x) {
  w.string(x.memberId)
  if (v >= 3) {
    w.nullableString(x.groupInstanceId ?? null)
  }
  w.string(x.clientId)
  w.string(x.clientHost)
  if (v >= 1) {
    w.int32(x.rebalanceTimeout ?? -1)
  }
  w.int32(x.sessionTimeout)
  w.bytes(x.subscription)
  w.bytes(x.assignment)
  if (v >= 4) w.uvarint(0)
}

export function decodeGroupMetadataValue(r, v) {
  checkDecodable(r.position, v, 0, 4)
  r.flexible = v >= 4
  const protocolType = r.string()
  const generation = r.int32()
  const protocol = r.nullableString()
  const leader = r.nullableString()
  const currentStateTimestamp = v >= 2 ? r.int64() : -1
  let members
  const n_members = r.arrayLength(v >= 4 ? 15 : v >= 3 ? 24 : v >= 1 ? 22 : 18)
  members = []
  for (let i = 0; i < n_members; i++) members.push(readGroupMetadataValueMember(r, v))
  if (v >= 4) r.skipTags()
  return { protocolType, generation, protocol, leader, currentStateTimestamp, members }
}

export function encodeGroupMetadataValue(w, v, x) {
  checkEncodable("GroupMetadataValue", v, 0, 4)
  w.flexible = v >= 4
  w.string(x.protocolType)
  w.int32(x.generation)
  w.nullableString(x.protocol)
  w.nullableString(x.leader)
  if (v >= 2) {
    w.int64(x.currentStateTimestamp ?? -1)
  }
  const a_members = x.members
  w.arrayLength(a_members.length)
  for (let i = 0; i < a_members.length; i++) writeGroupMetadataValueMember(w, v, a_members[i])
  if (v >= 4) w.uvarint(0)
}

function readRegisterBrokerRecordEndPoint(r, v) {
  const name = r.string()
  const host = r.string()
  const port = r.uint16()
  const securityProtocol = r.int16()
  r.skipTags()
  return { name, host, port, securityProtocol }
}

function writeRegisterBrokerRecordEndPoint(w, v, x) {
  w.string(x.name)
  w.string(x.host)
  w.uint16(x.port)
  w.int16(x.securityProtocol)
  w.uvarint(0)
}

function readRegisterBrokerRecordFeature(r, v) {
  const name = r.string()
  const minSupportedVersion = r.int16()
  const maxSupportedVersion = r.int16()
  r.skipTags()
  return { name, minSupportedVersion, maxSupportedVersion }
}

function writeRegisterBrokerRecordFeature(w, v, x) {
  w.string(x.name)
  w.int16(x.minSupportedVersion)
  w.int16(x.maxSupportedVersion)
  w.uvarint(0)
}

export function decodeRegisterBrokerRecord(r, v) {
  checkDecodable(r.position, v, 0, 4)
  r.flexible = true
  const brokerId = r.int32()
  const isMigratingZkBroker = v >= 2 ? r.boolean() : false
  const incarnationId = r.uuid()
  const brokerEpoch = r.int64()
  let endPoints
  const n_endPoints = r.arrayLength(7)
  endPoints = []
  for (let i = 0; i < n_endPoints; i++) endPoints.push(readRegisterBrokerRecordEndPoint(r, v))
  let features
  const n_features = r.arrayLength(6)
  features = []
  for (let i = 0; i < n_features; i++) features.push(readRegisterBrokerRecordFeature(r, v))
  const rack = r.nullableString()
  const fenced = r.boolean()
  const inControlledShutdown = v >= 1 ? r.boolean() : false
  let logDirs = []
  let cordonedLogDirs = null
  for (let n = r.tagCount(); n > 0; n--) {
    const tag = r.uvarint()
    if (tag === 0 && v >= 3) {
      const outerEnd = r.beginTag()
      const n_logDirs = r.arrayLength(16)
      logDirs = r.uuidArray(n_logDirs)
      r.endTag(outerEnd)
    } else if (tag === 1 && v >= 4) {
      const outerEnd = r.beginTag()
      const n_cordonedLogDirs = r.nullableArrayLength(16)
      if (n_cordonedLogDirs < 0) cordonedLogDirs = null
      else {
        cordonedLogDirs = r.uuidArray(n_cordonedLogDirs)
      }
      r.endTag(outerEnd)
    } else r.skipTag()
  }
  return { brokerId, isMigratingZkBroker, incarnationId, brokerEpoch, endPoints, features, rack, fenced, inControlledShutdown, logDirs, cordonedLogDirs }
}

export function encodeRegisterBrokerRecord(w, v, x) {
  checkEncodable("RegisterBrokerRecord", v, 0, 4)
  w.flexible = true
  w.int32(x.brokerId)
  if (v >= 2) {
    w.boolean(x.isMigratingZkBroker ?? false)
  } else {
    if (x.isMigratingZkBroker !== undefined && x.isMigratingZkBroker !== false) unsupportedField("RegisterBrokerRecord.isMigratingZkBroker", v, x.isMigratingZkBroker)
  }
  w.uuid(x.incarnationId)
  w.int64(x.brokerEpoch)
  const a_endPoints = x.endPoints
  w.arrayLength(a_endPoints.length)
  for (let i = 0; i < a_endPoints.length; i++) writeRegisterBrokerRecordEndPoint(w, v, a_endPoints[i])
  const a_features = x.features
  w.arrayLength(a_features.length)
  for (let i = 0; i < a_features.length; i++) writeRegisterBrokerRecordFeature(w, v, a_features[i])
  w.nullableString(x.rack)
  w.boolean(x.fenced ?? true)
  if (v >= 1) {
    w.boolean(x.inControlledShutdown ?? false)
  } else {
    if (x.inControlledShutdown !== undefined && x.inControlledShutdown !== false) unsupportedField("RegisterBrokerRecord.inControlledShutdown", v, x.inControlledShutdown)
  }
  if (!(v >= 3)) {
    if (x.logDirs !== undefined && x.logDirs.length !== 0) unsupportedField("RegisterBrokerRecord.logDirs", v, x.logDirs)
  }
  if (!(v >= 4)) {
    if (x.cordonedLogDirs !== undefined && x.cordonedLogDirs !== null) unsupportedField("RegisterBrokerRecord.cordonedLogDirs", v, x.cordonedLogDirs)
  }
  const t_logDirs = v >= 3 && x.logDirs !== undefined && (x.logDirs.length !== 0)
  const t_cordonedLogDirs = v >= 4 && x.cordonedLogDirs !== undefined && (x.cordonedLogDirs !== null)
  w.uvarint((t_logDirs ? 1 : 0) + (t_cordonedLogDirs ? 1 : 0))
  if (t_logDirs) {
    const mark = w.beginTag(0)
    const a_logDirs = x.logDirs ?? []
    w.uuidArray(a_logDirs)
    w.endTag(mark)
  }
  if (t_cordonedLogDirs) {
    const mark = w.beginTag(1)
    const a_cordonedLogDirs = x.cordonedLogDirs ?? null
    if (a_cordonedLogDirs === null) {
      w.nullArray()
    } else {
      w.uuidArray(a_cordonedLogDirs)
    }
    w.endTag(mark)
  }
}

export function decodeUnregisterBrokerRecord(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  const brokerId = r.int32()
  const brokerEpoch = r.int64()
  r.skipTags()
  return { brokerId, brokerEpoch }
}

export function encodeUnregisterBrokerRecord(w, v, x) {
  checkEncodable("UnregisterBrokerRecord", v, 0, 0)
  w.flexible = true
  w.int32(x.brokerId)
  w.int64(x.brokerEpoch)
  w.uvarint(0)
}

export function decodeTopicRecord(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  const name = r.string()
  const topicId = r.uuid()
  r.skipTags()
  return { name, topicId }
}

export function encodeTopicRecord(w, v, x) {
  checkEncodable("TopicRecord", v, 0, 0)
  w.flexible = true
  w.string(x.name)
  w.uuid(x.topicId)
  w.uvarint(0)
}

export function decodePartitionRecord(r, v) {
  checkDecodable(r.position, v, 0, 2)
  r.flexible = true
  const partitionId = r.int32()
  const topicId = r.uuid()
  const replicas = r.int32Array(r.arrayLength(4))
  const isr = r.int32Array(r.arrayLength(4))
  const removingReplicas = r.int32Array(r.arrayLength(4))
  const addingReplicas = r.int32Array(r.arrayLength(4))
  const leader = r.int32()
  let leaderRecoveryState = 0
  const leaderEpoch = r.int32()
  const partitionEpoch = r.int32()
  const directories = v >= 1 ? r.uuidArray(r.arrayLength(16)) : []
  let eligibleLeaderReplicas = null
  let lastKnownElr = null
  for (let n = r.tagCount(); n > 0; n--) {
    const tag = r.uvarint()
    if (tag === 0) {
      const outerEnd = r.beginTag()
      leaderRecoveryState = r.int8()
      r.endTag(outerEnd)
    } else if (tag === 1 && v >= 2) {
      const outerEnd = r.beginTag()
      const n_eligibleLeaderReplicas = r.nullableArrayLength(4)
      if (n_eligibleLeaderReplicas < 0) eligibleLeaderReplicas = null
      else {
        eligibleLeaderReplicas = r.int32Array(n_eligibleLeaderReplicas)
      }
      r.endTag(outerEnd)
    } else if (tag === 2 && v >= 2) {
      const outerEnd = r.beginTag()
      const n_lastKnownElr = r.nullableArrayLength(4)
      if (n_lastKnownElr < 0) lastKnownElr = null
      else {
        lastKnownElr = r.int32Array(n_lastKnownElr)
      }
      r.endTag(outerEnd)
    } else r.skipTag()
  }
  return { partitionId, topicId, replicas, isr, removingReplicas, addingReplicas, leader, leaderRecoveryState, leaderEpoch, partitionEpoch, directories, eligibleLeaderReplicas, lastKnownElr }
}

export function encodePartitionRecord(w, v, x) {
  checkEncodable("PartitionRecord", v, 0, 2)
  w.flexible = true
  w.int32(x.partitionId ?? -1)
  w.uuid(x.topicId)
  const a_replicas = x.replicas
  w.int32Array(a_replicas)
  const a_isr = x.isr
  w.int32Array(a_isr)
  const a_removingReplicas = x.removingReplicas
  w.int32Array(a_removingReplicas)
  const a_addingReplicas = x.addingReplicas
  w.int32Array(a_addingReplicas)
  w.int32(x.leader ?? -1)
  w.int32(x.leaderEpoch ?? -1)
  w.int32(x.partitionEpoch ?? -1)
  if (v >= 1) {
    const a_directories = x.directories ?? []
    w.uuidArray(a_directories)
  } else {
    if (x.directories !== undefined && x.directories.length !== 0) unsupportedField("PartitionRecord.directories", v, x.directories)
  }
  if (!(v >= 2)) {
    if (x.eligibleLeaderReplicas !== undefined && x.eligibleLeaderReplicas !== null) unsupportedField("PartitionRecord.eligibleLeaderReplicas", v, x.eligibleLeaderReplicas)
  }
  if (!(v >= 2)) {
    if (x.lastKnownElr !== undefined && x.lastKnownElr !== null) unsupportedField("PartitionRecord.lastKnownElr", v, x.lastKnownElr)
  }
  const t_leaderRecoveryState = x.leaderRecoveryState !== undefined && (x.leaderRecoveryState !== 0)
  const t_eligibleLeaderReplicas = v >= 2 && x.eligibleLeaderReplicas !== undefined && (x.eligibleLeaderReplicas !== null)
  const t_lastKnownElr = v >= 2 && x.lastKnownElr !== undefined && (x.lastKnownElr !== null)
  w.uvarint((t_leaderRecoveryState ? 1 : 0) + (t_eligibleLeaderReplicas ? 1 : 0) + (t_lastKnownElr ? 1 : 0))
  if (t_leaderRecoveryState) {
    const mark = w.beginTag(0)
    w.int8(x.leaderRecoveryState ?? 0)
    w.endTag(mark)
  }
  if (t_eligibleLeaderReplicas) {
    const mark = w.beginTag(1)
    const a_eligibleLeaderReplicas = x.eligibleLeaderReplicas ?? null
    if (a_eligibleLeaderReplicas === null) {
      w.nullArray()
    } else {
      w.int32Array(a_eligibleLeaderReplicas)
    }
    w.endTag(mark)
  }
  if (t_lastKnownElr) {
    const mark = w.beginTag(2)
    const a_lastKnownElr = x.lastKnownElr ?? null
    if (a_lastKnownElr === null) {
      w.nullArray()
    } else {
      w.int32Array(a_lastKnownElr)
    }
    w.endTag(mark)
  }
}

export function decodeConfigRecord(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  const resourceType = r.int8()
  const resourceName = r.string()
  const name = r.string()
  const value = r.nullableString()
  r.skipTags()
  return { resourceType, resourceName, name, value }
}

export function encodeConfigRecord(w, v, x) {
  checkEncodable("ConfigRecord", v, 0, 0)
  w.flexible = true
  w.int8(x.resourceType)
  w.string(x.resourceName)
  w.string(x.name)
  w.nullableString(x.value)
  w.uvarint(0)
}

export function decodePartitionChangeRecord(r, v) {
  checkDecodable(r.position, v, 0, 2)
  r.flexible = true
  const partitionId = r.int32()
  const topicId = r.uuid()
  let isr = null
  let leader = -2
  let replicas = null
  let removingReplicas = null
  let addingReplicas = null
  let leaderRecoveryState = -1
  let directories = null
  let eligibleLeaderReplicas = null
  let lastKnownElr = null
  for (let n = r.tagCount(); n > 0; n--) {
    const tag = r.uvarint()
    if (tag === 0) {
      const outerEnd = r.beginTag()
      const n_isr = r.nullableArrayLength(4)
      if (n_isr < 0) isr = null
      else {
        isr = r.int32Array(n_isr)
      }
      r.endTag(outerEnd)
    } else if (tag === 1) {
      const outerEnd = r.beginTag()
      leader = r.int32()
      r.endTag(outerEnd)
    } else if (tag === 2) {
      const outerEnd = r.beginTag()
      const n_replicas = r.nullableArrayLength(4)
      if (n_replicas < 0) replicas = null
      else {
        replicas = r.int32Array(n_replicas)
      }
      r.endTag(outerEnd)
    } else if (tag === 3) {
      const outerEnd = r.beginTag()
      const n_removingReplicas = r.nullableArrayLength(4)
      if (n_removingReplicas < 0) removingReplicas = null
      else {
        removingReplicas = r.int32Array(n_removingReplicas)
      }
      r.endTag(outerEnd)
    } else if (tag === 4) {
      const outerEnd = r.beginTag()
      const n_addingReplicas = r.nullableArrayLength(4)
      if (n_addingReplicas < 0) addingReplicas = null
      else {
        addingReplicas = r.int32Array(n_addingReplicas)
      }
      r.endTag(outerEnd)
    } else if (tag === 5) {
      const outerEnd = r.beginTag()
      leaderRecoveryState = r.int8()
      r.endTag(outerEnd)
    } else if (tag === 8 && v >= 1) {
      const outerEnd = r.beginTag()
      const n_directories = r.nullableArrayLength(16)
      if (n_directories < 0) directories = null
      else {
        directories = r.uuidArray(n_directories)
      }
      r.endTag(outerEnd)
    } else if (tag === 6 && v >= 2) {
      const outerEnd = r.beginTag()
      const n_eligibleLeaderReplicas = r.nullableArrayLength(4)
      if (n_eligibleLeaderReplicas < 0) eligibleLeaderReplicas = null
      else {
        eligibleLeaderReplicas = r.int32Array(n_eligibleLeaderReplicas)
      }
      r.endTag(outerEnd)
    } else if (tag === 7 && v >= 2) {
      const outerEnd = r.beginTag()
      const n_lastKnownElr = r.nullableArrayLength(4)
      if (n_lastKnownElr < 0) lastKnownElr = null
      else {
        lastKnownElr = r.int32Array(n_lastKnownElr)
      }
      r.endTag(outerEnd)
    } else r.skipTag()
  }
  return { partitionId, topicId, isr, leader, replicas, removingReplicas, addingReplicas, leaderRecoveryState, directories, eligibleLeaderReplicas, lastKnownElr }
}

export function encodePartitionChangeRecord(w, v, x) {
  checkEncodable("PartitionChangeRecord", v, 0, 2)
  w.flexible = true
  w.int32(x.partitionId ?? -1)
  w.uuid(x.topicId)
  if (!(v >= 1)) {
    if (x.directories !== undefined && x.directories !== null) unsupportedField("PartitionChangeRecord.directories", v, x.directories)
  }
  if (!(v >= 2)) {
    if (x.eligibleLeaderReplicas !== undefined && x.eligibleLeaderReplicas !== null) unsupportedField("PartitionChangeRecord.eligibleLeaderReplicas", v, x.eligibleLeaderReplicas)
  }
  if (!(v >= 2)) {
    if (x.lastKnownElr !== undefined && x.lastKnownElr !== null) unsupportedField("PartitionChangeRecord.lastKnownElr", v, x.lastKnownElr)
  }
  const t_isr = x.isr !== undefined && (x.isr !== null)
  const t_leader = x.leader !== undefined && (x.leader !== -2)
  const t_replicas = x.replicas !== undefined && (x.replicas !== null)
  const t_removingReplicas = x.removingReplicas !== undefined && (x.removingReplicas !== null)
  const t_addingReplicas = x.addingReplicas !== undefined && (x.addingReplicas !== null)
  const t_leaderRecoveryState = x.leaderRecoveryState !== undefined && (x.leaderRecoveryState !== -1)
  const t_eligibleLeaderReplicas = v >= 2 && x.eligibleLeaderReplicas !== undefined && (x.eligibleLeaderReplicas !== null)
  const t_lastKnownElr = v >= 2 && x.lastKnownElr !== undefined && (x.lastKnownElr !== null)
  const t_directories = v >= 1 && x.directories !== undefined && (x.directories !== null)
  w.uvarint((t_isr ? 1 : 0) + (t_leader ? 1 : 0) + (t_replicas ? 1 : 0) + (t_removingReplicas ? 1 : 0) + (t_addingReplicas ? 1 : 0) + (t_leaderRecoveryState ? 1 : 0) + (t_eligibleLeaderReplicas ? 1 : 0) + (t_lastKnownElr ? 1 : 0) + (t_directories ? 1 : 0))
  if (t_isr) {
    const mark = w.beginTag(0)
    const a_isr = x.isr ?? null
    if (a_isr === null) {
      w.nullArray()
    } else {
      w.int32Array(a_isr)
    }
    w.endTag(mark)
  }
  if (t_leader) {
    const mark = w.beginTag(1)
    w.int32(x.leader ?? -2)
    w.endTag(mark)
  }
  if (t_replicas) {
    const mark = w.beginTag(2)
    const a_replicas = x.replicas ?? null
    if (a_replicas === null) {
      w.nullArray()
    } else {
      w.int32Array(a_replicas)
    }
    w.endTag(mark)
  }
  if (t_removingReplicas) {
    const mark = w.beginTag(3)
    const a_removingReplicas = x.removingReplicas ?? null
    if (a_removingReplicas === null) {
      w.nullArray()
    } else {
      w.int32Array(a_removingReplicas)
    }
    w.endTag(mark)
  }
  if (t_addingReplicas) {
    const mark = w.beginTag(4)
    const a_addingReplicas = x.addingReplicas ?? null
    if (a_addingReplicas === null) {
      w.nullArray()
    } else {
      w.int32Array(a_addingReplicas)
    }
    w.endTag(mark)
  }
  if (t_leaderRecoveryState) {
    const mark = w.beginTag(5)
    w.int8(x.leaderRecoveryState ?? -1)
    w.endTag(mark)
  }
  if (t_eligibleLeaderReplicas) {
    const mark = w.beginTag(6)
    const a_eligibleLeaderReplicas = x.eligibleLeaderReplicas ?? null
    if (a_eligibleLeaderReplicas === null) {
      w.nullArray()
    } else {
      w.int32Array(a_eligibleLeaderReplicas)
    }
    w.endTag(mark)
  }
  if (t_lastKnownElr) {
    const mark = w.beginTag(7)
    const a_lastKnownElr = x.lastKnownElr ?? null
    if (a_lastKnownElr === null) {
      w.nullArray()
    } else {
      w.int32Array(a_lastKnownElr)
    }
    w.endTag(mark)
  }
  if (t_directories) {
    const mark = w.beginTag(8)
    const a_directories = x.directories ?? null
    if (a_directories === null) {
      w.nullArray()
    } else {
      w.uuidArray(a_directories)
    }
    w.endTag(mark)
  }
}

export function decodeFenceBrokerRecord(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  const id = r.int32()
  const epoch = r.int64()
  r.skipTags()
  return { id, epoch }
}

export function encodeFenceBrokerRecord(w, v, x) {
  checkEncodable("FenceBrokerRecord", v, 0, 0)
  w.flexible = true
  w.int32(x.id)
  w.int64(x.epoch)
  w.uvarint(0)
}

export function decodeUnfenceBrokerRecord(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  const id = r.int32()
  const epoch = r.int64()
  r.skipTags()
  return { id, epoch }
}

export function encodeUnfenceBrokerRecord(w, v, x) {
  checkEncodable("UnfenceBrokerRecord", v, 0, 0)
  w.flexible = true
  w.int32(x.id)
  w.int64(x.epoch)
  w.uvarint(0)
}

export function decodeRemoveTopicRecord(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  const topicId = r.uuid()
  r.skipTags()
  return { topicId }
}

export function encodeRemoveTopicRecord(w, v, x) {
  checkEncodable("RemoveTopicRecord", v, 0, 0)
  w.flexible = true
  w.uuid(x.topicId)
  w.uvarint(0)
}

export function decodeFeatureLevelRecord(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  const name = r.string()
  const featureLevel = r.int16()
  r.skipTags()
  return { name, featureLevel }
}

export function encodeFeatureLevelRecord(w, v, x) {
  checkEncodable("FeatureLevelRecord", v, 0, 0)
  w.flexible = true
  w.string(x.name)
  w.int16(x.featureLevel)
  w.uvarint(0)
}

export function decodeProducerIdsRecord(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  const brokerId = r.int32()
  const brokerEpoch = r.int64()
  const nextProducerId = r.int64()
  r.skipTags()
  return { brokerId, brokerEpoch, nextProducerId }
}

export function encodeProducerIdsRecord(w, v, x) {
  checkEncodable("ProducerIdsRecord", v, 0, 0)
  w.flexible = true
  w.int32(x.brokerId)
  w.int64(x.brokerEpoch ?? -1)
  w.int64(x.nextProducerId)
  w.uvarint(0)
}

export function decodeBrokerRegistrationChangeRecord(r, v) {
  checkDecodable(r.position, v, 0, 3)
  r.flexible = true
  const brokerId = r.int32()
  const brokerEpoch = r.int64()
  let fenced = 0
  let inControlledShutdown = 0
  let logDirs = []
  let cordonedLogDirs = null
  for (let n = r.tagCount(); n > 0; n--) {
    const tag = r.uvarint()
    if (tag === 0) {
      const outerEnd = r.beginTag()
      fenced = r.int8()
      r.endTag(outerEnd)
    } else if (tag === 1 && v >= 1) {
      const outerEnd = r.beginTag()
      inControlledShutdown = r.int8()
      r.endTag(outerEnd)
    } else if (tag === 2 && v >= 2) {
      const outerEnd = r.beginTag()
      const n_logDirs = r.arrayLength(16)
      logDirs = r.uuidArray(n_logDirs)
      r.endTag(outerEnd)
    } else if (tag === 3 && v >= 3) {
      const outerEnd = r.beginTag()
      const n_cordonedLogDirs = r.nullableArrayLength(16)
      if (n_cordonedLogDirs < 0) cordonedLogDirs = null
      else {
        cordonedLogDirs = r.uuidArray(n_cordonedLogDirs)
      }
      r.endTag(outerEnd)
    } else r.skipTag()
  }
  return { brokerId, brokerEpoch, fenced, inControlledShutdown, logDirs, cordonedLogDirs }
}

export function encodeBrokerRegistrationChangeRecord(w, v, x) {
  checkEncodable("BrokerRegistrationChangeRecord", v, 0, 3)
  w.flexible = true
  w.int32(x.brokerId)
  w.int64(x.brokerEpoch)
  if (!(v >= 1)) {
    if (x.inControlledShutdown !== undefined && x.inControlledShutdown !== 0) unsupportedField("BrokerRegistrationChangeRecord.inControlledShutdown", v, x.inControlledShutdown)
  }
  if (!(v >= 2)) {
    if (x.logDirs !== undefined && x.logDirs.length !== 0) unsupportedField("BrokerRegistrationChangeRecord.logDirs", v, x.logDirs)
  }
  if (!(v >= 3)) {
    if (x.cordonedLogDirs !== undefined && x.cordonedLogDirs !== null) unsupportedField("BrokerRegistrationChangeRecord.cordonedLogDirs", v, x.cordonedLogDirs)
  }
  const t_fenced = x.fenced !== undefined && (x.fenced !== 0)
  const t_inControlledShutdown = v >= 1 && x.inControlledShutdown !== undefined && (x.inControlledShutdown !== 0)
  const t_logDirs = v >= 2 && x.logDirs !== undefined && (x.logDirs.length !== 0)
  const t_cordonedLogDirs = v >= 3 && x.cordonedLogDirs !== undefined && (x.cordonedLogDirs !== null)
  w.uvarint((t_fenced ? 1 : 0) + (t_inControlledShutdown ? 1 : 0) + (t_logDirs ? 1 : 0) + (t_cordonedLogDirs ? 1 : 0))
  if (t_fenced) {
    const mark = w.beginTag(0)
    w.int8(x.fenced ?? 0)
    w.endTag(mark)
  }
  if (t_inControlledShutdown) {
    const mark = w.beginTag(1)
    w.int8(x.inControlledShutdown ?? 0)
    w.endTag(mark)
  }
  if (t_logDirs) {
    const mark = w.beginTag(2)
    const a_logDirs = x.logDirs ?? []
    w.uuidArray(a_logDirs)
    w.endTag(mark)
  }
  if (t_cordonedLogDirs) {
    const mark = w.beginTag(3)
    const a_cordonedLogDirs = x.cordonedLogDirs ?? null
    if (a_cordonedLogDirs === null) {
      w.nullArray()
    } else {
      w.uuidArray(a_cordonedLogDirs)
    }
    w.endTag(mark)
  }
}

export function decodeNoOpRecord(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  r.skipTags()
  return {}
}

export function encodeNoOpRecord(w, v, x) {
  checkEncodable("NoOpRecord", v, 0, 0)
  w.flexible = true
  w.uvarint(0)
}

export function decodeClearElrRecord(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  const topicName = r.string()
  r.skipTags()
  return { topicName }
}

export function encodeClearElrRecord(w, v, x) {
  checkEncodable("ClearElrRecord", v, 0, 0)
  w.flexible = true
  w.string(x.topicName)
  w.uvarint(0)
}

export const metadataRecordRows = [
  { key: 0, type: "RegisterBrokerRecord", versionMax: 4, decode: decodeRegisterBrokerRecord, encode: encodeRegisterBrokerRecord },
  { key: 1, type: "UnregisterBrokerRecord", versionMax: 0, decode: decodeUnregisterBrokerRecord, encode: encodeUnregisterBrokerRecord },
  { key: 2, type: "TopicRecord", versionMax: 0, decode: decodeTopicRecord, encode: encodeTopicRecord },
  { key: 3, type: "PartitionRecord", versionMax: 2, decode: decodePartitionRecord, encode: encodePartitionRecord },
  { key: 4, type: "ConfigRecord", versionMax: 0, decode: decodeConfigRecord, encode: encodeConfigRecord },
  { key: 5, type: "PartitionChangeRecord", versionMax: 2, decode: decodePartitionChangeRecord, encode: encodePartitionChangeRecord },
  { key: 7, type: "FenceBrokerRecord", versionMax: 0, decode: decodeFenceBrokerRecord, encode: encodeFenceBrokerRecord },
  { key: 8, type: "UnfenceBrokerRecord", versionMax: 0, decode: decodeUnfenceBrokerRecord, encode: encodeUnfenceBrokerRecord },
  { key: 9, type: "RemoveTopicRecord", versionMax: 0, decode: decodeRemoveTopicRecord, encode: encodeRemoveTopicRecord },
  { key: 12, type: "FeatureLevelRecord", versionMax: 0, decode: decodeFeatureLevelRecord, encode: encodeFeatureLevelRecord },
  { key: 15, type: "ProducerIdsRecord", versionMax: 0, decode: decodeProducerIdsRecord, encode: encodeProducerIdsRecord },
  { key: 17, type: "BrokerRegistrationChangeRecord", versionMax: 3, decode: decodeBrokerRegistrationChangeRecord, encode: encodeBrokerRegistrationChangeRecord },
  { key: 20, type: "NoOpRecord", versionMax: 0, decode: decodeNoOpRecord, encode: encodeNoOpRecord },
  { key: 28, type: "ClearElrRecord", versionMax: 0, decode: decodeClearElrRecord, encode: encodeClearElrRecord },
]
