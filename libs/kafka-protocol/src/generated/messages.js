// Generated from definitions/ by `npm run generate`. Do not edit.
import { checkDecodable, checkEncodable, noBytes, unsupportedField, unsupportedNull, zeroUuid } from "../internal/codec.ts"

function readProduceRequestPartition(r, v) {
  const index = r.int32()
  const records = r.nullableBytes()
  if (v >= 9) r.skipTags()
  return { index, records }
}

function writeProduceRequestPartition(w, v, x) {
  w.int32(x.index)
  w.nullableRecords(x.records)
  if (v >= 9) w.uvarint(0)
}

function readProduceRequestTopic(r, v) {
  const name = v <= 12 ? r.string() : ""
  const topicId = v >= 13 ? r.uuid() : zeroUuid
  let partitionData
  const n_partitionData = r.arrayLength(v >= 9 ? 6 : 8)
  partitionData = []
  for (let i = 0; i < n_partitionData; i++) partitionData.push(readProduceRequestPartition(r, v))
  if (v >= 9) r.skipTags()
  return { name, topicId, partitionData }
}

function writeProduceRequestTopic(w, v, x) {
  if (v <= 12) {
    w.string(x.name ?? "")
  }
  if (v >= 13) {
    w.uuid(x.topicId ?? zeroUuid)
  }
  const a_partitionData = x.partitionData
  w.arrayLength(a_partitionData.length)
  for (let i = 0; i < a_partitionData.length; i++) writeProduceRequestPartition(w, v, a_partitionData[i])
  if (v >= 9) w.uvarint(0)
}

export function decodeProduceRequest(r, v) {
  checkDecodable(r.position, v, 0, 13)
  r.flexible = v >= 9
  const transactionalId = v >= 3 ? r.nullableString() : null
  const acks = r.int16()
  const timeoutMs = r.int32()
  let topicData
  const n_topicData = r.arrayLength(v >= 13 ? 18 : v >= 9 ? 3 : 6)
  topicData = []
  for (let i = 0; i < n_topicData; i++) topicData.push(readProduceRequestTopic(r, v))
  if (v >= 9) r.skipTags()
  return { transactionalId, acks, timeoutMs, topicData }
}

export function encodeProduceRequest(w, v, x) {
  checkEncodable("ProduceRequest", v, 0, 13)
  w.flexible = v >= 9
  if (v >= 3) {
    w.nullableString(x.transactionalId ?? null)
  } else {
    if (x.transactionalId !== undefined && x.transactionalId !== null) unsupportedField("ProduceRequest.transactionalId", v, x.transactionalId)
  }
  w.int16(x.acks)
  w.int32(x.timeoutMs)
  const a_topicData = x.topicData
  w.arrayLength(a_topicData.length)
  for (let i = 0; i < a_topicData.length; i++) writeProduceRequestTopic(w, v, a_topicData[i])
  if (v >= 9) w.uvarint(0)
}

function readProduceResponseRecordError(r, v) {
  const batchIndex = r.int32()
  const batchIndexErrorMessage = r.nullableString()
  if (v >= 9) r.skipTags()
  return { batchIndex, batchIndexErrorMessage }
}

function writeProduceResponseRecordError(w, v, x) {
  w.int32(x.batchIndex)
  w.nullableString(x.batchIndexErrorMessage ?? null)
  if (v >= 9) w.uvarint(0)
}

function readProduceResponseLeaderIdAndEpoch(r, v) {
  const leaderId = r.int32()
  const leaderEpoch = r.int32()
  r.skipTags()
  return { leaderId, leaderEpoch }
}

function writeProduceResponseLeaderIdAndEpoch(w, v, x) {
  w.int32(x.leaderId ?? -1)
  w.int32(x.leaderEpoch ?? -1)
  w.uvarint(0)
}

function readProduceResponsePartition(r, v) {
  const index = r.int32()
  const errorCode = r.int16()
  const baseOffset = r.int64()
  const logAppendTimeMs = v >= 2 ? r.int64() : -1
  const logStartOffset = v >= 5 ? r.int64() : -1
  let recordErrors = []
  if (v >= 8) {
    const n_recordErrors = r.arrayLength(6)
    recordErrors = []
    for (let i = 0; i < n_recordErrors; i++) recordErrors.push(readProduceResponseRecordError(r, v))
  }
  const errorMessage = v >= 8 ? r.nullableString() : null
  let currentLeader = { leaderId: -1, leaderEpoch: -1 }
  if (v >= 9) {
    for (let n = r.tagCount(); n > 0; n--) {
      const tag = r.uvarint()
      if (tag === 0 && v >= 10) {
        const outerEnd = r.beginTag()
        currentLeader = readProduceResponseLeaderIdAndEpoch(r, v)
        r.endTag(outerEnd)
      } else r.skipTag()
    }
  }
  return { index, errorCode, baseOffset, logAppendTimeMs, logStartOffset, recordErrors, errorMessage, currentLeader }
}

function writeProduceResponsePartition(w, v, x) {
  w.int32(x.index)
  w.int16(x.errorCode)
  w.int64(x.baseOffset)
  if (v >= 2) {
    w.int64(x.logAppendTimeMs ?? -1)
  }
  if (v >= 5) {
    w.int64(x.logStartOffset ?? -1)
  }
  if (v >= 8) {
    const a_recordErrors = x.recordErrors ?? []
    w.arrayLength(a_recordErrors.length)
    for (let i = 0; i < a_recordErrors.length; i++) writeProduceResponseRecordError(w, v, a_recordErrors[i])
  }
  if (v >= 8) {
    w.nullableString(x.errorMessage ?? null)
  }
  if (!(v >= 10)) {
    if (x.currentLeader !== undefined && ((x.currentLeader.leaderId !== undefined && x.currentLeader.leaderId !== -1) || (x.currentLeader.leaderEpoch !== undefined && x.currentLeader.leaderEpoch !== -1))) unsupportedField("ProduceResponsePartition.currentLeader", v, x.currentLeader)
  }
  if (v >= 9) {
    const t_currentLeader = v >= 10 && x.currentLeader !== undefined && ((x.currentLeader.leaderId !== undefined && x.currentLeader.leaderId !== -1) || (x.currentLeader.leaderEpoch !== undefined && x.currentLeader.leaderEpoch !== -1))
    w.uvarint((t_currentLeader ? 1 : 0))
    if (t_currentLeader) {
      const mark = w.beginTag(0)
      writeProduceResponseLeaderIdAndEpoch(w, v, x.currentLeader ?? { leaderId: -1, leaderEpoch: -1 })
      w.endTag(mark)
    }
  }
}

function readProduceResponseTopic(r, v) {
  const name = v <= 12 ? r.string() : ""
  const topicId = v >= 13 ? r.uuid() : zeroUuid
  let partitionResponses
  const n_partitionResponses = r.arrayLength(v >= 9 ? 33 : v >= 8 ? 36 : v >= 5 ? 30 : v >= 2 ? 22 : 14)
  partitionResponses = []
  for (let i = 0; i < n_partitionResponses; i++) partitionResponses.push(readProduceResponsePartition(r, v))
  if (v >= 9) r.skipTags()
  return { name, topicId, partitionResponses }
}

function writeProduceResponseTopic(w, v, x) {
  if (v <= 12) {
    w.string(x.name ?? "")
  }
  if (v >= 13) {
    w.uuid(x.topicId ?? zeroUuid)
  }
  const a_partitionResponses = x.partitionResponses
  w.arrayLength(a_partitionResponses.length)
  for (let i = 0; i < a_partitionResponses.length; i++) writeProduceResponsePartition(w, v, a_partitionResponses[i])
  if (v >= 9) w.uvarint(0)
}

function readProduceResponseNodeEndpoint(r, v) {
  const nodeId = r.int32()
  const host = r.string()
  const port = r.int32()
  const rack = r.nullableString()
  r.skipTags()
  return { nodeId, host, port, rack }
}

function writeProduceResponseNodeEndpoint(w, v, x) {
  w.int32(x.nodeId)
  w.string(x.host)
  w.int32(x.port)
  w.nullableString(x.rack ?? null)
  w.uvarint(0)
}

export function decodeProduceResponse(r, v) {
  checkDecodable(r.position, v, 0, 13)
  r.flexible = v >= 9
  let responses
  const n_responses = r.arrayLength(v >= 13 ? 18 : v >= 9 ? 3 : 6)
  responses = []
  for (let i = 0; i < n_responses; i++) responses.push(readProduceResponseTopic(r, v))
  const throttleTimeMs = v >= 1 ? r.int32() : 0
  let nodeEndpoints = []
  if (v >= 9) {
    for (let n = r.tagCount(); n > 0; n--) {
      const tag = r.uvarint()
      if (tag === 0 && v >= 10) {
        const outerEnd = r.beginTag()
        const n_nodeEndpoints = r.arrayLength(11)
        nodeEndpoints = []
        for (let i = 0; i < n_nodeEndpoints; i++) nodeEndpoints.push(readProduceResponseNodeEndpoint(r, v))
        r.endTag(outerEnd)
      } else r.skipTag()
    }
  }
  return { responses, throttleTimeMs, nodeEndpoints }
}

export function encodeProduceResponse(w, v, x) {
  checkEncodable("ProduceResponse", v, 0, 13)
  w.flexible = v >= 9
  const a_responses = x.responses
  w.arrayLength(a_responses.length)
  for (let i = 0; i < a_responses.length; i++) writeProduceResponseTopic(w, v, a_responses[i])
  if (v >= 1) {
    w.int32(x.throttleTimeMs ?? 0)
  }
  if (!(v >= 10)) {
    if (x.nodeEndpoints !== undefined && x.nodeEndpoints.length !== 0) unsupportedField("ProduceResponse.nodeEndpoints", v, x.nodeEndpoints)
  }
  if (v >= 9) {
    const t_nodeEndpoints = v >= 10 && x.nodeEndpoints !== undefined && (x.nodeEndpoints.length !== 0)
    w.uvarint((t_nodeEndpoints ? 1 : 0))
    if (t_nodeEndpoints) {
      const mark = w.beginTag(0)
      const a_nodeEndpoints = x.nodeEndpoints ?? []
      w.arrayLength(a_nodeEndpoints.length)
      for (let i = 0; i < a_nodeEndpoints.length; i++) writeProduceResponseNodeEndpoint(w, v, a_nodeEndpoints[i])
      w.endTag(mark)
    }
  }
}

function readFetchRequestReplicaState(r, v) {
  const replicaId = r.int32()
  const replicaEpoch = r.int64()
  r.skipTags()
  return { replicaId, replicaEpoch }
}

function writeFetchRequestReplicaState(w, v, x) {
  w.int32(x.replicaId ?? -1)
  w.int64(x.replicaEpoch ?? -1)
  w.uvarint(0)
}

function readFetchRequestPartition(r, v) {
  const partition = r.int32()
  const currentLeaderEpoch = v >= 9 ? r.int32() : -1
  const fetchOffset = r.int64()
  const lastFetchedEpoch = v >= 12 ? r.int32() : -1
  const logStartOffset = v >= 5 ? r.int64() : -1
  const partitionMaxBytes = r.int32()
  let replicaDirectoryId = zeroUuid
  if (v >= 12) {
    for (let n = r.tagCount(); n > 0; n--) {
      const tag = r.uvarint()
      if (tag === 0 && v >= 17) {
        const outerEnd = r.beginTag()
        replicaDirectoryId = r.uuid()
        r.endTag(outerEnd)
      } else r.skipTag()
    }
  }
  return { partition, currentLeaderEpoch, fetchOffset, lastFetchedEpoch, logStartOffset, partitionMaxBytes, replicaDirectoryId }
}

function writeFetchRequestPartition(w, v, x) {
  w.int32(x.partition)
  if (v >= 9) {
    w.int32(x.currentLeaderEpoch ?? -1)
  }
  w.int64(x.fetchOffset)
  if (v >= 12) {
    w.int32(x.lastFetchedEpoch ?? -1)
  } else {
    if (x.lastFetchedEpoch !== undefined && x.lastFetchedEpoch !== -1) unsupportedField("FetchRequestPartition.lastFetchedEpoch", v, x.lastFetchedEpoch)
  }
  if (v >= 5) {
    w.int64(x.logStartOffset ?? -1)
  }
  w.int32(x.partitionMaxBytes)
  if (v >= 12) {
    const t_replicaDirectoryId = v >= 17 && x.replicaDirectoryId !== undefined && (x.replicaDirectoryId !== zeroUuid)
    w.uvarint((t_replicaDirectoryId ? 1 : 0))
    if (t_replicaDirectoryId) {
      const mark = w.beginTag(0)
      w.uuid(x.replicaDirectoryId ?? zeroUuid)
      w.endTag(mark)
    }
  }
}

function readFetchRequestTopic(r, v) {
  const topic = v <= 12 ? r.string() : ""
  const topicId = v >= 13 ? r.uuid() : zeroUuid
  let partitions
  const n_partitions = r.arrayLength(v >= 12 ? 33 : v >= 9 ? 28 : v >= 5 ? 24 : 16)
  partitions = []
  for (let i = 0; i < n_partitions; i++) partitions.push(readFetchRequestPartition(r, v))
  if (v >= 12) r.skipTags()
  return { topic, topicId, partitions }
}

function writeFetchRequestTopic(w, v, x) {
  if (v <= 12) {
    w.string(x.topic ?? "")
  }
  if (v >= 13) {
    w.uuid(x.topicId ?? zeroUuid)
  }
  const a_partitions = x.partitions
  w.arrayLength(a_partitions.length)
  for (let i = 0; i < a_partitions.length; i++) writeFetchRequestPartition(w, v, a_partitions[i])
  if (v >= 12) w.uvarint(0)
}

function readFetchRequestForgottenTopic(r, v) {
  const topic = v <= 12 ? r.string() : ""
  const topicId = v >= 13 ? r.uuid() : zeroUuid
  const partitions = r.int32Array(r.arrayLength(4))
  if (v >= 12) r.skipTags()
  return { topic, topicId, partitions }
}

function writeFetchRequestForgottenTopic(w, v, x) {
  if (v <= 12) {
    w.string(x.topic ?? "")
  }
  if (v >= 13) {
    w.uuid(x.topicId ?? zeroUuid)
  }
  const a_partitions = x.partitions
  w.int32Array(a_partitions)
  if (v >= 12) w.uvarint(0)
}

export function decodeFetchRequest(r, v) {
  checkDecodable(r.position, v, 4, 17)
  r.flexible = v >= 12
  let clusterId = null
  const replicaId = v <= 14 ? r.int32() : -1
  let replicaState = { replicaId: -1, replicaEpoch: -1 }
  const maxWaitMs = r.int32()
  const minBytes = r.int32()
  const maxBytes = r.int32()
  const isolationLevel = r.int8()
  const sessionId = v >= 7 ? r.int32() : 0
  const sessionEpoch = v >= 7 ? r.int32() : -1
  let topics
  const n_topics = r.arrayLength(v >= 13 ? 18 : v >= 12 ? 3 : 6)
  topics = []
  for (let i = 0; i < n_topics; i++) topics.push(readFetchRequestTopic(r, v))
  let forgottenTopicsData = []
  if (v >= 7) {
    const n_forgottenTopicsData = r.arrayLength(v >= 13 ? 18 : v >= 12 ? 3 : 6)
    forgottenTopicsData = []
    for (let i = 0; i < n_forgottenTopicsData; i++) forgottenTopicsData.push(readFetchRequestForgottenTopic(r, v))
  }
  const rackId = v >= 11 ? r.string() : ""
  if (v >= 12) {
    for (let n = r.tagCount(); n > 0; n--) {
      const tag = r.uvarint()
      if (tag === 0) {
        const outerEnd = r.beginTag()
        clusterId = r.nullableString()
        r.endTag(outerEnd)
      } else if (tag === 1 && v >= 15) {
        const outerEnd = r.beginTag()
        replicaState = readFetchRequestReplicaState(r, v)
        r.endTag(outerEnd)
      } else r.skipTag()
    }
  }
  return { clusterId, replicaId, replicaState, maxWaitMs, minBytes, maxBytes, isolationLevel, sessionId, sessionEpoch, topics, forgottenTopicsData, rackId }
}

export function encodeFetchRequest(w, v, x) {
  checkEncodable("FetchRequest", v, 4, 17)
  w.flexible = v >= 12
  if (v <= 14) {
    w.int32(x.replicaId ?? -1)
  } else {
    if (x.replicaId !== undefined && x.replicaId !== -1) unsupportedField("FetchRequest.replicaId", v, x.replicaId)
  }
  if (!(v >= 15)) {
    if (x.replicaState !== undefined && ((x.replicaState.replicaId !== undefined && x.replicaState.replicaId !== -1) || (x.replicaState.replicaEpoch !== undefined && x.replicaState.replicaEpoch !== -1))) unsupportedField("FetchRequest.replicaState", v, x.replicaState)
  }
  w.int32(x.maxWaitMs)
  w.int32(x.minBytes)
  w.int32(x.maxBytes ?? 0x7fffffff)
  w.int8(x.isolationLevel ?? 0)
  if (v >= 7) {
    w.int32(x.sessionId ?? 0)
  }
  if (v >= 7) {
    w.int32(x.sessionEpoch ?? -1)
  }
  const a_topics = x.topics
  w.arrayLength(a_topics.length)
  for (let i = 0; i < a_topics.length; i++) writeFetchRequestTopic(w, v, a_topics[i])
  if (v >= 7) {
    const a_forgottenTopicsData = x.forgottenTopicsData ?? []
    w.arrayLength(a_forgottenTopicsData.length)
    for (let i = 0; i < a_forgottenTopicsData.length; i++) writeFetchRequestForgottenTopic(w, v, a_forgottenTopicsData[i])
  } else {
    if (x.forgottenTopicsData !== undefined && x.forgottenTopicsData.length !== 0) unsupportedField("FetchRequest.forgottenTopicsData", v, x.forgottenTopicsData)
  }
  if (v >= 11) {
    w.string(x.rackId ?? "")
  }
  if (v >= 12) {
    const t_clusterId = x.clusterId !== undefined && (x.clusterId !== null)
    const t_replicaState = v >= 15 && x.replicaState !== undefined && ((x.replicaState.replicaId !== undefined && x.replicaState.replicaId !== -1) || (x.replicaState.replicaEpoch !== undefined && x.replicaState.replicaEpoch !== -1))
    w.uvarint((t_clusterId ? 1 : 0) + (t_replicaState ? 1 : 0))
    if (t_clusterId) {
      const mark = w.beginTag(0)
      w.nullableString(x.clusterId ?? null)
      w.endTag(mark)
    }
    if (t_replicaState) {
      const mark = w.beginTag(1)
      writeFetchRequestReplicaState(w, v, x.replicaState ?? { replicaId: -1, replicaEpoch: -1 })
      w.endTag(mark)
    }
  }
}

function readFetchResponseEpochEndOffset(r, v) {
  const epoch = r.int32()
  const endOffset = r.int64()
  r.skipTags()
  return { epoch, endOffset }
}

function writeFetchResponseEpochEndOffset(w, v, x) {
  w.int32(x.epoch ?? -1)
  w.int64(x.endOffset ?? -1)
  w.uvarint(0)
}

function readFetchResponseLeaderIdAndEpoch(r, v) {
  const leaderId = r.int32()
  const leaderEpoch = r.int32()
  r.skipTags()
  return { leaderId, leaderEpoch }
}

function writeFetchResponseLeaderIdAndEpoch(w, v, x) {
  w.int32(x.leaderId ?? -1)
  w.int32(x.leaderEpoch ?? -1)
  w.uvarint(0)
}

function readFetchResponseSnapshotId(r, v) {
  const endOffset = r.int64()
  const epoch = r.int32()
  r.skipTags()
  return { endOffset, epoch }
}

function writeFetchResponseSnapshotId(w, v, x) {
  w.int64(x.endOffset ?? -1)
  w.int32(x.epoch ?? -1)
  w.uvarint(0)
}

function readFetchResponseAbortedTransaction(r, v) {
  const producerId = r.int64()
  const firstOffset = r.int64()
  if (v >= 12) r.skipTags()
  return { producerId, firstOffset }
}

function writeFetchResponseAbortedTransaction(w, v, x) {
  w.int64(x.producerId)
  w.int64(x.firstOffset)
  if (v >= 12) w.uvarint(0)
}

function readFetchResponsePartition(r, v) {
  const partitionIndex = r.int32()
  const errorCode = r.int16()
  const highWatermark = r.int64()
  const lastStableOffset = r.int64()
  const logStartOffset = v >= 5 ? r.int64() : -1
  let divergingEpoch = { epoch: -1, endOffset: -1 }
  let currentLeader = { leaderId: -1, leaderEpoch: -1 }
  let snapshotId = { endOffset: -1, epoch: -1 }
  let abortedTransactions
  const n_abortedTransactions = r.nullableArrayLength(v >= 12 ? 17 : 16)
  if (n_abortedTransactions < 0) abortedTransactions = null
  else {
    abortedTransactions = []
    for (let i = 0; i < n_abortedTransactions; i++) abortedTransactions.push(readFetchResponseAbortedTransaction(r, v))
  }
  const preferredReadReplica = v >= 11 ? r.int32() : -1
  const records = r.nullableBytes()
  if (v >= 12) {
    for (let n = r.tagCount(); n > 0; n--) {
      const tag = r.uvarint()
      if (tag === 0) {
        const outerEnd = r.beginTag()
        divergingEpoch = readFetchResponseEpochEndOffset(r, v)
        r.endTag(outerEnd)
      } else if (tag === 1) {
        const outerEnd = r.beginTag()
        currentLeader = readFetchResponseLeaderIdAndEpoch(r, v)
        r.endTag(outerEnd)
      } else if (tag === 2) {
        const outerEnd = r.beginTag()
        snapshotId = readFetchResponseSnapshotId(r, v)
        r.endTag(outerEnd)
      } else r.skipTag()
    }
  }
  return { partitionIndex, errorCode, highWatermark, lastStableOffset, logStartOffset, divergingEpoch, currentLeader, snapshotId, abortedTransactions, preferredReadReplica, records }
}

function writeFetchResponsePartition(w, v, x) {
  w.int32(x.partitionIndex)
  w.int16(x.errorCode)
  w.int64(x.highWatermark)
  w.int64(x.lastStableOffset ?? -1)
  if (v >= 5) {
    w.int64(x.logStartOffset ?? -1)
  }
  if (!(v >= 12)) {
    if (x.divergingEpoch !== undefined && ((x.divergingEpoch.epoch !== undefined && x.divergingEpoch.epoch !== -1) || (x.divergingEpoch.endOffset !== undefined && x.divergingEpoch.endOffset !== -1))) unsupportedField("FetchResponsePartition.divergingEpoch", v, x.divergingEpoch)
  }
  if (!(v >= 12)) {
    if (x.currentLeader !== undefined && ((x.currentLeader.leaderId !== undefined && x.currentLeader.leaderId !== -1) || (x.currentLeader.leaderEpoch !== undefined && x.currentLeader.leaderEpoch !== -1))) unsupportedField("FetchResponsePartition.currentLeader", v, x.currentLeader)
  }
  if (!(v >= 12)) {
    if (x.snapshotId !== undefined && ((x.snapshotId.endOffset !== undefined && x.snapshotId.endOffset !== -1) || (x.snapshotId.epoch !== undefined && x.snapshotId.epoch !== -1))) unsupportedField("FetchResponsePartition.snapshotId", v, x.snapshotId)
  }
  const a_abortedTransactions = x.abortedTransactions === undefined ? [] : x.abortedTransactions
  if (a_abortedTransactions === null) {
    w.nullArray()
  } else {
    w.arrayLength(a_abortedTransactions.length)
    for (let i = 0; i < a_abortedTransactions.length; i++) writeFetchResponseAbortedTransaction(w, v, a_abortedTransactions[i])
  }
  if (v >= 11) {
    w.int32(x.preferredReadReplica ?? -1)
  } else {
    if (x.preferredReadReplica !== undefined && x.preferredReadReplica !== -1) unsupportedField("FetchResponsePartition.preferredReadReplica", v, x.preferredReadReplica)
  }
  w.nullableRecords(x.records)
  if (v >= 12) {
    const t_divergingEpoch = x.divergingEpoch !== undefined && ((x.divergingEpoch.epoch !== undefined && x.divergingEpoch.epoch !== -1) || (x.divergingEpoch.endOffset !== undefined && x.divergingEpoch.endOffset !== -1))
    const t_currentLeader = x.currentLeader !== undefined && ((x.currentLeader.leaderId !== undefined && x.currentLeader.leaderId !== -1) || (x.currentLeader.leaderEpoch !== undefined && x.currentLeader.leaderEpoch !== -1))
    const t_snapshotId = x.snapshotId !== undefined && ((x.snapshotId.endOffset !== undefined && x.snapshotId.endOffset !== -1) || (x.snapshotId.epoch !== undefined && x.snapshotId.epoch !== -1))
    w.uvarint((t_divergingEpoch ? 1 : 0) + (t_currentLeader ? 1 : 0) + (t_snapshotId ? 1 : 0))
    if (t_divergingEpoch) {
      const mark = w.beginTag(0)
      writeFetchResponseEpochEndOffset(w, v, x.divergingEpoch ?? { epoch: -1, endOffset: -1 })
      w.endTag(mark)
    }
    if (t_currentLeader) {
      const mark = w.beginTag(1)
      writeFetchResponseLeaderIdAndEpoch(w, v, x.currentLeader ?? { leaderId: -1, leaderEpoch: -1 })
      w.endTag(mark)
    }
    if (t_snapshotId) {
      const mark = w.beginTag(2)
      writeFetchResponseSnapshotId(w, v, x.snapshotId ?? { endOffset: -1, epoch: -1 })
      w.endTag(mark)
    }
  }
}

function readFetchResponseTopic(r, v) {
  const topic = v <= 12 ? r.string() : ""
  const topicId = v >= 13 ? r.uuid() : zeroUuid
  let partitions
  const n_partitions = r.arrayLength(v >= 12 ? 37 : v >= 11 ? 42 : v >= 5 ? 38 : 30)
  partitions = []
  for (let i = 0; i < n_partitions; i++) partitions.push(readFetchResponsePartition(r, v))
  if (v >= 12) r.skipTags()
  return { topic, topicId, partitions }
}

function writeFetchResponseTopic(w, v, x) {
  if (v <= 12) {
    w.string(x.topic ?? "")
  }
  if (v >= 13) {
    w.uuid(x.topicId ?? zeroUuid)
  }
  const a_partitions = x.partitions
  w.arrayLength(a_partitions.length)
  for (let i = 0; i < a_partitions.length; i++) writeFetchResponsePartition(w, v, a_partitions[i])
  if (v >= 12) w.uvarint(0)
}

function readFetchResponseNodeEndpoint(r, v) {
  const nodeId = r.int32()
  const host = r.string()
  const port = r.int32()
  const rack = r.nullableString()
  r.skipTags()
  return { nodeId, host, port, rack }
}

function writeFetchResponseNodeEndpoint(w, v, x) {
  w.int32(x.nodeId)
  w.string(x.host)
  w.int32(x.port)
  w.nullableString(x.rack ?? null)
  w.uvarint(0)
}

export function decodeFetchResponse(r, v) {
  checkDecodable(r.position, v, 4, 17)
  r.flexible = v >= 12
  const throttleTimeMs = r.int32()
  const errorCode = v >= 7 ? r.int16() : 0
  const sessionId = v >= 7 ? r.int32() : 0
  let responses
  const n_responses = r.arrayLength(v >= 13 ? 18 : v >= 12 ? 3 : 6)
  responses = []
  for (let i = 0; i < n_responses; i++) responses.push(readFetchResponseTopic(r, v))
  let nodeEndpoints = []
  if (v >= 12) {
    for (let n = r.tagCount(); n > 0; n--) {
      const tag = r.uvarint()
      if (tag === 0 && v >= 16) {
        const outerEnd = r.beginTag()
        const n_nodeEndpoints = r.arrayLength(11)
        nodeEndpoints = []
        for (let i = 0; i < n_nodeEndpoints; i++) nodeEndpoints.push(readFetchResponseNodeEndpoint(r, v))
        r.endTag(outerEnd)
      } else r.skipTag()
    }
  }
  return { throttleTimeMs, errorCode, sessionId, responses, nodeEndpoints }
}

export function encodeFetchResponse(w, v, x) {
  checkEncodable("FetchResponse", v, 4, 17)
  w.flexible = v >= 12
  w.int32(x.throttleTimeMs ?? 0)
  if (v >= 7) {
    w.int16(x.errorCode ?? 0)
  }
  if (v >= 7) {
    w.int32(x.sessionId ?? 0)
  } else {
    if (x.sessionId !== undefined && x.sessionId !== 0) unsupportedField("FetchResponse.sessionId", v, x.sessionId)
  }
  const a_responses = x.responses
  w.arrayLength(a_responses.length)
  for (let i = 0; i < a_responses.length; i++) writeFetchResponseTopic(w, v, a_responses[i])
  if (!(v >= 16)) {
    if (x.nodeEndpoints !== undefined && x.nodeEndpoints.length !== 0) unsupportedField("FetchResponse.nodeEndpoints", v, x.nodeEndpoints)
  }
  if (v >= 12) {
    const t_nodeEndpoints = v >= 16 && x.nodeEndpoints !== undefined && (x.nodeEndpoints.length !== 0)
    w.uvarint((t_nodeEndpoints ? 1 : 0))
    if (t_nodeEndpoints) {
      const mark = w.beginTag(0)
      const a_nodeEndpoints = x.nodeEndpoints ?? []
      w.arrayLength(a_nodeEndpoints.length)
      for (let i = 0; i < a_nodeEndpoints.length; i++) writeFetchResponseNodeEndpoint(w, v, a_nodeEndpoints[i])
      w.endTag(mark)
    }
  }
}

function readListOffsetsRequestPartition(r, v) {
  const partitionIndex = r.int32()
  const currentLeaderEpoch = v >= 4 ? r.int32() : -1
  const timestamp = r.int64()
  if (v >= 6) r.skipTags()
  return { partitionIndex, currentLeaderEpoch, timestamp }
}

function writeListOffsetsRequestPartition(w, v, x) {
  w.int32(x.partitionIndex)
  if (v >= 4) {
    w.int32(x.currentLeaderEpoch ?? -1)
  }
  w.int64(x.timestamp)
  if (v >= 6) w.uvarint(0)
}

function readListOffsetsRequestTopic(r, v) {
  const name = r.string()
  let partitions
  const n_partitions = r.arrayLength(v >= 6 ? 17 : v >= 4 ? 16 : 12)
  partitions = []
  for (let i = 0; i < n_partitions; i++) partitions.push(readListOffsetsRequestPartition(r, v))
  if (v >= 6) r.skipTags()
  return { name, partitions }
}

function writeListOffsetsRequestTopic(w, v, x) {
  w.string(x.name)
  const a_partitions = x.partitions
  w.arrayLength(a_partitions.length)
  for (let i = 0; i < a_partitions.length; i++) writeListOffsetsRequestPartition(w, v, a_partitions[i])
  if (v >= 6) w.uvarint(0)
}

export function decodeListOffsetsRequest(r, v) {
  checkDecodable(r.position, v, 1, 10)
  r.flexible = v >= 6
  const replicaId = r.int32()
  const isolationLevel = v >= 2 ? r.int8() : 0
  let topics
  const n_topics = r.arrayLength(v >= 6 ? 3 : 6)
  topics = []
  for (let i = 0; i < n_topics; i++) topics.push(readListOffsetsRequestTopic(r, v))
  const timeoutMs = v >= 10 ? r.int32() : 0
  if (v >= 6) r.skipTags()
  return { replicaId, isolationLevel, topics, timeoutMs }
}

export function encodeListOffsetsRequest(w, v, x) {
  checkEncodable("ListOffsetsRequest", v, 1, 10)
  w.flexible = v >= 6
  w.int32(x.replicaId)
  if (v >= 2) {
    w.int8(x.isolationLevel ?? 0)
  } else {
    if (x.isolationLevel !== undefined && x.isolationLevel !== 0) unsupportedField("ListOffsetsRequest.isolationLevel", v, x.isolationLevel)
  }
  const a_topics = x.topics
  w.arrayLength(a_topics.length)
  for (let i = 0; i < a_topics.length; i++) writeListOffsetsRequestTopic(w, v, a_topics[i])
  if (v >= 10) {
    w.int32(x.timeoutMs ?? 0)
  }
  if (v >= 6) w.uvarint(0)
}

function readListOffsetsResponsePartition(r, v) {
  const partitionIndex = r.int32()
  const errorCode = r.int16()
  const timestamp = r.int64()
  const offset = r.int64()
  const leaderEpoch = v >= 4 ? r.int32() : -1
  if (v >= 6) r.skipTags()
  return { partitionIndex, errorCode, timestamp, offset, leaderEpoch }
}

function writeListOffsetsResponsePartition(w, v, x) {
  w.int32(x.partitionIndex)
  w.int16(x.errorCode)
  w.int64(x.timestamp ?? -1)
  w.int64(x.offset ?? -1)
  if (v >= 4) {
    w.int32(x.leaderEpoch ?? -1)
  } else {
    if (x.leaderEpoch !== undefined && x.leaderEpoch !== -1) unsupportedField("ListOffsetsResponsePartition.leaderEpoch", v, x.leaderEpoch)
  }
  if (v >= 6) w.uvarint(0)
}

function readListOffsetsResponseTopic(r, v) {
  const name = r.string()
  let partitions
  const n_partitions = r.arrayLength(v >= 6 ? 27 : v >= 4 ? 26 : 22)
  partitions = []
  for (let i = 0; i < n_partitions; i++) partitions.push(readListOffsetsResponsePartition(r, v))
  if (v >= 6) r.skipTags()
  return { name, partitions }
}

function writeListOffsetsResponseTopic(w, v, x) {
  w.string(x.name)
  const a_partitions = x.partitions
  w.arrayLength(a_partitions.length)
  for (let i = 0; i < a_partitions.length; i++) writeListOffsetsResponsePartition(w, v, a_partitions[i])
  if (v >= 6) w.uvarint(0)
}

export function decodeListOffsetsResponse(r, v) {
  checkDecodable(r.position, v, 1, 10)
  r.flexible = v >= 6
  const throttleTimeMs = v >= 2 ? r.int32() : 0
  let topics
  const n_topics = r.arrayLength(v >= 6 ? 3 : 6)
  topics = []
  for (let i = 0; i < n_topics; i++) topics.push(readListOffsetsResponseTopic(r, v))
  if (v >= 6) r.skipTags()
  return { throttleTimeMs, topics }
}

export function encodeListOffsetsResponse(w, v, x) {
  checkEncodable("ListOffsetsResponse", v, 1, 10)
  w.flexible = v >= 6
  if (v >= 2) {
    w.int32(x.throttleTimeMs ?? 0)
  }
  const a_topics = x.topics
  w.arrayLength(a_topics.length)
  for (let i = 0; i < a_topics.length; i++) writeListOffsetsResponseTopic(w, v, a_topics[i])
  if (v >= 6) w.uvarint(0)
}

function readMetadataRequestTopic(r, v) {
  const topicId = v >= 10 ? r.uuid() : zeroUuid
  const name = (v >= 10 ? r.nullableString() : r.string())
  if (v >= 9) r.skipTags()
  return { topicId, name }
}

function writeMetadataRequestTopic(w, v, x) {
  if (v >= 10) {
    w.uuid(x.topicId ?? zeroUuid)
  }
  if (v >= 10) w.nullableString(x.name)
  else w.string(x.name)
  if (v >= 9) w.uvarint(0)
}

export function decodeMetadataRequest(r, v) {
  checkDecodable(r.position, v, 0, 13)
  r.flexible = v >= 9
  let topics
  const n_topics = v >= 1 ? r.nullableArrayLength(v >= 10 ? 18 : 2) : r.arrayLength(v >= 10 ? 18 : 2)
  if (n_topics < 0) topics = null
  else {
    topics = []
    for (let i = 0; i < n_topics; i++) topics.push(readMetadataRequestTopic(r, v))
  }
  const allowAutoTopicCreation = v >= 4 ? r.boolean() : true
  const includeClusterAuthorizedOperations = v >= 8 && v <= 10 ? r.boolean() : false
  const includeTopicAuthorizedOperations = v >= 8 ? r.boolean() : false
  if (v >= 9) r.skipTags()
  return { topics, allowAutoTopicCreation, includeClusterAuthorizedOperations, includeTopicAuthorizedOperations }
}

export function encodeMetadataRequest(w, v, x) {
  checkEncodable("MetadataRequest", v, 0, 13)
  w.flexible = v >= 9
  const a_topics = x.topics
  if (a_topics === null) {
    if (!(v >= 1)) unsupportedNull("MetadataRequest.topics", v)
    w.nullArray()
  } else {
    w.arrayLength(a_topics.length)
    for (let i = 0; i < a_topics.length; i++) writeMetadataRequestTopic(w, v, a_topics[i])
  }
  if (v >= 4) {
    w.boolean(x.allowAutoTopicCreation ?? true)
  } else {
    if (x.allowAutoTopicCreation !== undefined && x.allowAutoTopicCreation !== true) unsupportedField("MetadataRequest.allowAutoTopicCreation", v, x.allowAutoTopicCreation)
  }
  if (v >= 8 && v <= 10) {
    w.boolean(x.includeClusterAuthorizedOperations ?? false)
  } else {
    if (x.includeClusterAuthorizedOperations !== undefined && x.includeClusterAuthorizedOperations !== false) unsupportedField("MetadataRequest.includeClusterAuthorizedOperations", v, x.includeClusterAuthorizedOperations)
  }
  if (v >= 8) {
    w.boolean(x.includeTopicAuthorizedOperations ?? false)
  } else {
    if (x.includeTopicAuthorizedOperations !== undefined && x.includeTopicAuthorizedOperations !== false) unsupportedField("MetadataRequest.includeTopicAuthorizedOperations", v, x.includeTopicAuthorizedOperations)
  }
  if (v >= 9) w.uvarint(0)
}

function readMetadataResponseBroker(r, v) {
  const nodeId = r.int32()
  const host = r.string()
  const port = r.int32()
  const rack = v >= 1 ? r.nullableString() : null
  if (v >= 9) r.skipTags()
  return { nodeId, host, port, rack }
}

function writeMetadataResponseBroker(w, v, x) {
  w.int32(x.nodeId)
  w.string(x.host)
  w.int32(x.port)
  if (v >= 1) {
    w.nullableString(x.rack ?? null)
  }
  if (v >= 9) w.uvarint(0)
}

function readMetadataResponsePartition(r, v) {
  const errorCode = r.int16()
  const partitionIndex = r.int32()
  const leaderId = r.int32()
  const leaderEpoch = v >= 7 ? r.int32() : -1
  const replicaNodes = r.int32Array(r.arrayLength(4))
  const isrNodes = r.int32Array(r.arrayLength(4))
  const offlineReplicas = v >= 5 ? r.int32Array(r.arrayLength(4)) : []
  if (v >= 9) r.skipTags()
  return { errorCode, partitionIndex, leaderId, leaderEpoch, replicaNodes, isrNodes, offlineReplicas }
}

function writeMetadataResponsePartition(w, v, x) {
  w.int16(x.errorCode)
  w.int32(x.partitionIndex)
  w.int32(x.leaderId)
  if (v >= 7) {
    w.int32(x.leaderEpoch ?? -1)
  }
  const a_replicaNodes = x.replicaNodes
  w.int32Array(a_replicaNodes)
  const a_isrNodes = x.isrNodes
  w.int32Array(a_isrNodes)
  if (v >= 5) {
    const a_offlineReplicas = x.offlineReplicas ?? []
    w.int32Array(a_offlineReplicas)
  }
  if (v >= 9) w.uvarint(0)
}

function readMetadataResponseTopic(r, v) {
  const errorCode = r.int16()
  const name = (v >= 12 ? r.nullableString() : r.string())
  const topicId = v >= 10 ? r.uuid() : zeroUuid
  const isInternal = v >= 1 ? r.boolean() : false
  let partitions
  const n_partitions = r.arrayLength(v >= 9 ? 18 : v >= 7 ? 26 : v >= 5 ? 22 : 18)
  partitions = []
  for (let i = 0; i < n_partitions; i++) partitions.push(readMetadataResponsePartition(r, v))
  const topicAuthorizedOperations = v >= 8 ? r.int32() : -2147483648
  if (v >= 9) r.skipTags()
  return { errorCode, name, topicId, isInternal, partitions, topicAuthorizedOperations }
}

function writeMetadataResponseTopic(w, v, x) {
  w.int16(x.errorCode)
  if (v >= 12) w.nullableString(x.name)
  else w.string(x.name)
  if (v >= 10) {
    w.uuid(x.topicId ?? zeroUuid)
  }
  if (v >= 1) {
    w.boolean(x.isInternal ?? false)
  }
  const a_partitions = x.partitions
  w.arrayLength(a_partitions.length)
  for (let i = 0; i < a_partitions.length; i++) writeMetadataResponsePartition(w, v, a_partitions[i])
  if (v >= 8) {
    w.int32(x.topicAuthorizedOperations ?? -2147483648)
  } else {
    if (x.topicAuthorizedOperations !== undefined && x.topicAuthorizedOperations !== -2147483648) unsupportedField("MetadataResponseTopic.topicAuthorizedOperations", v, x.topicAuthorizedOperations)
  }
  if (v >= 9) w.uvarint(0)
}

export function decodeMetadataResponse(r, v) {
  checkDecodable(r.position, v, 0, 13)
  r.flexible = v >= 9
  const throttleTimeMs = v >= 3 ? r.int32() : 0
  let brokers
  const n_brokers = r.arrayLength(v >= 9 ? 11 : v >= 1 ? 12 : 10)
  brokers = []
  for (let i = 0; i < n_brokers; i++) brokers.push(readMetadataResponseBroker(r, v))
  const clusterId = v >= 2 ? r.nullableString() : null
  const controllerId = v >= 1 ? r.int32() : -1
  let topics
  const n_topics = r.arrayLength(v >= 10 ? 26 : v >= 9 ? 10 : v >= 8 ? 13 : v >= 1 ? 9 : 8)
  topics = []
  for (let i = 0; i < n_topics; i++) topics.push(readMetadataResponseTopic(r, v))
  const clusterAuthorizedOperations = v >= 8 && v <= 10 ? r.int32() : -2147483648
  const errorCode = v >= 13 ? r.int16() : 0
  if (v >= 9) r.skipTags()
  return { throttleTimeMs, brokers, clusterId, controllerId, topics, clusterAuthorizedOperations, errorCode }
}

export function encodeMetadataResponse(w, v, x) {
  checkEncodable("MetadataResponse", v, 0, 13)
  w.flexible = v >= 9
  if (v >= 3) {
    w.int32(x.throttleTimeMs ?? 0)
  }
  const a_brokers = x.brokers
  w.arrayLength(a_brokers.length)
  for (let i = 0; i < a_brokers.length; i++) writeMetadataResponseBroker(w, v, a_brokers[i])
  if (v >= 2) {
    w.nullableString(x.clusterId ?? null)
  }
  if (v >= 1) {
    w.int32(x.controllerId ?? -1)
  }
  const a_topics = x.topics
  w.arrayLength(a_topics.length)
  for (let i = 0; i < a_topics.length; i++) writeMetadataResponseTopic(w, v, a_topics[i])
  if (v >= 8 && v <= 10) {
    w.int32(x.clusterAuthorizedOperations ?? -2147483648)
  } else {
    if (x.clusterAuthorizedOperations !== undefined && x.clusterAuthorizedOperations !== -2147483648) unsupportedField("MetadataResponse.clusterAuthorizedOperations", v, x.clusterAuthorizedOperations)
  }
  if (v >= 13) {
    w.int16(x.errorCode ?? 0)
  }
  if (v >= 9) w.uvarint(0)
}

function readOffsetCommitRequestPartition(r, v) {
  const partitionIndex = r.int32()
  const committedOffset = r.int64()
  const committedLeaderEpoch = v >= 6 ? r.int32() : -1
  const committedMetadata = r.nullableString()
  if (v >= 8) r.skipTags()
  return { partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata }
}

function writeOffsetCommitRequestPartition(w, v, x) {
  w.int32(x.partitionIndex)
  w.int64(x.committedOffset)
  if (v >= 6) {
    w.int32(x.committedLeaderEpoch ?? -1)
  }
  w.nullableString(x.committedMetadata)
  if (v >= 8) w.uvarint(0)
}

function readOffsetCommitRequestTopic(r, v) {
  const name = r.string()
  let partitions
  const n_partitions = r.arrayLength(v >= 6 ? 18 : 14)
  partitions = []
  for (let i = 0; i < n_partitions; i++) partitions.push(readOffsetCommitRequestPartition(r, v))
  if (v >= 8) r.skipTags()
  return { name, partitions }
}

function writeOffsetCommitRequestTopic(w, v, x) {
  w.string(x.name)
  const a_partitions = x.partitions
  w.arrayLength(a_partitions.length)
  for (let i = 0; i < a_partitions.length; i++) writeOffsetCommitRequestPartition(w, v, a_partitions[i])
  if (v >= 8) w.uvarint(0)
}

export function decodeOffsetCommitRequest(r, v) {
  checkDecodable(r.position, v, 2, 9)
  r.flexible = v >= 8
  const groupId = r.string()
  const generationIdOrMemberEpoch = r.int32()
  const memberId = r.string()
  const groupInstanceId = v >= 7 ? r.nullableString() : null
  const retentionTimeMs = v <= 4 ? r.int64() : -1
  let topics
  const n_topics = r.arrayLength(v >= 8 ? 3 : 6)
  topics = []
  for (let i = 0; i < n_topics; i++) topics.push(readOffsetCommitRequestTopic(r, v))
  if (v >= 8) r.skipTags()
  return { groupId, generationIdOrMemberEpoch, memberId, groupInstanceId, retentionTimeMs, topics }
}

export function encodeOffsetCommitRequest(w, v, x) {
  checkEncodable("OffsetCommitRequest", v, 2, 9)
  w.flexible = v >= 8
  w.string(x.groupId)
  w.int32(x.generationIdOrMemberEpoch ?? -1)
  w.string(x.memberId ?? "")
  if (v >= 7) {
    w.nullableString(x.groupInstanceId ?? null)
  } else {
    if (x.groupInstanceId !== undefined && x.groupInstanceId !== null) unsupportedField("OffsetCommitRequest.groupInstanceId", v, x.groupInstanceId)
  }
  if (v <= 4) {
    w.int64(x.retentionTimeMs ?? -1)
  }
  const a_topics = x.topics
  w.arrayLength(a_topics.length)
  for (let i = 0; i < a_topics.length; i++) writeOffsetCommitRequestTopic(w, v, a_topics[i])
  if (v >= 8) w.uvarint(0)
}

function readOffsetCommitResponsePartition(r, v) {
  const partitionIndex = r.int32()
  const errorCode = r.int16()
  if (v >= 8) r.skipTags()
  return { partitionIndex, errorCode }
}

function writeOffsetCommitResponsePartition(w, v, x) {
  w.int32(x.partitionIndex)
  w.int16(x.errorCode)
  if (v >= 8) w.uvarint(0)
}

function readOffsetCommitResponseTopic(r, v) {
  const name = r.string()
  let partitions
  const n_partitions = r.arrayLength(v >= 8 ? 7 : 6)
  partitions = []
  for (let i = 0; i < n_partitions; i++) partitions.push(readOffsetCommitResponsePartition(r, v))
  if (v >= 8) r.skipTags()
  return { name, partitions }
}

function writeOffsetCommitResponseTopic(w, v, x) {
  w.string(x.name)
  const a_partitions = x.partitions
  w.arrayLength(a_partitions.length)
  for (let i = 0; i < a_partitions.length; i++) writeOffsetCommitResponsePartition(w, v, a_partitions[i])
  if (v >= 8) w.uvarint(0)
}

export function decodeOffsetCommitResponse(r, v) {
  checkDecodable(r.position, v, 2, 9)
  r.flexible = v >= 8
  const throttleTimeMs = v >= 3 ? r.int32() : 0
  let topics
  const n_topics = r.arrayLength(v >= 8 ? 3 : 6)
  topics = []
  for (let i = 0; i < n_topics; i++) topics.push(readOffsetCommitResponseTopic(r, v))
  if (v >= 8) r.skipTags()
  return { throttleTimeMs, topics }
}

export function encodeOffsetCommitResponse(w, v, x) {
  checkEncodable("OffsetCommitResponse", v, 2, 9)
  w.flexible = v >= 8
  if (v >= 3) {
    w.int32(x.throttleTimeMs ?? 0)
  }
  const a_topics = x.topics
  w.arrayLength(a_topics.length)
  for (let i = 0; i < a_topics.length; i++) writeOffsetCommitResponseTopic(w, v, a_topics[i])
  if (v >= 8) w.uvarint(0)
}

function readOffsetFetchRequestTopic(r, v) {
  const name = r.string()
  const partitionIndexes = r.int32Array(r.arrayLength(4))
  if (v >= 6) r.skipTags()
  return { name, partitionIndexes }
}

function writeOffsetFetchRequestTopic(w, v, x) {
  w.string(x.name)
  const a_partitionIndexes = x.partitionIndexes
  w.int32Array(a_partitionIndexes)
  if (v >= 6) w.uvarint(0)
}

function readOffsetFetchRequestGroupTopic(r, v) {
  const name = r.string()
  const partitionIndexes = r.int32Array(r.arrayLength(4))
  r.skipTags()
  return { name, partitionIndexes }
}

function writeOffsetFetchRequestGroupTopic(w, v, x) {
  w.string(x.name)
  const a_partitionIndexes = x.partitionIndexes
  w.int32Array(a_partitionIndexes)
  w.uvarint(0)
}

function readOffsetFetchRequestGroup(r, v) {
  const groupId = r.string()
  const memberId = v >= 9 ? r.nullableString() : null
  const memberEpoch = v >= 9 ? r.int32() : -1
  let topics
  const n_topics = r.nullableArrayLength(3)
  if (n_topics < 0) topics = null
  else {
    topics = []
    for (let i = 0; i < n_topics; i++) topics.push(readOffsetFetchRequestGroupTopic(r, v))
  }
  r.skipTags()
  return { groupId, memberId, memberEpoch, topics }
}

function writeOffsetFetchRequestGroup(w, v, x) {
  w.string(x.groupId)
  if (v >= 9) {
    w.nullableString(x.memberId ?? null)
  }
  if (v >= 9) {
    w.int32(x.memberEpoch ?? -1)
  }
  const a_topics = x.topics
  if (a_topics === null) {
    w.nullArray()
  } else {
    w.arrayLength(a_topics.length)
    for (let i = 0; i < a_topics.length; i++) writeOffsetFetchRequestGroupTopic(w, v, a_topics[i])
  }
  w.uvarint(0)
}

export function decodeOffsetFetchRequest(r, v) {
  checkDecodable(r.position, v, 1, 9)
  r.flexible = v >= 6
  const groupId = v <= 7 ? r.string() : ""
  let topics = []
  if (v <= 7) {
    const n_topics = v >= 2 ? r.nullableArrayLength(v >= 6 ? 3 : 6) : r.arrayLength(v >= 6 ? 3 : 6)
    if (n_topics < 0) topics = null
    else {
      topics = []
      for (let i = 0; i < n_topics; i++) topics.push(readOffsetFetchRequestTopic(r, v))
    }
  }
  let groups = []
  if (v >= 8) {
    const n_groups = r.arrayLength(v >= 9 ? 8 : 3)
    groups = []
    for (let i = 0; i < n_groups; i++) groups.push(readOffsetFetchRequestGroup(r, v))
  }
  const requireStable = v >= 7 ? r.boolean() : false
  if (v >= 6) r.skipTags()
  return { groupId, topics, groups, requireStable }
}

export function encodeOffsetFetchRequest(w, v, x) {
  checkEncodable("OffsetFetchRequest", v, 1, 9)
  w.flexible = v >= 6
  if (v <= 7) {
    w.string(x.groupId ?? "")
  } else {
    if (x.groupId !== undefined && x.groupId !== "") unsupportedField("OffsetFetchRequest.groupId", v, x.groupId)
  }
  if (v <= 7) {
    const a_topics = x.topics === undefined ? [] : x.topics
    if (a_topics === null) {
      if (!(v >= 2)) unsupportedNull("OffsetFetchRequest.topics", v)
      w.nullArray()
    } else {
      w.arrayLength(a_topics.length)
      for (let i = 0; i < a_topics.length; i++) writeOffsetFetchRequestTopic(w, v, a_topics[i])
    }
  } else {
    if (x.topics !== undefined && (x.topics === null || x.topics.length !== 0)) unsupportedField("OffsetFetchRequest.topics", v, x.topics)
  }
  if (v >= 8) {
    const a_groups = x.groups ?? []
    w.arrayLength(a_groups.length)
    for (let i = 0; i < a_groups.length; i++) writeOffsetFetchRequestGroup(w, v, a_groups[i])
  } else {
    if (x.groups !== undefined && x.groups.length !== 0) unsupportedField("OffsetFetchRequest.groups", v, x.groups)
  }
  if (v >= 7) {
    w.boolean(x.requireStable ?? false)
  } else {
    if (x.requireStable !== undefined && x.requireStable !== false) unsupportedField("OffsetFetchRequest.requireStable", v, x.requireStable)
  }
  if (v >= 6) w.uvarint(0)
}

function readOffsetFetchResponsePartition(r, v) {
  const partitionIndex = r.int32()
  const committedOffset = r.int64()
  const committedLeaderEpoch = v >= 5 ? r.int32() : -1
  const metadata = r.nullableString()
  const errorCode = r.int16()
  if (v >= 6) r.skipTags()
  return { partitionIndex, committedOffset, committedLeaderEpoch, metadata, errorCode }
}

function writeOffsetFetchResponsePartition(w, v, x) {
  w.int32(x.partitionIndex)
  w.int64(x.committedOffset)
  if (v >= 5) {
    w.int32(x.committedLeaderEpoch ?? -1)
  }
  w.nullableString(x.metadata)
  w.int16(x.errorCode)
  if (v >= 6) w.uvarint(0)
}

function readOffsetFetchResponseTopic(r, v) {
  const name = r.string()
  let partitions
  const n_partitions = r.arrayLength(v >= 5 ? 20 : 16)
  partitions = []
  for (let i = 0; i < n_partitions; i++) partitions.push(readOffsetFetchResponsePartition(r, v))
  if (v >= 6) r.skipTags()
  return { name, partitions }
}

function writeOffsetFetchResponseTopic(w, v, x) {
  w.string(x.name)
  const a_partitions = x.partitions
  w.arrayLength(a_partitions.length)
  for (let i = 0; i < a_partitions.length; i++) writeOffsetFetchResponsePartition(w, v, a_partitions[i])
  if (v >= 6) w.uvarint(0)
}

function readOffsetFetchResponseGroupPartition(r, v) {
  const partitionIndex = r.int32()
  const committedOffset = r.int64()
  const committedLeaderEpoch = r.int32()
  const metadata = r.nullableString()
  const errorCode = r.int16()
  r.skipTags()
  return { partitionIndex, committedOffset, committedLeaderEpoch, metadata, errorCode }
}

function writeOffsetFetchResponseGroupPartition(w, v, x) {
  w.int32(x.partitionIndex)
  w.int64(x.committedOffset)
  w.int32(x.committedLeaderEpoch ?? -1)
  w.nullableString(x.metadata)
  w.int16(x.errorCode)
  w.uvarint(0)
}

function readOffsetFetchResponseGroupTopic(r, v) {
  const name = r.string()
  let partitions
  const n_partitions = r.arrayLength(20)
  partitions = []
  for (let i = 0; i < n_partitions; i++) partitions.push(readOffsetFetchResponseGroupPartition(r, v))
  r.skipTags()
  return { name, partitions }
}

function writeOffsetFetchResponseGroupTopic(w, v, x) {
  w.string(x.name)
  const a_partitions = x.partitions
  w.arrayLength(a_partitions.length)
  for (let i = 0; i < a_partitions.length; i++) writeOffsetFetchResponseGroupPartition(w, v, a_partitions[i])
  w.uvarint(0)
}

function readOffsetFetchResponseGroup(r, v) {
  const groupId = r.string()
  let topics
  const n_topics = r.arrayLength(3)
  topics = []
  for (let i = 0; i < n_topics; i++) topics.push(readOffsetFetchResponseGroupTopic(r, v))
  const errorCode = r.int16()
  r.skipTags()
  return { groupId, topics, errorCode }
}

function writeOffsetFetchResponseGroup(w, v, x) {
  w.string(x.groupId)
  const a_topics = x.topics
  w.arrayLength(a_topics.length)
  for (let i = 0; i < a_topics.length; i++) writeOffsetFetchResponseGroupTopic(w, v, a_topics[i])
  w.int16(x.errorCode ?? 0)
  w.uvarint(0)
}

export function decodeOffsetFetchResponse(r, v) {
  checkDecodable(r.position, v, 1, 9)
  r.flexible = v >= 6
  const throttleTimeMs = v >= 3 ? r.int32() : 0
  let topics = []
  if (v <= 7) {
    const n_topics = r.arrayLength(v >= 6 ? 3 : 6)
    topics = []
    for (let i = 0; i < n_topics; i++) topics.push(readOffsetFetchResponseTopic(r, v))
  }
  const errorCode = v >= 2 && v <= 7 ? r.int16() : 0
  let groups = []
  if (v >= 8) {
    const n_groups = r.arrayLength(5)
    groups = []
    for (let i = 0; i < n_groups; i++) groups.push(readOffsetFetchResponseGroup(r, v))
  }
  if (v >= 6) r.skipTags()
  return { throttleTimeMs, topics, errorCode, groups }
}

export function encodeOffsetFetchResponse(w, v, x) {
  checkEncodable("OffsetFetchResponse", v, 1, 9)
  w.flexible = v >= 6
  if (v >= 3) {
    w.int32(x.throttleTimeMs ?? 0)
  }
  if (v <= 7) {
    const a_topics = x.topics ?? []
    w.arrayLength(a_topics.length)
    for (let i = 0; i < a_topics.length; i++) writeOffsetFetchResponseTopic(w, v, a_topics[i])
  } else {
    if (x.topics !== undefined && x.topics.length !== 0) unsupportedField("OffsetFetchResponse.topics", v, x.topics)
  }
  if (v >= 2 && v <= 7) {
    w.int16(x.errorCode ?? 0)
  }
  if (v >= 8) {
    const a_groups = x.groups ?? []
    w.arrayLength(a_groups.length)
    for (let i = 0; i < a_groups.length; i++) writeOffsetFetchResponseGroup(w, v, a_groups[i])
  } else {
    if (x.groups !== undefined && x.groups.length !== 0) unsupportedField("OffsetFetchResponse.groups", v, x.groups)
  }
  if (v >= 6) w.uvarint(0)
}

export function decodeFindCoordinatorRequest(r, v) {
  checkDecodable(r.position, v, 0, 6)
  r.flexible = v >= 3
  const key = v <= 3 ? r.string() : ""
  const keyType = v >= 1 ? r.int8() : 0
  const coordinatorKeys = v >= 4 ? r.stringArray(r.arrayLength(1)) : []
  if (v >= 3) r.skipTags()
  return { key, keyType, coordinatorKeys }
}

export function encodeFindCoordinatorRequest(w, v, x) {
  checkEncodable("FindCoordinatorRequest", v, 0, 6)
  w.flexible = v >= 3
  if (v <= 3) {
    w.string(x.key ?? "")
  } else {
    if (x.key !== undefined && x.key !== "") unsupportedField("FindCoordinatorRequest.key", v, x.key)
  }
  if (v >= 1) {
    w.int8(x.keyType ?? 0)
  } else {
    if (x.keyType !== undefined && x.keyType !== 0) unsupportedField("FindCoordinatorRequest.keyType", v, x.keyType)
  }
  if (v >= 4) {
    const a_coordinatorKeys = x.coordinatorKeys ?? []
    w.stringArray(a_coordinatorKeys)
  } else {
    if (x.coordinatorKeys !== undefined && x.coordinatorKeys.length !== 0) unsupportedField("FindCoordinatorRequest.coordinatorKeys", v, x.coordinatorKeys)
  }
  if (v >= 3) w.uvarint(0)
}

function readFindCoordinatorResponseCoordinator(r, v) {
  const key = r.string()
  const nodeId = r.int32()
  const host = r.string()
  const port = r.int32()
  const errorCode = r.int16()
  const errorMessage = r.nullableString()
  r.skipTags()
  return { key, nodeId, host, port, errorCode, errorMessage }
}

function writeFindCoordinatorResponseCoordinator(w, v, x) {
  w.string(x.key)
  w.int32(x.nodeId)
  w.string(x.host)
  w.int32(x.port)
  w.int16(x.errorCode)
  w.nullableString(x.errorMessage === undefined ? "" : x.errorMessage)
  w.uvarint(0)
}

export function decodeFindCoordinatorResponse(r, v) {
  checkDecodable(r.position, v, 0, 6)
  r.flexible = v >= 3
  const throttleTimeMs = v >= 1 ? r.int32() : 0
  const errorCode = v <= 3 ? r.int16() : 0
  const errorMessage = v >= 1 && v <= 3 ? r.nullableString() : ""
  const nodeId = v <= 3 ? r.int32() : 0
  const host = v <= 3 ? r.string() : ""
  const port = v <= 3 ? r.int32() : 0
  let coordinators = []
  if (v >= 4) {
    const n_coordinators = r.arrayLength(14)
    coordinators = []
    for (let i = 0; i < n_coordinators; i++) coordinators.push(readFindCoordinatorResponseCoordinator(r, v))
  }
  if (v >= 3) r.skipTags()
  return { throttleTimeMs, errorCode, errorMessage, nodeId, host, port, coordinators }
}

export function encodeFindCoordinatorResponse(w, v, x) {
  checkEncodable("FindCoordinatorResponse", v, 0, 6)
  w.flexible = v >= 3
  if (v >= 1) {
    w.int32(x.throttleTimeMs ?? 0)
  }
  if (v <= 3) {
    w.int16(x.errorCode ?? 0)
  } else {
    if (x.errorCode !== undefined && x.errorCode !== 0) unsupportedField("FindCoordinatorResponse.errorCode", v, x.errorCode)
  }
  if (v >= 1 && v <= 3) {
    w.nullableString(x.errorMessage === undefined ? "" : x.errorMessage)
  }
  if (v <= 3) {
    w.int32(x.nodeId ?? 0)
  } else {
    if (x.nodeId !== undefined && x.nodeId !== 0) unsupportedField("FindCoordinatorResponse.nodeId", v, x.nodeId)
  }
  if (v <= 3) {
    w.string(x.host ?? "")
  } else {
    if (x.host !== undefined && x.host !== "") unsupportedField("FindCoordinatorResponse.host", v, x.host)
  }
  if (v <= 3) {
    w.int32(x.port ?? 0)
  } else {
    if (x.port !== undefined && x.port !== 0) unsupportedField("FindCoordinatorResponse.port", v, x.port)
  }
  if (v >= 4) {
    const a_coordinators = x.coordinators ?? []
    w.arrayLength(a_coordinators.length)
    for (let i = 0; i < a_coordinators.length; i++) writeFindCoordinatorResponseCoordinator(w, v, a_coordinators[i])
  } else {
    if (x.coordinators !== undefined && x.coordinators.length !== 0) unsupportedField("FindCoordinatorResponse.coordinators", v, x.coordinators)
  }
  if (v >= 3) w.uvarint(0)
}

function readJoinGroupRequestProtocol(r, v) {
  const name = r.string()
  const metadata = r.bytes()
  if (v >= 6) r.skipTags()
  return { name, metadata }
}

function writeJoinGroupRequestProtocol(w, v, x) {
  w.string(x.name)
  w.bytes(x.metadata)
  if (v >= 6) w.uvarint(0)
}

export function decodeJoinGroupRequest(r, v) {
  checkDecodable(r.position, v, 0, 9)
  r.flexible = v >= 6
  const groupId = r.string()
  const sessionTimeoutMs = r.int32()
  const rebalanceTimeoutMs = v >= 1 ? r.int32() : -1
  const memberId = r.string()
  const groupInstanceId = v >= 5 ? r.nullableString() : null
  const protocolType = r.string()
  let protocols
  const n_protocols = r.arrayLength(v >= 6 ? 3 : 6)
  protocols = []
  for (let i = 0; i < n_protocols; i++) protocols.push(readJoinGroupRequestProtocol(r, v))
  const reason = v >= 8 ? r.nullableString() : null
  if (v >= 6) r.skipTags()
  return { groupId, sessionTimeoutMs, rebalanceTimeoutMs, memberId, groupInstanceId, protocolType, protocols, reason }
}

export function encodeJoinGroupRequest(w, v, x) {
  checkEncodable("JoinGroupRequest", v, 0, 9)
  w.flexible = v >= 6
  w.string(x.groupId)
  w.int32(x.sessionTimeoutMs)
  if (v >= 1) {
    w.int32(x.rebalanceTimeoutMs ?? -1)
  }
  w.string(x.memberId)
  if (v >= 5) {
    w.nullableString(x.groupInstanceId ?? null)
  } else {
    if (x.groupInstanceId !== undefined && x.groupInstanceId !== null) unsupportedField("JoinGroupRequest.groupInstanceId", v, x.groupInstanceId)
  }
  w.string(x.protocolType)
  const a_protocols = x.protocols
  w.arrayLength(a_protocols.length)
  for (let i = 0; i < a_protocols.length; i++) writeJoinGroupRequestProtocol(w, v, a_protocols[i])
  if (v >= 8) {
    w.nullableString(x.reason ?? null)
  }
  if (v >= 6) w.uvarint(0)
}

function readJoinGroupResponseMember(r, v) {
  const memberId = r.string()
  const groupInstanceId = v >= 5 ? r.nullableString() : null
  const metadata = r.bytes()
  if (v >= 6) r.skipTags()
  return { memberId, groupInstanceId, metadata }
}

function writeJoinGroupResponseMember(w, v, x) {
  w.string(x.memberId)
  if (v >= 5) {
    w.nullableString(x.groupInstanceId ?? null)
  }
  w.bytes(x.metadata)
  if (v >= 6) w.uvarint(0)
}

export function decodeJoinGroupResponse(r, v) {
  checkDecodable(r.position, v, 0, 9)
  r.flexible = v >= 6
  const throttleTimeMs = v >= 2 ? r.int32() : 0
  const errorCode = r.int16()
  const generationId = r.int32()
  const protocolType = v >= 7 ? r.nullableString() : null
  const protocolName = (v >= 7 ? r.nullableString() : r.string())
  const leader = r.string()
  const skipAssignment = v >= 9 ? r.boolean() : false
  const memberId = r.string()
  let members
  const n_members = r.arrayLength(v >= 6 ? 4 : v >= 5 ? 8 : 6)
  members = []
  for (let i = 0; i < n_members; i++) members.push(readJoinGroupResponseMember(r, v))
  if (v >= 6) r.skipTags()
  return { throttleTimeMs, errorCode, generationId, protocolType, protocolName, leader, skipAssignment, memberId, members }
}

export function encodeJoinGroupResponse(w, v, x) {
  checkEncodable("JoinGroupResponse", v, 0, 9)
  w.flexible = v >= 6
  if (v >= 2) {
    w.int32(x.throttleTimeMs ?? 0)
  }
  w.int16(x.errorCode)
  w.int32(x.generationId ?? -1)
  if (v >= 7) {
    w.nullableString(x.protocolType ?? null)
  }
  if (v >= 7) w.nullableString(x.protocolName)
  else w.string(x.protocolName)
  w.string(x.leader)
  if (v >= 9) {
    w.boolean(x.skipAssignment ?? false)
  } else {
    if (x.skipAssignment !== undefined && x.skipAssignment !== false) unsupportedField("JoinGroupResponse.skipAssignment", v, x.skipAssignment)
  }
  w.string(x.memberId)
  const a_members = x.members
  w.arrayLength(a_members.length)
  for (let i = 0; i < a_members.length; i++) writeJoinGroupResponseMember(w, v, a_members[i])
  if (v >= 6) w.uvarint(0)
}

export function decodeHeartbeatRequest(r, v) {
  checkDecodable(r.position, v, 0, 4)
  r.flexible = v >= 4
  const groupId = r.string()
  const generationId = r.int32()
  const memberId = r.string()
  const groupInstanceId = v >= 3 ? r.nullableString() : null
  if (v >= 4) r.skipTags()
  return { groupId, generationId, memberId, groupInstanceId }
}

export function encodeHeartbeatRequest(w, v, x) {
  checkEncodable("HeartbeatRequest", v, 0, 4)
  w.flexible = v >= 4
  w.string(x.groupId)
  w.int32(x.generationId)
  w.string(x.memberId)
  if (v >= 3) {
    w.nullableString(x.groupInstanceId ?? null)
  } else {
    if (x.groupInstanceId !== undefined && x.groupInstanceId !== null) unsupportedField("HeartbeatRequest.groupInstanceId", v, x.groupInstanceId)
  }
  if (v >= 4) w.uvarint(0)
}

export function decodeHeartbeatResponse(r, v) {
  checkDecodable(r.position, v, 0, 4)
  r.flexible = v >= 4
  const throttleTimeMs = v >= 1 ? r.int32() : 0
  const errorCode = r.int16()
  if (v >= 4) r.skipTags()
  return { throttleTimeMs, errorCode }
}

export function encodeHeartbeatResponse(w, v, x) {
  checkEncodable("HeartbeatResponse", v, 0, 4)
  w.flexible = v >= 4
  if (v >= 1) {
    w.int32(x.throttleTimeMs ?? 0)
  }
  w.int16(x.errorCode)
  if (v >= 4) w.uvarint(0)
}

function readLeaveGroupRequestMember(r, v) {
  const memberId = r.string()
  const groupInstanceId = r.nullableString()
  const reason = v >= 5 ? r.nullableString() : null
  if (v >= 4) r.skipTags()
  return { memberId, groupInstanceId, reason }
}

function writeLeaveGroupRequestMember(w, v, x) {
  w.string(x.memberId)
  w.nullableString(x.groupInstanceId ?? null)
  if (v >= 5) {
    w.nullableString(x.reason ?? null)
  }
  if (v >= 4) w.uvarint(0)
}

export function decodeLeaveGroupRequest(r, v) {
  checkDecodable(r.position, v, 0, 5)
  r.flexible = v >= 4
  const groupId = r.string()
  const memberId = v <= 2 ? r.string() : ""
  let members = []
  if (v >= 3) {
    const n_members = r.arrayLength(v >= 5 ? 4 : v >= 4 ? 3 : 4)
    members = []
    for (let i = 0; i < n_members; i++) members.push(readLeaveGroupRequestMember(r, v))
  }
  if (v >= 4) r.skipTags()
  return { groupId, memberId, members }
}

export function encodeLeaveGroupRequest(w, v, x) {
  checkEncodable("LeaveGroupRequest", v, 0, 5)
  w.flexible = v >= 4
  w.string(x.groupId)
  if (v <= 2) {
    w.string(x.memberId ?? "")
  } else {
    if (x.memberId !== undefined && x.memberId !== "") unsupportedField("LeaveGroupRequest.memberId", v, x.memberId)
  }
  if (v >= 3) {
    const a_members = x.members ?? []
    w.arrayLength(a_members.length)
    for (let i = 0; i < a_members.length; i++) writeLeaveGroupRequestMember(w, v, a_members[i])
  } else {
    if (x.members !== undefined && x.members.length !== 0) unsupportedField("LeaveGroupRequest.members", v, x.members)
  }
  if (v >= 4) w.uvarint(0)
}

function readLeaveGroupResponseMember(r, v) {
  const memberId = r.string()
  const groupInstanceId = r.nullableString()
  const errorCode = r.int16()
  if (v >= 4) r.skipTags()
  return { memberId, groupInstanceId, errorCode }
}

function writeLeaveGroupResponseMember(w, v, x) {
  w.string(x.memberId)
  w.nullableString(x.groupInstanceId)
  w.int16(x.errorCode)
  if (v >= 4) w.uvarint(0)
}

export function decodeLeaveGroupResponse(r, v) {
  checkDecodable(r.position, v, 0, 5)
  r.flexible = v >= 4
  const throttleTimeMs = v >= 1 ? r.int32() : 0
  const errorCode = r.int16()
  let members = []
  if (v >= 3) {
    const n_members = r.arrayLength(v >= 4 ? 5 : 6)
    members = []
    for (let i = 0; i < n_members; i++) members.push(readLeaveGroupResponseMember(r, v))
  }
  if (v >= 4) r.skipTags()
  return { throttleTimeMs, errorCode, members }
}

export function encodeLeaveGroupResponse(w, v, x) {
  checkEncodable("LeaveGroupResponse", v, 0, 5)
  w.flexible = v >= 4
  if (v >= 1) {
    w.int32(x.throttleTimeMs ?? 0)
  }
  w.int16(x.errorCode)
  if (v >= 3) {
    const a_members = x.members ?? []
    w.arrayLength(a_members.length)
    for (let i = 0; i < a_members.length; i++) writeLeaveGroupResponseMember(w, v, a_members[i])
  } else {
    if (x.members !== undefined && x.members.length !== 0) unsupportedField("LeaveGroupResponse.members", v, x.members)
  }
  if (v >= 4) w.uvarint(0)
}

function readSyncGroupRequestAssignment(r, v) {
  const memberId = r.string()
  const assignment = r.bytes()
  if (v >= 4) r.skipTags()
  return { memberId, assignment }
}

function writeSyncGroupRequestAssignment(w, v, x) {
  w.string(x.memberId)
  w.bytes(x.assignment)
  if (v >= 4) w.uvarint(0)
}

export function decodeSyncGroupRequest(r, v) {
  checkDecodable(r.position, v, 0, 5)
  r.flexible = v >= 4
  const groupId = r.string()
  const generationId = r.int32()
  const memberId = r.string()
  const groupInstanceId = v >= 3 ? r.nullableString() : null
  const protocolType = v >= 5 ? r.nullableString() : null
  const protocolName = v >= 5 ? r.nullableString() : null
  let assignments
  const n_assignments = r.arrayLength(v >= 4 ? 3 : 6)
  assignments = []
  for (let i = 0; i < n_assignments; i++) assignments.push(readSyncGroupRequestAssignment(r, v))
  if (v >= 4) r.skipTags()
  return { groupId, generationId, memberId, groupInstanceId, protocolType, protocolName, assignments }
}

export function encodeSyncGroupRequest(w, v, x) {
  checkEncodable("SyncGroupRequest", v, 0, 5)
  w.flexible = v >= 4
  w.string(x.groupId)
  w.int32(x.generationId)
  w.string(x.memberId)
  if (v >= 3) {
    w.nullableString(x.groupInstanceId ?? null)
  } else {
    if (x.groupInstanceId !== undefined && x.groupInstanceId !== null) unsupportedField("SyncGroupRequest.groupInstanceId", v, x.groupInstanceId)
  }
  if (v >= 5) {
    w.nullableString(x.protocolType ?? null)
  }
  if (v >= 5) {
    w.nullableString(x.protocolName ?? null)
  }
  const a_assignments = x.assignments
  w.arrayLength(a_assignments.length)
  for (let i = 0; i < a_assignments.length; i++) writeSyncGroupRequestAssignment(w, v, a_assignments[i])
  if (v >= 4) w.uvarint(0)
}

export function decodeSyncGroupResponse(r, v) {
  checkDecodable(r.position, v, 0, 5)
  r.flexible = v >= 4
  const throttleTimeMs = v >= 1 ? r.int32() : 0
  const errorCode = r.int16()
  const protocolType = v >= 5 ? r.nullableString() : null
  const protocolName = v >= 5 ? r.nullableString() : null
  const assignment = r.bytes()
  if (v >= 4) r.skipTags()
  return { throttleTimeMs, errorCode, protocolType, protocolName, assignment }
}

export function encodeSyncGroupResponse(w, v, x) {
  checkEncodable("SyncGroupResponse", v, 0, 5)
  w.flexible = v >= 4
  if (v >= 1) {
    w.int32(x.throttleTimeMs ?? 0)
  }
  w.int16(x.errorCode)
  if (v >= 5) {
    w.nullableString(x.protocolType ?? null)
  }
  if (v >= 5) {
    w.nullableString(x.protocolName ?? null)
  }
  w.bytes(x.assignment)
  if (v >= 4) w.uvarint(0)
}

export function decodeDescribeGroupsRequest(r, v) {
  checkDecodable(r.position, v, 0, 6)
  r.flexible = v >= 5
  const groups = r.stringArray(r.arrayLength(v >= 5 ? 1 : 2))
  const includeAuthorizedOperations = v >= 3 ? r.boolean() : false
  if (v >= 5) r.skipTags()
  return { groups, includeAuthorizedOperations }
}

export function encodeDescribeGroupsRequest(w, v, x) {
  checkEncodable("DescribeGroupsRequest", v, 0, 6)
  w.flexible = v >= 5
  const a_groups = x.groups
  w.stringArray(a_groups)
  if (v >= 3) {
    w.boolean(x.includeAuthorizedOperations ?? false)
  } else {
    if (x.includeAuthorizedOperations !== undefined && x.includeAuthorizedOperations !== false) unsupportedField("DescribeGroupsRequest.includeAuthorizedOperations", v, x.includeAuthorizedOperations)
  }
  if (v >= 5) w.uvarint(0)
}

function readDescribeGroupsResponseMember(r, v) {
  const memberId = r.string()
  const groupInstanceId = v >= 4 ? r.nullableString() : null
  const clientId = r.string()
  const clientHost = r.string()
  const memberMetadata = r.bytes()
  const memberAssignment = r.bytes()
  if (v >= 5) r.skipTags()
  return { memberId, groupInstanceId, clientId, clientHost, memberMetadata, memberAssignment }
}

function writeDescribeGroupsResponseMember(w, v, x) {
  w.string(x.memberId)
  if (v >= 4) {
    w.nullableString(x.groupInstanceId ?? null)
  }
  w.string(x.clientId)
  w.string(x.clientHost)
  w.bytes(x.memberMetadata)
  w.bytes(x.memberAssignment)
  if (v >= 5) w.uvarint(0)
}

function readDescribeGroupsResponseGroup(r, v) {
  const errorCode = r.int16()
  const errorMessage = v >= 6 ? r.nullableString() : null
  const groupId = r.string()
  const groupState = r.string()
  const protocolType = r.string()
  const protocolData = r.string()
  let members
  const n_members = r.arrayLength(v >= 5 ? 7 : v >= 4 ? 16 : 14)
  members = []
  for (let i = 0; i < n_members; i++) members.push(readDescribeGroupsResponseMember(r, v))
  const authorizedOperations = v >= 3 ? r.int32() : -2147483648
  if (v >= 5) r.skipTags()
  return { errorCode, errorMessage, groupId, groupState, protocolType, protocolData, members, authorizedOperations }
}

function writeDescribeGroupsResponseGroup(w, v, x) {
  w.int16(x.errorCode)
  if (v >= 6) {
    w.nullableString(x.errorMessage ?? null)
  } else {
    if (x.errorMessage !== undefined && x.errorMessage !== null) unsupportedField("DescribeGroupsResponseGroup.errorMessage", v, x.errorMessage)
  }
  w.string(x.groupId)
  w.string(x.groupState)
  w.string(x.protocolType)
  w.string(x.protocolData)
  const a_members = x.members
  w.arrayLength(a_members.length)
  for (let i = 0; i < a_members.length; i++) writeDescribeGroupsResponseMember(w, v, a_members[i])
  if (v >= 3) {
    w.int32(x.authorizedOperations ?? -2147483648)
  } else {
    if (x.authorizedOperations !== undefined && x.authorizedOperations !== -2147483648) unsupportedField("DescribeGroupsResponseGroup.authorizedOperations", v, x.authorizedOperations)
  }
  if (v >= 5) w.uvarint(0)
}

export function decodeDescribeGroupsResponse(r, v) {
  checkDecodable(r.position, v, 0, 6)
  r.flexible = v >= 5
  const throttleTimeMs = v >= 1 ? r.int32() : 0
  let groups
  const n_groups = r.arrayLength(v >= 6 ? 13 : v >= 5 ? 12 : v >= 3 ? 18 : 14)
  groups = []
  for (let i = 0; i < n_groups; i++) groups.push(readDescribeGroupsResponseGroup(r, v))
  if (v >= 5) r.skipTags()
  return { throttleTimeMs, groups }
}

export function encodeDescribeGroupsResponse(w, v, x) {
  checkEncodable("DescribeGroupsResponse", v, 0, 6)
  w.flexible = v >= 5
  if (v >= 1) {
    w.int32(x.throttleTimeMs ?? 0)
  }
  const a_groups = x.groups
  w.arrayLength(a_groups.length)
  for (let i = 0; i < a_groups.length; i++) writeDescribeGroupsResponseGroup(w, v, a_groups[i])
  if (v >= 5) w.uvarint(0)
}

export function decodeListGroupsRequest(r, v) {
  checkDecodable(r.position, v, 0, 5)
  r.flexible = v >= 3
  const statesFilter = v >= 4 ? r.stringArray(r.arrayLength(1)) : []
  const typesFilter = v >= 5 ? r.stringArray(r.arrayLength(1)) : []
  if (v >= 3) r.skipTags()
  return { statesFilter, typesFilter }
}

export function encodeListGroupsRequest(w, v, x) {
  checkEncodable("ListGroupsRequest", v, 0, 5)
  w.flexible = v >= 3
  if (v >= 4) {
    const a_statesFilter = x.statesFilter ?? []
    w.stringArray(a_statesFilter)
  } else {
    if (x.statesFilter !== undefined && x.statesFilter.length !== 0) unsupportedField("ListGroupsRequest.statesFilter", v, x.statesFilter)
  }
  if (v >= 5) {
    const a_typesFilter = x.typesFilter ?? []
    w.stringArray(a_typesFilter)
  } else {
    if (x.typesFilter !== undefined && x.typesFilter.length !== 0) unsupportedField("ListGroupsRequest.typesFilter", v, x.typesFilter)
  }
  if (v >= 3) w.uvarint(0)
}

function readListGroupsResponseGroup(r, v) {
  const groupId = r.string()
  const protocolType = r.string()
  const groupState = v >= 4 ? r.string() : ""
  const groupType = v >= 5 ? r.string() : ""
  if (v >= 3) r.skipTags()
  return { groupId, protocolType, groupState, groupType }
}

function writeListGroupsResponseGroup(w, v, x) {
  w.string(x.groupId)
  w.string(x.protocolType)
  if (v >= 4) {
    w.string(x.groupState ?? "")
  }
  if (v >= 5) {
    w.string(x.groupType ?? "")
  }
  if (v >= 3) w.uvarint(0)
}

export function decodeListGroupsResponse(r, v) {
  checkDecodable(r.position, v, 0, 5)
  r.flexible = v >= 3
  const throttleTimeMs = v >= 1 ? r.int32() : 0
  const errorCode = r.int16()
  let groups
  const n_groups = r.arrayLength(v >= 5 ? 5 : v >= 4 ? 4 : v >= 3 ? 3 : 4)
  groups = []
  for (let i = 0; i < n_groups; i++) groups.push(readListGroupsResponseGroup(r, v))
  if (v >= 3) r.skipTags()
  return { throttleTimeMs, errorCode, groups }
}

export function encodeListGroupsResponse(w, v, x) {
  checkEncodable("ListGroupsResponse", v, 0, 5)
  w.flexible = v >= 3
  if (v >= 1) {
    w.int32(x.throttleTimeMs ?? 0)
  }
  w.int16(x.errorCode)
  const a_groups = x.groups
  w.arrayLength(a_groups.length)
  for (let i = 0; i < a_groups.length; i++) writeListGroupsResponseGroup(w, v, a_groups[i])
  if (v >= 3) w.uvarint(0)
}

export function decodeApiVersionsRequest(r, v) {
  checkDecodable(r.position, v, 0, 4)
  r.flexible = v >= 3
  const clientSoftwareName = v >= 3 ? r.string() : ""
  const clientSoftwareVersion = v >= 3 ? r.string() : ""
  if (v >= 3) r.skipTags()
  return { clientSoftwareName, clientSoftwareVersion }
}

export function encodeApiVersionsRequest(w, v, x) {
  checkEncodable("ApiVersionsRequest", v, 0, 4)
  w.flexible = v >= 3
  if (v >= 3) {
    w.string(x.clientSoftwareName ?? "")
  }
  if (v >= 3) {
    w.string(x.clientSoftwareVersion ?? "")
  }
  if (v >= 3) w.uvarint(0)
}

function readApiVersionsResponseApiKey(r, v) {
  const apiKey = r.int16()
  const minVersion = r.int16()
  const maxVersion = r.int16()
  if (v >= 3) r.skipTags()
  return { apiKey, minVersion, maxVersion }
}

function writeApiVersionsResponseApiKey(w, v, x) {
  w.int16(x.apiKey)
  w.int16(x.minVersion)
  w.int16(x.maxVersion)
  if (v >= 3) w.uvarint(0)
}

function readApiVersionsResponseSupportedFeature(r, v) {
  const name = r.string()
  const minVersion = r.int16()
  const maxVersion = r.int16()
  r.skipTags()
  return { name, minVersion, maxVersion }
}

function writeApiVersionsResponseSupportedFeature(w, v, x) {
  w.string(x.name)
  w.int16(x.minVersion)
  w.int16(x.maxVersion)
  w.uvarint(0)
}

function readApiVersionsResponseFinalizedFeature(r, v) {
  const name = r.string()
  const maxVersionLevel = r.int16()
  const minVersionLevel = r.int16()
  r.skipTags()
  return { name, maxVersionLevel, minVersionLevel }
}

function writeApiVersionsResponseFinalizedFeature(w, v, x) {
  w.string(x.name)
  w.int16(x.maxVersionLevel)
  w.int16(x.minVersionLevel)
  w.uvarint(0)
}

export function decodeApiVersionsResponse(r, v) {
  checkDecodable(r.position, v, 0, 4)
  r.flexible = v >= 3
  const errorCode = r.int16()
  let apiKeys
  const n_apiKeys = r.arrayLength(v >= 3 ? 7 : 6)
  apiKeys = []
  for (let i = 0; i < n_apiKeys; i++) apiKeys.push(readApiVersionsResponseApiKey(r, v))
  const throttleTimeMs = v >= 1 ? r.int32() : 0
  let supportedFeatures = []
  let finalizedFeaturesEpoch = -1
  let finalizedFeatures = []
  let zkMigrationReady = false
  if (v >= 3) {
    for (let n = r.tagCount(); n > 0; n--) {
      const tag = r.uvarint()
      if (tag === 0) {
        const outerEnd = r.beginTag()
        const n_supportedFeatures = r.arrayLength(6)
        supportedFeatures = []
        for (let i = 0; i < n_supportedFeatures; i++) supportedFeatures.push(readApiVersionsResponseSupportedFeature(r, v))
        r.endTag(outerEnd)
      } else if (tag === 1) {
        const outerEnd = r.beginTag()
        finalizedFeaturesEpoch = r.int64()
        r.endTag(outerEnd)
      } else if (tag === 2) {
        const outerEnd = r.beginTag()
        const n_finalizedFeatures = r.arrayLength(6)
        finalizedFeatures = []
        for (let i = 0; i < n_finalizedFeatures; i++) finalizedFeatures.push(readApiVersionsResponseFinalizedFeature(r, v))
        r.endTag(outerEnd)
      } else if (tag === 3) {
        const outerEnd = r.beginTag()
        zkMigrationReady = r.boolean()
        r.endTag(outerEnd)
      } else r.skipTag()
    }
  }
  return { errorCode, apiKeys, throttleTimeMs, supportedFeatures, finalizedFeaturesEpoch, finalizedFeatures, zkMigrationReady }
}

export function encodeApiVersionsResponse(w, v, x) {
  checkEncodable("ApiVersionsResponse", v, 0, 4)
  w.flexible = v >= 3
  w.int16(x.errorCode)
  const a_apiKeys = x.apiKeys
  w.arrayLength(a_apiKeys.length)
  for (let i = 0; i < a_apiKeys.length; i++) writeApiVersionsResponseApiKey(w, v, a_apiKeys[i])
  if (v >= 1) {
    w.int32(x.throttleTimeMs ?? 0)
  }
  if (v >= 3) {
    const t_supportedFeatures = x.supportedFeatures !== undefined && (x.supportedFeatures.length !== 0)
    const t_finalizedFeaturesEpoch = x.finalizedFeaturesEpoch !== undefined && (x.finalizedFeaturesEpoch !== -1)
    const t_finalizedFeatures = x.finalizedFeatures !== undefined && (x.finalizedFeatures.length !== 0)
    const t_zkMigrationReady = x.zkMigrationReady !== undefined && (x.zkMigrationReady !== false)
    w.uvarint((t_supportedFeatures ? 1 : 0) + (t_finalizedFeaturesEpoch ? 1 : 0) + (t_finalizedFeatures ? 1 : 0) + (t_zkMigrationReady ? 1 : 0))
    if (t_supportedFeatures) {
      const mark = w.beginTag(0)
      const a_supportedFeatures = x.supportedFeatures ?? []
      w.arrayLength(a_supportedFeatures.length)
      for (let i = 0; i < a_supportedFeatures.length; i++) writeApiVersionsResponseSupportedFeature(w, v, a_supportedFeatures[i])
      w.endTag(mark)
    }
    if (t_finalizedFeaturesEpoch) {
      const mark = w.beginTag(1)
      w.int64(x.finalizedFeaturesEpoch ?? -1)
      w.endTag(mark)
    }
    if (t_finalizedFeatures) {
      const mark = w.beginTag(2)
      const a_finalizedFeatures = x.finalizedFeatures ?? []
      w.arrayLength(a_finalizedFeatures.length)
      for (let i = 0; i < a_finalizedFeatures.length; i++) writeApiVersionsResponseFinalizedFeature(w, v, a_finalizedFeatures[i])
      w.endTag(mark)
    }
    if (t_zkMigrationReady) {
      const mark = w.beginTag(3)
      w.boolean(x.zkMigrationReady ?? false)
      w.endTag(mark)
    }
  }
}

function readCreateTopicsRequestAssignment(r, v) {
  const partitionIndex = r.int32()
  const brokerIds = r.int32Array(r.arrayLength(4))
  if (v >= 5) r.skipTags()
  return { partitionIndex, brokerIds }
}

function writeCreateTopicsRequestAssignment(w, v, x) {
  w.int32(x.partitionIndex)
  const a_brokerIds = x.brokerIds
  w.int32Array(a_brokerIds)
  if (v >= 5) w.uvarint(0)
}

function readCreateTopicsRequestConfig(r, v) {
  const name = r.string()
  const value = r.nullableString()
  if (v >= 5) r.skipTags()
  return { name, value }
}

function writeCreateTopicsRequestConfig(w, v, x) {
  w.string(x.name)
  w.nullableString(x.value)
  if (v >= 5) w.uvarint(0)
}

function readCreateTopicsRequestTopic(r, v) {
  const name = r.string()
  const numPartitions = r.int32()
  const replicationFactor = r.int16()
  let assignments
  const n_assignments = r.arrayLength(v >= 5 ? 6 : 8)
  assignments = []
  for (let i = 0; i < n_assignments; i++) assignments.push(readCreateTopicsRequestAssignment(r, v))
  let configs
  const n_configs = r.arrayLength(v >= 5 ? 3 : 4)
  configs = []
  for (let i = 0; i < n_configs; i++) configs.push(readCreateTopicsRequestConfig(r, v))
  if (v >= 5) r.skipTags()
  return { name, numPartitions, replicationFactor, assignments, configs }
}

function writeCreateTopicsRequestTopic(w, v, x) {
  w.string(x.name)
  w.int32(x.numPartitions)
  w.int16(x.replicationFactor)
  const a_assignments = x.assignments
  w.arrayLength(a_assignments.length)
  for (let i = 0; i < a_assignments.length; i++) writeCreateTopicsRequestAssignment(w, v, a_assignments[i])
  const a_configs = x.configs
  w.arrayLength(a_configs.length)
  for (let i = 0; i < a_configs.length; i++) writeCreateTopicsRequestConfig(w, v, a_configs[i])
  if (v >= 5) w.uvarint(0)
}

export function decodeCreateTopicsRequest(r, v) {
  checkDecodable(r.position, v, 0, 7)
  r.flexible = v >= 5
  let topics
  const n_topics = r.arrayLength(v >= 5 ? 10 : 16)
  topics = []
  for (let i = 0; i < n_topics; i++) topics.push(readCreateTopicsRequestTopic(r, v))
  const timeoutMs = r.int32()
  const validateOnly = v >= 1 ? r.boolean() : false
  if (v >= 5) r.skipTags()
  return { topics, timeoutMs, validateOnly }
}

export function encodeCreateTopicsRequest(w, v, x) {
  checkEncodable("CreateTopicsRequest", v, 0, 7)
  w.flexible = v >= 5
  const a_topics = x.topics
  w.arrayLength(a_topics.length)
  for (let i = 0; i < a_topics.length; i++) writeCreateTopicsRequestTopic(w, v, a_topics[i])
  w.int32(x.timeoutMs ?? 60000)
  if (v >= 1) {
    w.boolean(x.validateOnly ?? false)
  } else {
    if (x.validateOnly !== undefined && x.validateOnly !== false) unsupportedField("CreateTopicsRequest.validateOnly", v, x.validateOnly)
  }
  if (v >= 5) w.uvarint(0)
}

function readCreateTopicsResponseConfig(r, v) {
  const name = r.string()
  const value = r.nullableString()
  const readOnly = r.boolean()
  const configSource = r.int8()
  const isSensitive = r.boolean()
  r.skipTags()
  return { name, value, readOnly, configSource, isSensitive }
}

function writeCreateTopicsResponseConfig(w, v, x) {
  w.string(x.name)
  w.nullableString(x.value)
  w.boolean(x.readOnly)
  w.int8(x.configSource ?? -1)
  w.boolean(x.isSensitive)
  w.uvarint(0)
}

function readCreateTopicsResponseTopic(r, v) {
  const name = r.string()
  const topicId = v >= 7 ? r.uuid() : zeroUuid
  const errorCode = r.int16()
  const errorMessage = v >= 1 ? r.nullableString() : ""
  let topicConfigErrorCode = 0
  const numPartitions = v >= 5 ? r.int32() : -1
  const replicationFactor = v >= 5 ? r.int16() : -1
  let configs = []
  if (v >= 5) {
    const n_configs = r.nullableArrayLength(6)
    if (n_configs < 0) configs = null
    else {
      configs = []
      for (let i = 0; i < n_configs; i++) configs.push(readCreateTopicsResponseConfig(r, v))
    }
  }
  if (v >= 5) {
    for (let n = r.tagCount(); n > 0; n--) {
      const tag = r.uvarint()
      if (tag === 0) {
        const outerEnd = r.beginTag()
        topicConfigErrorCode = r.int16()
        r.endTag(outerEnd)
      } else r.skipTag()
    }
  }
  return { name, topicId, errorCode, errorMessage, topicConfigErrorCode, numPartitions, replicationFactor, configs }
}

function writeCreateTopicsResponseTopic(w, v, x) {
  w.string(x.name)
  if (v >= 7) {
    w.uuid(x.topicId ?? zeroUuid)
  }
  w.int16(x.errorCode)
  if (v >= 1) {
    w.nullableString(x.errorMessage === undefined ? "" : x.errorMessage)
  }
  if (v >= 5) {
    w.int32(x.numPartitions ?? -1)
  }
  if (v >= 5) {
    w.int16(x.replicationFactor ?? -1)
  }
  if (v >= 5) {
    const a_configs = x.configs === undefined ? [] : x.configs
    if (a_configs === null) {
      w.nullArray()
    } else {
      w.arrayLength(a_configs.length)
      for (let i = 0; i < a_configs.length; i++) writeCreateTopicsResponseConfig(w, v, a_configs[i])
    }
  }
  if (v >= 5) {
    const t_topicConfigErrorCode = x.topicConfigErrorCode !== undefined && (x.topicConfigErrorCode !== 0)
    w.uvarint((t_topicConfigErrorCode ? 1 : 0))
    if (t_topicConfigErrorCode) {
      const mark = w.beginTag(0)
      w.int16(x.topicConfigErrorCode ?? 0)
      w.endTag(mark)
    }
  }
}

export function decodeCreateTopicsResponse(r, v) {
  checkDecodable(r.position, v, 0, 7)
  r.flexible = v >= 5
  const throttleTimeMs = v >= 2 ? r.int32() : 0
  let topics
  const n_topics = r.arrayLength(v >= 7 ? 28 : v >= 5 ? 12 : v >= 1 ? 6 : 4)
  topics = []
  for (let i = 0; i < n_topics; i++) topics.push(readCreateTopicsResponseTopic(r, v))
  if (v >= 5) r.skipTags()
  return { throttleTimeMs, topics }
}

export function encodeCreateTopicsResponse(w, v, x) {
  checkEncodable("CreateTopicsResponse", v, 0, 7)
  w.flexible = v >= 5
  if (v >= 2) {
    w.int32(x.throttleTimeMs ?? 0)
  }
  const a_topics = x.topics
  w.arrayLength(a_topics.length)
  for (let i = 0; i < a_topics.length; i++) writeCreateTopicsResponseTopic(w, v, a_topics[i])
  if (v >= 5) w.uvarint(0)
}

function readDeleteTopicsRequestTopic(r, v) {
  const name = r.nullableString()
  const topicId = r.uuid()
  r.skipTags()
  return { name, topicId }
}

function writeDeleteTopicsRequestTopic(w, v, x) {
  w.nullableString(x.name ?? null)
  w.uuid(x.topicId)
  w.uvarint(0)
}

export function decodeDeleteTopicsRequest(r, v) {
  checkDecodable(r.position, v, 0, 6)
  r.flexible = v >= 4
  let topics = []
  if (v >= 6) {
    const n_topics = r.arrayLength(18)
    topics = []
    for (let i = 0; i < n_topics; i++) topics.push(readDeleteTopicsRequestTopic(r, v))
  }
  const topicNames = v <= 5 ? r.stringArray(r.arrayLength(v >= 4 ? 1 : 2)) : []
  const timeoutMs = r.int32()
  if (v >= 4) r.skipTags()
  return { topics, topicNames, timeoutMs }
}

export function encodeDeleteTopicsRequest(w, v, x) {
  checkEncodable("DeleteTopicsRequest", v, 0, 6)
  w.flexible = v >= 4
  if (v >= 6) {
    const a_topics = x.topics ?? []
    w.arrayLength(a_topics.length)
    for (let i = 0; i < a_topics.length; i++) writeDeleteTopicsRequestTopic(w, v, a_topics[i])
  } else {
    if (x.topics !== undefined && x.topics.length !== 0) unsupportedField("DeleteTopicsRequest.topics", v, x.topics)
  }
  if (v <= 5) {
    const a_topicNames = x.topicNames ?? []
    w.stringArray(a_topicNames)
  }
  w.int32(x.timeoutMs)
  if (v >= 4) w.uvarint(0)
}

function readDeleteTopicsResponseTopic(r, v) {
  const name = (v >= 6 ? r.nullableString() : r.string())
  const topicId = v >= 6 ? r.uuid() : zeroUuid
  const errorCode = r.int16()
  const errorMessage = v >= 5 ? r.nullableString() : null
  if (v >= 4) r.skipTags()
  return { name, topicId, errorCode, errorMessage }
}

function writeDeleteTopicsResponseTopic(w, v, x) {
  if (v >= 6) w.nullableString(x.name)
  else w.string(x.name)
  if (v >= 6) {
    w.uuid(x.topicId ?? zeroUuid)
  }
  w.int16(x.errorCode)
  if (v >= 5) {
    w.nullableString(x.errorMessage ?? null)
  }
  if (v >= 4) w.uvarint(0)
}

export function decodeDeleteTopicsResponse(r, v) {
  checkDecodable(r.position, v, 0, 6)
  r.flexible = v >= 4
  const throttleTimeMs = v >= 1 ? r.int32() : 0
  let responses
  const n_responses = r.arrayLength(v >= 6 ? 21 : v >= 5 ? 5 : 4)
  responses = []
  for (let i = 0; i < n_responses; i++) responses.push(readDeleteTopicsResponseTopic(r, v))
  if (v >= 4) r.skipTags()
  return { throttleTimeMs, responses }
}

export function encodeDeleteTopicsResponse(w, v, x) {
  checkEncodable("DeleteTopicsResponse", v, 0, 6)
  w.flexible = v >= 4
  if (v >= 1) {
    w.int32(x.throttleTimeMs ?? 0)
  }
  const a_responses = x.responses
  w.arrayLength(a_responses.length)
  for (let i = 0; i < a_responses.length; i++) writeDeleteTopicsResponseTopic(w, v, a_responses[i])
  if (v >= 4) w.uvarint(0)
}

function readDeleteRecordsRequestPartition(r, v) {
  const partitionIndex = r.int32()
  const offset = r.int64()
  if (v >= 2) r.skipTags()
  return { partitionIndex, offset }
}

function writeDeleteRecordsRequestPartition(w, v, x) {
  w.int32(x.partitionIndex)
  w.int64(x.offset)
  if (v >= 2) w.uvarint(0)
}

function readDeleteRecordsRequestTopic(r, v) {
  const name = r.string()
  let partitions
  const n_partitions = r.arrayLength(v >= 2 ? 13 : 12)
  partitions = []
  for (let i = 0; i < n_partitions; i++) partitions.push(readDeleteRecordsRequestPartition(r, v))
  if (v >= 2) r.skipTags()
  return { name, partitions }
}

function writeDeleteRecordsRequestTopic(w, v, x) {
  w.string(x.name)
  const a_partitions = x.partitions
  w.arrayLength(a_partitions.length)
  for (let i = 0; i < a_partitions.length; i++) writeDeleteRecordsRequestPartition(w, v, a_partitions[i])
  if (v >= 2) w.uvarint(0)
}

export function decodeDeleteRecordsRequest(r, v) {
  checkDecodable(r.position, v, 0, 2)
  r.flexible = v >= 2
  let topics
  const n_topics = r.arrayLength(v >= 2 ? 3 : 6)
  topics = []
  for (let i = 0; i < n_topics; i++) topics.push(readDeleteRecordsRequestTopic(r, v))
  const timeoutMs = r.int32()
  if (v >= 2) r.skipTags()
  return { topics, timeoutMs }
}

export function encodeDeleteRecordsRequest(w, v, x) {
  checkEncodable("DeleteRecordsRequest", v, 0, 2)
  w.flexible = v >= 2
  const a_topics = x.topics
  w.arrayLength(a_topics.length)
  for (let i = 0; i < a_topics.length; i++) writeDeleteRecordsRequestTopic(w, v, a_topics[i])
  w.int32(x.timeoutMs)
  if (v >= 2) w.uvarint(0)
}

function readDeleteRecordsResponsePartition(r, v) {
  const partitionIndex = r.int32()
  const lowWatermark = r.int64()
  const errorCode = r.int16()
  if (v >= 2) r.skipTags()
  return { partitionIndex, lowWatermark, errorCode }
}

function writeDeleteRecordsResponsePartition(w, v, x) {
  w.int32(x.partitionIndex)
  w.int64(x.lowWatermark)
  w.int16(x.errorCode)
  if (v >= 2) w.uvarint(0)
}

function readDeleteRecordsResponseTopic(r, v) {
  const name = r.string()
  let partitions
  const n_partitions = r.arrayLength(v >= 2 ? 15 : 14)
  partitions = []
  for (let i = 0; i < n_partitions; i++) partitions.push(readDeleteRecordsResponsePartition(r, v))
  if (v >= 2) r.skipTags()
  return { name, partitions }
}

function writeDeleteRecordsResponseTopic(w, v, x) {
  w.string(x.name)
  const a_partitions = x.partitions
  w.arrayLength(a_partitions.length)
  for (let i = 0; i < a_partitions.length; i++) writeDeleteRecordsResponsePartition(w, v, a_partitions[i])
  if (v >= 2) w.uvarint(0)
}

export function decodeDeleteRecordsResponse(r, v) {
  checkDecodable(r.position, v, 0, 2)
  r.flexible = v >= 2
  const throttleTimeMs = r.int32()
  let topics
  const n_topics = r.arrayLength(v >= 2 ? 3 : 6)
  topics = []
  for (let i = 0; i < n_topics; i++) topics.push(readDeleteRecordsResponseTopic(r, v))
  if (v >= 2) r.skipTags()
  return { throttleTimeMs, topics }
}

export function encodeDeleteRecordsResponse(w, v, x) {
  checkEncodable("DeleteRecordsResponse", v, 0, 2)
  w.flexible = v >= 2
  w.int32(x.throttleTimeMs ?? 0)
  const a_topics = x.topics
  w.arrayLength(a_topics.length)
  for (let i = 0; i < a_topics.length; i++) writeDeleteRecordsResponseTopic(w, v, a_topics[i])
  if (v >= 2) w.uvarint(0)
}

export function decodeInitProducerIdRequest(r, v) {
  checkDecodable(r.position, v, 0, 5)
  r.flexible = v >= 2
  const transactionalId = r.nullableString()
  const transactionTimeoutMs = r.int32()
  const producerId = v >= 3 ? r.int64() : -1
  const producerEpoch = v >= 3 ? r.int16() : -1
  if (v >= 2) r.skipTags()
  return { transactionalId, transactionTimeoutMs, producerId, producerEpoch }
}

export function encodeInitProducerIdRequest(w, v, x) {
  checkEncodable("InitProducerIdRequest", v, 0, 5)
  w.flexible = v >= 2
  w.nullableString(x.transactionalId)
  w.int32(x.transactionTimeoutMs)
  if (v >= 3) {
    w.int64(x.producerId ?? -1)
  } else {
    if (x.producerId !== undefined && x.producerId !== -1) unsupportedField("InitProducerIdRequest.producerId", v, x.producerId)
  }
  if (v >= 3) {
    w.int16(x.producerEpoch ?? -1)
  } else {
    if (x.producerEpoch !== undefined && x.producerEpoch !== -1) unsupportedField("InitProducerIdRequest.producerEpoch", v, x.producerEpoch)
  }
  if (v >= 2) w.uvarint(0)
}

export function decodeInitProducerIdResponse(r, v) {
  checkDecodable(r.position, v, 0, 5)
  r.flexible = v >= 2
  const throttleTimeMs = r.int32()
  const errorCode = r.int16()
  const producerId = r.int64()
  const producerEpoch = r.int16()
  if (v >= 2) r.skipTags()
  return { throttleTimeMs, errorCode, producerId, producerEpoch }
}

export function encodeInitProducerIdResponse(w, v, x) {
  checkEncodable("InitProducerIdResponse", v, 0, 5)
  w.flexible = v >= 2
  w.int32(x.throttleTimeMs ?? 0)
  w.int16(x.errorCode)
  w.int64(x.producerId ?? -1)
  w.int16(x.producerEpoch)
  if (v >= 2) w.uvarint(0)
}

function readOffsetForLeaderEpochRequestPartition(r, v) {
  const partition = r.int32()
  const currentLeaderEpoch = r.int32()
  const leaderEpoch = r.int32()
  if (v >= 4) r.skipTags()
  return { partition, currentLeaderEpoch, leaderEpoch }
}

function writeOffsetForLeaderEpochRequestPartition(w, v, x) {
  w.int32(x.partition)
  w.int32(x.currentLeaderEpoch ?? -1)
  w.int32(x.leaderEpoch)
  if (v >= 4) w.uvarint(0)
}

function readOffsetForLeaderEpochRequestTopic(r, v) {
  const topic = r.string()
  let partitions
  const n_partitions = r.arrayLength(v >= 4 ? 13 : 12)
  partitions = []
  for (let i = 0; i < n_partitions; i++) partitions.push(readOffsetForLeaderEpochRequestPartition(r, v))
  if (v >= 4) r.skipTags()
  return { topic, partitions }
}

function writeOffsetForLeaderEpochRequestTopic(w, v, x) {
  w.string(x.topic)
  const a_partitions = x.partitions
  w.arrayLength(a_partitions.length)
  for (let i = 0; i < a_partitions.length; i++) writeOffsetForLeaderEpochRequestPartition(w, v, a_partitions[i])
  if (v >= 4) w.uvarint(0)
}

export function decodeOffsetForLeaderEpochRequest(r, v) {
  checkDecodable(r.position, v, 2, 4)
  r.flexible = v >= 4
  const replicaId = v >= 3 ? r.int32() : -2
  let topics
  const n_topics = r.arrayLength(v >= 4 ? 3 : 6)
  topics = []
  for (let i = 0; i < n_topics; i++) topics.push(readOffsetForLeaderEpochRequestTopic(r, v))
  if (v >= 4) r.skipTags()
  return { replicaId, topics }
}

export function encodeOffsetForLeaderEpochRequest(w, v, x) {
  checkEncodable("OffsetForLeaderEpochRequest", v, 2, 4)
  w.flexible = v >= 4
  if (v >= 3) {
    w.int32(x.replicaId ?? -2)
  }
  const a_topics = x.topics
  w.arrayLength(a_topics.length)
  for (let i = 0; i < a_topics.length; i++) writeOffsetForLeaderEpochRequestTopic(w, v, a_topics[i])
  if (v >= 4) w.uvarint(0)
}

function readOffsetForLeaderEpochResponsePartition(r, v) {
  const errorCode = r.int16()
  const partition = r.int32()
  const leaderEpoch = r.int32()
  const endOffset = r.int64()
  if (v >= 4) r.skipTags()
  return { errorCode, partition, leaderEpoch, endOffset }
}

function writeOffsetForLeaderEpochResponsePartition(w, v, x) {
  w.int16(x.errorCode)
  w.int32(x.partition)
  w.int32(x.leaderEpoch ?? -1)
  w.int64(x.endOffset ?? -1)
  if (v >= 4) w.uvarint(0)
}

function readOffsetForLeaderEpochResponseTopic(r, v) {
  const topic = r.string()
  let partitions
  const n_partitions = r.arrayLength(v >= 4 ? 19 : 18)
  partitions = []
  for (let i = 0; i < n_partitions; i++) partitions.push(readOffsetForLeaderEpochResponsePartition(r, v))
  if (v >= 4) r.skipTags()
  return { topic, partitions }
}

function writeOffsetForLeaderEpochResponseTopic(w, v, x) {
  w.string(x.topic)
  const a_partitions = x.partitions
  w.arrayLength(a_partitions.length)
  for (let i = 0; i < a_partitions.length; i++) writeOffsetForLeaderEpochResponsePartition(w, v, a_partitions[i])
  if (v >= 4) w.uvarint(0)
}

export function decodeOffsetForLeaderEpochResponse(r, v) {
  checkDecodable(r.position, v, 2, 4)
  r.flexible = v >= 4
  const throttleTimeMs = r.int32()
  let topics
  const n_topics = r.arrayLength(v >= 4 ? 3 : 6)
  topics = []
  for (let i = 0; i < n_topics; i++) topics.push(readOffsetForLeaderEpochResponseTopic(r, v))
  if (v >= 4) r.skipTags()
  return { throttleTimeMs, topics }
}

export function encodeOffsetForLeaderEpochResponse(w, v, x) {
  checkEncodable("OffsetForLeaderEpochResponse", v, 2, 4)
  w.flexible = v >= 4
  w.int32(x.throttleTimeMs ?? 0)
  const a_topics = x.topics
  w.arrayLength(a_topics.length)
  for (let i = 0; i < a_topics.length; i++) writeOffsetForLeaderEpochResponseTopic(w, v, a_topics[i])
  if (v >= 4) w.uvarint(0)
}

function readDescribeConfigsRequestResource(r, v) {
  const resourceType = r.int8()
  const resourceName = r.string()
  let configurationKeys
  const n_configurationKeys = r.nullableArrayLength(v >= 4 ? 1 : 2)
  if (n_configurationKeys < 0) configurationKeys = null
  else {
    configurationKeys = r.stringArray(n_configurationKeys)
  }
  if (v >= 4) r.skipTags()
  return { resourceType, resourceName, configurationKeys }
}

function writeDescribeConfigsRequestResource(w, v, x) {
  w.int8(x.resourceType)
  w.string(x.resourceName)
  const a_configurationKeys = x.configurationKeys
  if (a_configurationKeys === null) {
    w.nullArray()
  } else {
    w.stringArray(a_configurationKeys)
  }
  if (v >= 4) w.uvarint(0)
}

export function decodeDescribeConfigsRequest(r, v) {
  checkDecodable(r.position, v, 0, 4)
  r.flexible = v >= 4
  let resources
  const n_resources = r.arrayLength(v >= 4 ? 4 : 7)
  resources = []
  for (let i = 0; i < n_resources; i++) resources.push(readDescribeConfigsRequestResource(r, v))
  const includeSynonyms = v >= 1 ? r.boolean() : false
  const includeDocumentation = v >= 3 ? r.boolean() : false
  if (v >= 4) r.skipTags()
  return { resources, includeSynonyms, includeDocumentation }
}

export function encodeDescribeConfigsRequest(w, v, x) {
  checkEncodable("DescribeConfigsRequest", v, 0, 4)
  w.flexible = v >= 4
  const a_resources = x.resources
  w.arrayLength(a_resources.length)
  for (let i = 0; i < a_resources.length; i++) writeDescribeConfigsRequestResource(w, v, a_resources[i])
  if (v >= 1) {
    w.boolean(x.includeSynonyms ?? false)
  } else {
    if (x.includeSynonyms !== undefined && x.includeSynonyms !== false) unsupportedField("DescribeConfigsRequest.includeSynonyms", v, x.includeSynonyms)
  }
  if (v >= 3) {
    w.boolean(x.includeDocumentation ?? false)
  } else {
    if (x.includeDocumentation !== undefined && x.includeDocumentation !== false) unsupportedField("DescribeConfigsRequest.includeDocumentation", v, x.includeDocumentation)
  }
  if (v >= 4) w.uvarint(0)
}

function readDescribeConfigsResponseSynonym(r, v) {
  const name = r.string()
  const value = r.nullableString()
  const source = r.int8()
  if (v >= 4) r.skipTags()
  return { name, value, source }
}

function writeDescribeConfigsResponseSynonym(w, v, x) {
  w.string(x.name)
  w.nullableString(x.value)
  w.int8(x.source)
  if (v >= 4) w.uvarint(0)
}

function readDescribeConfigsResponseConfig(r, v) {
  const name = r.string()
  const value = r.nullableString()
  const readOnly = r.boolean()
  const isDefault = v <= 0 ? r.boolean() : false
  const configSource = v >= 1 ? r.int8() : -1
  const isSensitive = r.boolean()
  let synonyms = []
  if (v >= 1) {
    const n_synonyms = r.arrayLength(v >= 4 ? 4 : 5)
    synonyms = []
    for (let i = 0; i < n_synonyms; i++) synonyms.push(readDescribeConfigsResponseSynonym(r, v))
  }
  const configType = v >= 3 ? r.int8() : 0
  const documentation = v >= 3 ? r.nullableString() : ""
  if (v >= 4) r.skipTags()
  return { name, value, readOnly, isDefault, configSource, isSensitive, synonyms, configType, documentation }
}

function writeDescribeConfigsResponseConfig(w, v, x) {
  w.string(x.name)
  w.nullableString(x.value)
  w.boolean(x.readOnly)
  if (v <= 0) {
    w.boolean(x.isDefault ?? false)
  }
  if (v >= 1) {
    w.int8(x.configSource ?? -1)
  }
  w.boolean(x.isSensitive)
  if (v >= 1) {
    const a_synonyms = x.synonyms ?? []
    w.arrayLength(a_synonyms.length)
    for (let i = 0; i < a_synonyms.length; i++) writeDescribeConfigsResponseSynonym(w, v, a_synonyms[i])
  }
  if (v >= 3) {
    w.int8(x.configType ?? 0)
  }
  if (v >= 3) {
    w.nullableString(x.documentation === undefined ? "" : x.documentation)
  }
  if (v >= 4) w.uvarint(0)
}

function readDescribeConfigsResponseResult(r, v) {
  const errorCode = r.int16()
  const errorMessage = r.nullableString()
  const resourceType = r.int8()
  const resourceName = r.string()
  let configs
  const n_configs = r.arrayLength(v >= 4 ? 9 : v >= 3 ? 14 : v >= 1 ? 11 : 7)
  configs = []
  for (let i = 0; i < n_configs; i++) configs.push(readDescribeConfigsResponseConfig(r, v))
  if (v >= 4) r.skipTags()
  return { errorCode, errorMessage, resourceType, resourceName, configs }
}

function writeDescribeConfigsResponseResult(w, v, x) {
  w.int16(x.errorCode)
  w.nullableString(x.errorMessage)
  w.int8(x.resourceType)
  w.string(x.resourceName)
  const a_configs = x.configs
  w.arrayLength(a_configs.length)
  for (let i = 0; i < a_configs.length; i++) writeDescribeConfigsResponseConfig(w, v, a_configs[i])
  if (v >= 4) w.uvarint(0)
}

export function decodeDescribeConfigsResponse(r, v) {
  checkDecodable(r.position, v, 0, 4)
  r.flexible = v >= 4
  const throttleTimeMs = r.int32()
  let results
  const n_results = r.arrayLength(v >= 4 ? 7 : 11)
  results = []
  for (let i = 0; i < n_results; i++) results.push(readDescribeConfigsResponseResult(r, v))
  if (v >= 4) r.skipTags()
  return { throttleTimeMs, results }
}

export function encodeDescribeConfigsResponse(w, v, x) {
  checkEncodable("DescribeConfigsResponse", v, 0, 4)
  w.flexible = v >= 4
  w.int32(x.throttleTimeMs ?? 0)
  const a_results = x.results
  w.arrayLength(a_results.length)
  for (let i = 0; i < a_results.length; i++) writeDescribeConfigsResponseResult(w, v, a_results[i])
  if (v >= 4) w.uvarint(0)
}

function readAlterConfigsRequestConfig(r, v) {
  const name = r.string()
  const value = r.nullableString()
  if (v >= 2) r.skipTags()
  return { name, value }
}

function writeAlterConfigsRequestConfig(w, v, x) {
  w.string(x.name)
  w.nullableString(x.value)
  if (v >= 2) w.uvarint(0)
}

function readAlterConfigsRequestResource(r, v) {
  const resourceType = r.int8()
  const resourceName = r.string()
  let configs
  const n_configs = r.arrayLength(v >= 2 ? 3 : 4)
  configs = []
  for (let i = 0; i < n_configs; i++) configs.push(readAlterConfigsRequestConfig(r, v))
  if (v >= 2) r.skipTags()
  return { resourceType, resourceName, configs }
}

function writeAlterConfigsRequestResource(w, v, x) {
  w.int8(x.resourceType)
  w.string(x.resourceName)
  const a_configs = x.configs
  w.arrayLength(a_configs.length)
  for (let i = 0; i < a_configs.length; i++) writeAlterConfigsRequestConfig(w, v, a_configs[i])
  if (v >= 2) w.uvarint(0)
}

export function decodeAlterConfigsRequest(r, v) {
  checkDecodable(r.position, v, 0, 2)
  r.flexible = v >= 2
  let resources
  const n_resources = r.arrayLength(v >= 2 ? 4 : 7)
  resources = []
  for (let i = 0; i < n_resources; i++) resources.push(readAlterConfigsRequestResource(r, v))
  const validateOnly = r.boolean()
  if (v >= 2) r.skipTags()
  return { resources, validateOnly }
}

export function encodeAlterConfigsRequest(w, v, x) {
  checkEncodable("AlterConfigsRequest", v, 0, 2)
  w.flexible = v >= 2
  const a_resources = x.resources
  w.arrayLength(a_resources.length)
  for (let i = 0; i < a_resources.length; i++) writeAlterConfigsRequestResource(w, v, a_resources[i])
  w.boolean(x.validateOnly)
  if (v >= 2) w.uvarint(0)
}

function readAlterConfigsResponseResource(r, v) {
  const errorCode = r.int16()
  const errorMessage = r.nullableString()
  const resourceType = r.int8()
  const resourceName = r.string()
  if (v >= 2) r.skipTags()
  return { errorCode, errorMessage, resourceType, resourceName }
}

function writeAlterConfigsResponseResource(w, v, x) {
  w.int16(x.errorCode)
  w.nullableString(x.errorMessage)
  w.int8(x.resourceType)
  w.string(x.resourceName)
  if (v >= 2) w.uvarint(0)
}

export function decodeAlterConfigsResponse(r, v) {
  checkDecodable(r.position, v, 0, 2)
  r.flexible = v >= 2
  const throttleTimeMs = r.int32()
  let responses
  const n_responses = r.arrayLength(v >= 2 ? 6 : 7)
  responses = []
  for (let i = 0; i < n_responses; i++) responses.push(readAlterConfigsResponseResource(r, v))
  if (v >= 2) r.skipTags()
  return { throttleTimeMs, responses }
}

export function encodeAlterConfigsResponse(w, v, x) {
  checkEncodable("AlterConfigsResponse", v, 0, 2)
  w.flexible = v >= 2
  w.int32(x.throttleTimeMs ?? 0)
  const a_responses = x.responses
  w.arrayLength(a_responses.length)
  for (let i = 0; i < a_responses.length; i++) writeAlterConfigsResponseResource(w, v, a_responses[i])
  if (v >= 2) w.uvarint(0)
}

function readDescribeLogDirsRequestTopic(r, v) {
  const topic = r.string()
  const partitions = r.int32Array(r.arrayLength(4))
  if (v >= 2) r.skipTags()
  return { topic, partitions }
}

function writeDescribeLogDirsRequestTopic(w, v, x) {
  w.string(x.topic)
  const a_partitions = x.partitions
  w.int32Array(a_partitions)
  if (v >= 2) w.uvarint(0)
}

export function decodeDescribeLogDirsRequest(r, v) {
  checkDecodable(r.position, v, 1, 4)
  r.flexible = v >= 2
  let topics
  const n_topics = r.nullableArrayLength(v >= 2 ? 3 : 6)
  if (n_topics < 0) topics = null
  else {
    topics = []
    for (let i = 0; i < n_topics; i++) topics.push(readDescribeLogDirsRequestTopic(r, v))
  }
  if (v >= 2) r.skipTags()
  return { topics }
}

export function encodeDescribeLogDirsRequest(w, v, x) {
  checkEncodable("DescribeLogDirsRequest", v, 1, 4)
  w.flexible = v >= 2
  const a_topics = x.topics
  if (a_topics === null) {
    w.nullArray()
  } else {
    w.arrayLength(a_topics.length)
    for (let i = 0; i < a_topics.length; i++) writeDescribeLogDirsRequestTopic(w, v, a_topics[i])
  }
  if (v >= 2) w.uvarint(0)
}

function readDescribeLogDirsResponsePartition(r, v) {
  const partitionIndex = r.int32()
  const partitionSize = r.int64()
  const offsetLag = r.int64()
  const isFutureKey = r.boolean()
  if (v >= 2) r.skipTags()
  return { partitionIndex, partitionSize, offsetLag, isFutureKey }
}

function writeDescribeLogDirsResponsePartition(w, v, x) {
  w.int32(x.partitionIndex)
  w.int64(x.partitionSize)
  w.int64(x.offsetLag)
  w.boolean(x.isFutureKey)
  if (v >= 2) w.uvarint(0)
}

function readDescribeLogDirsResponseTopic(r, v) {
  const name = r.string()
  let partitions
  const n_partitions = r.arrayLength(v >= 2 ? 22 : 21)
  partitions = []
  for (let i = 0; i < n_partitions; i++) partitions.push(readDescribeLogDirsResponsePartition(r, v))
  if (v >= 2) r.skipTags()
  return { name, partitions }
}

function writeDescribeLogDirsResponseTopic(w, v, x) {
  w.string(x.name)
  const a_partitions = x.partitions
  w.arrayLength(a_partitions.length)
  for (let i = 0; i < a_partitions.length; i++) writeDescribeLogDirsResponsePartition(w, v, a_partitions[i])
  if (v >= 2) w.uvarint(0)
}

function readDescribeLogDirsResponseResult(r, v) {
  const errorCode = r.int16()
  const logDir = r.string()
  let topics
  const n_topics = r.arrayLength(v >= 2 ? 3 : 6)
  topics = []
  for (let i = 0; i < n_topics; i++) topics.push(readDescribeLogDirsResponseTopic(r, v))
  const totalBytes = v >= 4 ? r.int64() : -1
  const usableBytes = v >= 4 ? r.int64() : -1
  if (v >= 2) r.skipTags()
  return { errorCode, logDir, topics, totalBytes, usableBytes }
}

function writeDescribeLogDirsResponseResult(w, v, x) {
  w.int16(x.errorCode)
  w.string(x.logDir)
  const a_topics = x.topics
  w.arrayLength(a_topics.length)
  for (let i = 0; i < a_topics.length; i++) writeDescribeLogDirsResponseTopic(w, v, a_topics[i])
  if (v >= 4) {
    w.int64(x.totalBytes ?? -1)
  }
  if (v >= 4) {
    w.int64(x.usableBytes ?? -1)
  }
  if (v >= 2) w.uvarint(0)
}

export function decodeDescribeLogDirsResponse(r, v) {
  checkDecodable(r.position, v, 1, 4)
  r.flexible = v >= 2
  const throttleTimeMs = r.int32()
  const errorCode = v >= 3 ? r.int16() : 0
  let results
  const n_results = r.arrayLength(v >= 4 ? 21 : v >= 2 ? 5 : 8)
  results = []
  for (let i = 0; i < n_results; i++) results.push(readDescribeLogDirsResponseResult(r, v))
  if (v >= 2) r.skipTags()
  return { throttleTimeMs, errorCode, results }
}

export function encodeDescribeLogDirsResponse(w, v, x) {
  checkEncodable("DescribeLogDirsResponse", v, 1, 4)
  w.flexible = v >= 2
  w.int32(x.throttleTimeMs ?? 0)
  if (v >= 3) {
    w.int16(x.errorCode ?? 0)
  }
  const a_results = x.results
  w.arrayLength(a_results.length)
  for (let i = 0; i < a_results.length; i++) writeDescribeLogDirsResponseResult(w, v, a_results[i])
  if (v >= 2) w.uvarint(0)
}

function readCreatePartitionsRequestAssignment(r, v) {
  const brokerIds = r.int32Array(r.arrayLength(4))
  if (v >= 2) r.skipTags()
  return { brokerIds }
}

function writeCreatePartitionsRequestAssignment(w, v, x) {
  const a_brokerIds = x.brokerIds
  w.int32Array(a_brokerIds)
  if (v >= 2) w.uvarint(0)
}

function readCreatePartitionsRequestTopic(r, v) {
  const name = r.string()
  const count = r.int32()
  let assignments
  const n_assignments = r.nullableArrayLength(v >= 2 ? 2 : 4)
  if (n_assignments < 0) assignments = null
  else {
    assignments = []
    for (let i = 0; i < n_assignments; i++) assignments.push(readCreatePartitionsRequestAssignment(r, v))
  }
  if (v >= 2) r.skipTags()
  return { name, count, assignments }
}

function writeCreatePartitionsRequestTopic(w, v, x) {
  w.string(x.name)
  w.int32(x.count)
  const a_assignments = x.assignments
  if (a_assignments === null) {
    w.nullArray()
  } else {
    w.arrayLength(a_assignments.length)
    for (let i = 0; i < a_assignments.length; i++) writeCreatePartitionsRequestAssignment(w, v, a_assignments[i])
  }
  if (v >= 2) w.uvarint(0)
}

export function decodeCreatePartitionsRequest(r, v) {
  checkDecodable(r.position, v, 0, 3)
  r.flexible = v >= 2
  let topics
  const n_topics = r.arrayLength(v >= 2 ? 7 : 10)
  topics = []
  for (let i = 0; i < n_topics; i++) topics.push(readCreatePartitionsRequestTopic(r, v))
  const timeoutMs = r.int32()
  const validateOnly = r.boolean()
  if (v >= 2) r.skipTags()
  return { topics, timeoutMs, validateOnly }
}

export function encodeCreatePartitionsRequest(w, v, x) {
  checkEncodable("CreatePartitionsRequest", v, 0, 3)
  w.flexible = v >= 2
  const a_topics = x.topics
  w.arrayLength(a_topics.length)
  for (let i = 0; i < a_topics.length; i++) writeCreatePartitionsRequestTopic(w, v, a_topics[i])
  w.int32(x.timeoutMs)
  w.boolean(x.validateOnly)
  if (v >= 2) w.uvarint(0)
}

function readCreatePartitionsResponseResult(r, v) {
  const name = r.string()
  const errorCode = r.int16()
  const errorMessage = r.nullableString()
  if (v >= 2) r.skipTags()
  return { name, errorCode, errorMessage }
}

function writeCreatePartitionsResponseResult(w, v, x) {
  w.string(x.name)
  w.int16(x.errorCode)
  w.nullableString(x.errorMessage ?? null)
  if (v >= 2) w.uvarint(0)
}

export function decodeCreatePartitionsResponse(r, v) {
  checkDecodable(r.position, v, 0, 3)
  r.flexible = v >= 2
  const throttleTimeMs = r.int32()
  let results
  const n_results = r.arrayLength(v >= 2 ? 5 : 6)
  results = []
  for (let i = 0; i < n_results; i++) results.push(readCreatePartitionsResponseResult(r, v))
  if (v >= 2) r.skipTags()
  return { throttleTimeMs, results }
}

export function encodeCreatePartitionsResponse(w, v, x) {
  checkEncodable("CreatePartitionsResponse", v, 0, 3)
  w.flexible = v >= 2
  w.int32(x.throttleTimeMs ?? 0)
  const a_results = x.results
  w.arrayLength(a_results.length)
  for (let i = 0; i < a_results.length; i++) writeCreatePartitionsResponseResult(w, v, a_results[i])
  if (v >= 2) w.uvarint(0)
}

export function decodeDeleteGroupsRequest(r, v) {
  checkDecodable(r.position, v, 0, 2)
  r.flexible = v >= 2
  const groupsNames = r.stringArray(r.arrayLength(v >= 2 ? 1 : 2))
  if (v >= 2) r.skipTags()
  return { groupsNames }
}

export function encodeDeleteGroupsRequest(w, v, x) {
  checkEncodable("DeleteGroupsRequest", v, 0, 2)
  w.flexible = v >= 2
  const a_groupsNames = x.groupsNames
  w.stringArray(a_groupsNames)
  if (v >= 2) w.uvarint(0)
}

function readDeleteGroupsResponseResult(r, v) {
  const groupId = r.string()
  const errorCode = r.int16()
  if (v >= 2) r.skipTags()
  return { groupId, errorCode }
}

function writeDeleteGroupsResponseResult(w, v, x) {
  w.string(x.groupId)
  w.int16(x.errorCode)
  if (v >= 2) w.uvarint(0)
}

export function decodeDeleteGroupsResponse(r, v) {
  checkDecodable(r.position, v, 0, 2)
  r.flexible = v >= 2
  const throttleTimeMs = r.int32()
  let results
  const n_results = r.arrayLength(4)
  results = []
  for (let i = 0; i < n_results; i++) results.push(readDeleteGroupsResponseResult(r, v))
  if (v >= 2) r.skipTags()
  return { throttleTimeMs, results }
}

export function encodeDeleteGroupsResponse(w, v, x) {
  checkEncodable("DeleteGroupsResponse", v, 0, 2)
  w.flexible = v >= 2
  w.int32(x.throttleTimeMs ?? 0)
  const a_results = x.results
  w.arrayLength(a_results.length)
  for (let i = 0; i < a_results.length; i++) writeDeleteGroupsResponseResult(w, v, a_results[i])
  if (v >= 2) w.uvarint(0)
}

function readElectLeadersRequestTopic(r, v) {
  const topic = r.string()
  const partitions = r.int32Array(r.arrayLength(4))
  if (v >= 2) r.skipTags()
  return { topic, partitions }
}

function writeElectLeadersRequestTopic(w, v, x) {
  w.string(x.topic)
  const a_partitions = x.partitions
  w.int32Array(a_partitions)
  if (v >= 2) w.uvarint(0)
}

export function decodeElectLeadersRequest(r, v) {
  checkDecodable(r.position, v, 0, 2)
  r.flexible = v >= 2
  const electionType = v >= 1 ? r.int8() : 0
  let topicPartitions
  const n_topicPartitions = r.nullableArrayLength(v >= 2 ? 3 : 6)
  if (n_topicPartitions < 0) topicPartitions = null
  else {
    topicPartitions = []
    for (let i = 0; i < n_topicPartitions; i++) topicPartitions.push(readElectLeadersRequestTopic(r, v))
  }
  const timeoutMs = r.int32()
  if (v >= 2) r.skipTags()
  return { electionType, topicPartitions, timeoutMs }
}

export function encodeElectLeadersRequest(w, v, x) {
  checkEncodable("ElectLeadersRequest", v, 0, 2)
  w.flexible = v >= 2
  if (v >= 1) {
    w.int8(x.electionType ?? 0)
  } else {
    if (x.electionType !== undefined && x.electionType !== 0) unsupportedField("ElectLeadersRequest.electionType", v, x.electionType)
  }
  const a_topicPartitions = x.topicPartitions
  if (a_topicPartitions === null) {
    w.nullArray()
  } else {
    w.arrayLength(a_topicPartitions.length)
    for (let i = 0; i < a_topicPartitions.length; i++) writeElectLeadersRequestTopic(w, v, a_topicPartitions[i])
  }
  w.int32(x.timeoutMs ?? 60000)
  if (v >= 2) w.uvarint(0)
}

function readElectLeadersResponsePartition(r, v) {
  const partitionId = r.int32()
  const errorCode = r.int16()
  const errorMessage = r.nullableString()
  if (v >= 2) r.skipTags()
  return { partitionId, errorCode, errorMessage }
}

function writeElectLeadersResponsePartition(w, v, x) {
  w.int32(x.partitionId)
  w.int16(x.errorCode)
  w.nullableString(x.errorMessage)
  if (v >= 2) w.uvarint(0)
}

function readElectLeadersResponseTopic(r, v) {
  const topic = r.string()
  let partitionResult
  const n_partitionResult = r.arrayLength(8)
  partitionResult = []
  for (let i = 0; i < n_partitionResult; i++) partitionResult.push(readElectLeadersResponsePartition(r, v))
  if (v >= 2) r.skipTags()
  return { topic, partitionResult }
}

function writeElectLeadersResponseTopic(w, v, x) {
  w.string(x.topic)
  const a_partitionResult = x.partitionResult
  w.arrayLength(a_partitionResult.length)
  for (let i = 0; i < a_partitionResult.length; i++) writeElectLeadersResponsePartition(w, v, a_partitionResult[i])
  if (v >= 2) w.uvarint(0)
}

export function decodeElectLeadersResponse(r, v) {
  checkDecodable(r.position, v, 0, 2)
  r.flexible = v >= 2
  const throttleTimeMs = r.int32()
  const errorCode = v >= 1 ? r.int16() : 0
  let replicaElectionResults
  const n_replicaElectionResults = r.arrayLength(v >= 2 ? 3 : 6)
  replicaElectionResults = []
  for (let i = 0; i < n_replicaElectionResults; i++) replicaElectionResults.push(readElectLeadersResponseTopic(r, v))
  if (v >= 2) r.skipTags()
  return { throttleTimeMs, errorCode, replicaElectionResults }
}

export function encodeElectLeadersResponse(w, v, x) {
  checkEncodable("ElectLeadersResponse", v, 0, 2)
  w.flexible = v >= 2
  w.int32(x.throttleTimeMs ?? 0)
  if (v >= 1) {
    w.int16(x.errorCode ?? 0)
  } else {
    if (x.errorCode !== undefined && x.errorCode !== 0) unsupportedField("ElectLeadersResponse.errorCode", v, x.errorCode)
  }
  const a_replicaElectionResults = x.replicaElectionResults
  w.arrayLength(a_replicaElectionResults.length)
  for (let i = 0; i < a_replicaElectionResults.length; i++) writeElectLeadersResponseTopic(w, v, a_replicaElectionResults[i])
  if (v >= 2) w.uvarint(0)
}

function readIncrementalAlterConfigsRequestConfig(r, v) {
  const name = r.string()
  const configOperation = r.int8()
  const value = r.nullableString()
  if (v >= 1) r.skipTags()
  return { name, configOperation, value }
}

function writeIncrementalAlterConfigsRequestConfig(w, v, x) {
  w.string(x.name)
  w.int8(x.configOperation)
  w.nullableString(x.value)
  if (v >= 1) w.uvarint(0)
}

function readIncrementalAlterConfigsRequestResource(r, v) {
  const resourceType = r.int8()
  const resourceName = r.string()
  let configs
  const n_configs = r.arrayLength(v >= 1 ? 4 : 5)
  configs = []
  for (let i = 0; i < n_configs; i++) configs.push(readIncrementalAlterConfigsRequestConfig(r, v))
  if (v >= 1) r.skipTags()
  return { resourceType, resourceName, configs }
}

function writeIncrementalAlterConfigsRequestResource(w, v, x) {
  w.int8(x.resourceType)
  w.string(x.resourceName)
  const a_configs = x.configs
  w.arrayLength(a_configs.length)
  for (let i = 0; i < a_configs.length; i++) writeIncrementalAlterConfigsRequestConfig(w, v, a_configs[i])
  if (v >= 1) w.uvarint(0)
}

export function decodeIncrementalAlterConfigsRequest(r, v) {
  checkDecodable(r.position, v, 0, 1)
  r.flexible = v >= 1
  let resources
  const n_resources = r.arrayLength(v >= 1 ? 4 : 7)
  resources = []
  for (let i = 0; i < n_resources; i++) resources.push(readIncrementalAlterConfigsRequestResource(r, v))
  const validateOnly = r.boolean()
  if (v >= 1) r.skipTags()
  return { resources, validateOnly }
}

export function encodeIncrementalAlterConfigsRequest(w, v, x) {
  checkEncodable("IncrementalAlterConfigsRequest", v, 0, 1)
  w.flexible = v >= 1
  const a_resources = x.resources
  w.arrayLength(a_resources.length)
  for (let i = 0; i < a_resources.length; i++) writeIncrementalAlterConfigsRequestResource(w, v, a_resources[i])
  w.boolean(x.validateOnly)
  if (v >= 1) w.uvarint(0)
}

function readIncrementalAlterConfigsResponseResource(r, v) {
  const errorCode = r.int16()
  const errorMessage = r.nullableString()
  const resourceType = r.int8()
  const resourceName = r.string()
  if (v >= 1) r.skipTags()
  return { errorCode, errorMessage, resourceType, resourceName }
}

function writeIncrementalAlterConfigsResponseResource(w, v, x) {
  w.int16(x.errorCode)
  w.nullableString(x.errorMessage)
  w.int8(x.resourceType)
  w.string(x.resourceName)
  if (v >= 1) w.uvarint(0)
}

export function decodeIncrementalAlterConfigsResponse(r, v) {
  checkDecodable(r.position, v, 0, 1)
  r.flexible = v >= 1
  const throttleTimeMs = r.int32()
  let responses
  const n_responses = r.arrayLength(v >= 1 ? 6 : 7)
  responses = []
  for (let i = 0; i < n_responses; i++) responses.push(readIncrementalAlterConfigsResponseResource(r, v))
  if (v >= 1) r.skipTags()
  return { throttleTimeMs, responses }
}

export function encodeIncrementalAlterConfigsResponse(w, v, x) {
  checkEncodable("IncrementalAlterConfigsResponse", v, 0, 1)
  w.flexible = v >= 1
  w.int32(x.throttleTimeMs ?? 0)
  const a_responses = x.responses
  w.arrayLength(a_responses.length)
  for (let i = 0; i < a_responses.length; i++) writeIncrementalAlterConfigsResponseResource(w, v, a_responses[i])
  if (v >= 1) w.uvarint(0)
}

function readAlterPartitionReassignmentsRequestPartition(r, v) {
  const partitionIndex = r.int32()
  let replicas
  const n_replicas = r.nullableArrayLength(4)
  if (n_replicas < 0) replicas = null
  else {
    replicas = r.int32Array(n_replicas)
  }
  r.skipTags()
  return { partitionIndex, replicas }
}

function writeAlterPartitionReassignmentsRequestPartition(w, v, x) {
  w.int32(x.partitionIndex)
  const a_replicas = x.replicas ?? null
  if (a_replicas === null) {
    w.nullArray()
  } else {
    w.int32Array(a_replicas)
  }
  w.uvarint(0)
}

function readAlterPartitionReassignmentsRequestTopic(r, v) {
  const name = r.string()
  let partitions
  const n_partitions = r.arrayLength(6)
  partitions = []
  for (let i = 0; i < n_partitions; i++) partitions.push(readAlterPartitionReassignmentsRequestPartition(r, v))
  r.skipTags()
  return { name, partitions }
}

function writeAlterPartitionReassignmentsRequestTopic(w, v, x) {
  w.string(x.name)
  const a_partitions = x.partitions
  w.arrayLength(a_partitions.length)
  for (let i = 0; i < a_partitions.length; i++) writeAlterPartitionReassignmentsRequestPartition(w, v, a_partitions[i])
  w.uvarint(0)
}

export function decodeAlterPartitionReassignmentsRequest(r, v) {
  checkDecodable(r.position, v, 0, 1)
  r.flexible = true
  const timeoutMs = r.int32()
  const allowReplicationFactorChange = v >= 1 ? r.boolean() : true
  let topics
  const n_topics = r.arrayLength(3)
  topics = []
  for (let i = 0; i < n_topics; i++) topics.push(readAlterPartitionReassignmentsRequestTopic(r, v))
  r.skipTags()
  return { timeoutMs, allowReplicationFactorChange, topics }
}

export function encodeAlterPartitionReassignmentsRequest(w, v, x) {
  checkEncodable("AlterPartitionReassignmentsRequest", v, 0, 1)
  w.flexible = true
  w.int32(x.timeoutMs ?? 60000)
  if (v >= 1) {
    w.boolean(x.allowReplicationFactorChange ?? true)
  } else {
    if (x.allowReplicationFactorChange !== undefined && x.allowReplicationFactorChange !== true) unsupportedField("AlterPartitionReassignmentsRequest.allowReplicationFactorChange", v, x.allowReplicationFactorChange)
  }
  const a_topics = x.topics
  w.arrayLength(a_topics.length)
  for (let i = 0; i < a_topics.length; i++) writeAlterPartitionReassignmentsRequestTopic(w, v, a_topics[i])
  w.uvarint(0)
}

function readAlterPartitionReassignmentsResponsePartition(r, v) {
  const partitionIndex = r.int32()
  const errorCode = r.int16()
  const errorMessage = r.nullableString()
  r.skipTags()
  return { partitionIndex, errorCode, errorMessage }
}

function writeAlterPartitionReassignmentsResponsePartition(w, v, x) {
  w.int32(x.partitionIndex)
  w.int16(x.errorCode)
  w.nullableString(x.errorMessage)
  w.uvarint(0)
}

function readAlterPartitionReassignmentsResponseTopic(r, v) {
  const name = r.string()
  let partitions
  const n_partitions = r.arrayLength(8)
  partitions = []
  for (let i = 0; i < n_partitions; i++) partitions.push(readAlterPartitionReassignmentsResponsePartition(r, v))
  r.skipTags()
  return { name, partitions }
}

function writeAlterPartitionReassignmentsResponseTopic(w, v, x) {
  w.string(x.name)
  const a_partitions = x.partitions
  w.arrayLength(a_partitions.length)
  for (let i = 0; i < a_partitions.length; i++) writeAlterPartitionReassignmentsResponsePartition(w, v, a_partitions[i])
  w.uvarint(0)
}

export function decodeAlterPartitionReassignmentsResponse(r, v) {
  checkDecodable(r.position, v, 0, 1)
  r.flexible = true
  const throttleTimeMs = r.int32()
  const allowReplicationFactorChange = v >= 1 ? r.boolean() : true
  const errorCode = r.int16()
  const errorMessage = r.nullableString()
  let responses
  const n_responses = r.arrayLength(3)
  responses = []
  for (let i = 0; i < n_responses; i++) responses.push(readAlterPartitionReassignmentsResponseTopic(r, v))
  r.skipTags()
  return { throttleTimeMs, allowReplicationFactorChange, errorCode, errorMessage, responses }
}

export function encodeAlterPartitionReassignmentsResponse(w, v, x) {
  checkEncodable("AlterPartitionReassignmentsResponse", v, 0, 1)
  w.flexible = true
  w.int32(x.throttleTimeMs ?? 0)
  if (v >= 1) {
    w.boolean(x.allowReplicationFactorChange ?? true)
  }
  w.int16(x.errorCode)
  w.nullableString(x.errorMessage)
  const a_responses = x.responses
  w.arrayLength(a_responses.length)
  for (let i = 0; i < a_responses.length; i++) writeAlterPartitionReassignmentsResponseTopic(w, v, a_responses[i])
  w.uvarint(0)
}

function readListPartitionReassignmentsRequestTopic(r, v) {
  const name = r.string()
  const partitionIndexes = r.int32Array(r.arrayLength(4))
  r.skipTags()
  return { name, partitionIndexes }
}

function writeListPartitionReassignmentsRequestTopic(w, v, x) {
  w.string(x.name)
  const a_partitionIndexes = x.partitionIndexes
  w.int32Array(a_partitionIndexes)
  w.uvarint(0)
}

export function decodeListPartitionReassignmentsRequest(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  const timeoutMs = r.int32()
  let topics
  const n_topics = r.nullableArrayLength(3)
  if (n_topics < 0) topics = null
  else {
    topics = []
    for (let i = 0; i < n_topics; i++) topics.push(readListPartitionReassignmentsRequestTopic(r, v))
  }
  r.skipTags()
  return { timeoutMs, topics }
}

export function encodeListPartitionReassignmentsRequest(w, v, x) {
  checkEncodable("ListPartitionReassignmentsRequest", v, 0, 0)
  w.flexible = true
  w.int32(x.timeoutMs ?? 60000)
  const a_topics = x.topics ?? null
  if (a_topics === null) {
    w.nullArray()
  } else {
    w.arrayLength(a_topics.length)
    for (let i = 0; i < a_topics.length; i++) writeListPartitionReassignmentsRequestTopic(w, v, a_topics[i])
  }
  w.uvarint(0)
}

function readListPartitionReassignmentsResponsePartition(r, v) {
  const partitionIndex = r.int32()
  const replicas = r.int32Array(r.arrayLength(4))
  const addingReplicas = r.int32Array(r.arrayLength(4))
  const removingReplicas = r.int32Array(r.arrayLength(4))
  r.skipTags()
  return { partitionIndex, replicas, addingReplicas, removingReplicas }
}

function writeListPartitionReassignmentsResponsePartition(w, v, x) {
  w.int32(x.partitionIndex)
  const a_replicas = x.replicas
  w.int32Array(a_replicas)
  const a_addingReplicas = x.addingReplicas
  w.int32Array(a_addingReplicas)
  const a_removingReplicas = x.removingReplicas
  w.int32Array(a_removingReplicas)
  w.uvarint(0)
}

function readListPartitionReassignmentsResponseTopic(r, v) {
  const name = r.string()
  let partitions
  const n_partitions = r.arrayLength(8)
  partitions = []
  for (let i = 0; i < n_partitions; i++) partitions.push(readListPartitionReassignmentsResponsePartition(r, v))
  r.skipTags()
  return { name, partitions }
}

function writeListPartitionReassignmentsResponseTopic(w, v, x) {
  w.string(x.name)
  const a_partitions = x.partitions
  w.arrayLength(a_partitions.length)
  for (let i = 0; i < a_partitions.length; i++) writeListPartitionReassignmentsResponsePartition(w, v, a_partitions[i])
  w.uvarint(0)
}

export function decodeListPartitionReassignmentsResponse(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  const throttleTimeMs = r.int32()
  const errorCode = r.int16()
  const errorMessage = r.nullableString()
  let topics
  const n_topics = r.arrayLength(3)
  topics = []
  for (let i = 0; i < n_topics; i++) topics.push(readListPartitionReassignmentsResponseTopic(r, v))
  r.skipTags()
  return { throttleTimeMs, errorCode, errorMessage, topics }
}

export function encodeListPartitionReassignmentsResponse(w, v, x) {
  checkEncodable("ListPartitionReassignmentsResponse", v, 0, 0)
  w.flexible = true
  w.int32(x.throttleTimeMs ?? 0)
  w.int16(x.errorCode)
  w.nullableString(x.errorMessage)
  const a_topics = x.topics
  w.arrayLength(a_topics.length)
  for (let i = 0; i < a_topics.length; i++) writeListPartitionReassignmentsResponseTopic(w, v, a_topics[i])
  w.uvarint(0)
}

function readOffsetDeleteRequestPartition(r, v) {
  const partitionIndex = r.int32()
  return { partitionIndex }
}

function writeOffsetDeleteRequestPartition(w, v, x) {
  w.int32(x.partitionIndex)
}

function readOffsetDeleteRequestTopic(r, v) {
  const name = r.string()
  let partitions
  const n_partitions = r.arrayLength(4)
  partitions = []
  for (let i = 0; i < n_partitions; i++) partitions.push(readOffsetDeleteRequestPartition(r, v))
  return { name, partitions }
}

function writeOffsetDeleteRequestTopic(w, v, x) {
  w.string(x.name)
  const a_partitions = x.partitions
  w.arrayLength(a_partitions.length)
  for (let i = 0; i < a_partitions.length; i++) writeOffsetDeleteRequestPartition(w, v, a_partitions[i])
}

export function decodeOffsetDeleteRequest(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = false
  const groupId = r.string()
  let topics
  const n_topics = r.arrayLength(6)
  topics = []
  for (let i = 0; i < n_topics; i++) topics.push(readOffsetDeleteRequestTopic(r, v))
  return { groupId, topics }
}

export function encodeOffsetDeleteRequest(w, v, x) {
  checkEncodable("OffsetDeleteRequest", v, 0, 0)
  w.flexible = false
  w.string(x.groupId)
  const a_topics = x.topics
  w.arrayLength(a_topics.length)
  for (let i = 0; i < a_topics.length; i++) writeOffsetDeleteRequestTopic(w, v, a_topics[i])
}

function readOffsetDeleteResponsePartition(r, v) {
  const partitionIndex = r.int32()
  const errorCode = r.int16()
  return { partitionIndex, errorCode }
}

function writeOffsetDeleteResponsePartition(w, v, x) {
  w.int32(x.partitionIndex)
  w.int16(x.errorCode)
}

function readOffsetDeleteResponseTopic(r, v) {
  const name = r.string()
  let partitions
  const n_partitions = r.arrayLength(6)
  partitions = []
  for (let i = 0; i < n_partitions; i++) partitions.push(readOffsetDeleteResponsePartition(r, v))
  return { name, partitions }
}

function writeOffsetDeleteResponseTopic(w, v, x) {
  w.string(x.name)
  const a_partitions = x.partitions
  w.arrayLength(a_partitions.length)
  for (let i = 0; i < a_partitions.length; i++) writeOffsetDeleteResponsePartition(w, v, a_partitions[i])
}

export function decodeOffsetDeleteResponse(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = false
  const errorCode = r.int16()
  const throttleTimeMs = r.int32()
  let topics
  const n_topics = r.arrayLength(6)
  topics = []
  for (let i = 0; i < n_topics; i++) topics.push(readOffsetDeleteResponseTopic(r, v))
  return { errorCode, throttleTimeMs, topics }
}

export function encodeOffsetDeleteResponse(w, v, x) {
  checkEncodable("OffsetDeleteResponse", v, 0, 0)
  w.flexible = false
  w.int16(x.errorCode)
  w.int32(x.throttleTimeMs ?? 0)
  const a_topics = x.topics
  w.arrayLength(a_topics.length)
  for (let i = 0; i < a_topics.length; i++) writeOffsetDeleteResponseTopic(w, v, a_topics[i])
}

function readDescribeQuorumRequestPartition(r, v) {
  const partitionIndex = r.int32()
  r.skipTags()
  return { partitionIndex }
}

function writeDescribeQuorumRequestPartition(w, v, x) {
  w.int32(x.partitionIndex)
  w.uvarint(0)
}

function readDescribeQuorumRequestTopic(r, v) {
  const topicName = r.string()
  let partitions
  const n_partitions = r.arrayLength(5)
  partitions = []
  for (let i = 0; i < n_partitions; i++) partitions.push(readDescribeQuorumRequestPartition(r, v))
  r.skipTags()
  return { topicName, partitions }
}

function writeDescribeQuorumRequestTopic(w, v, x) {
  w.string(x.topicName)
  const a_partitions = x.partitions
  w.arrayLength(a_partitions.length)
  for (let i = 0; i < a_partitions.length; i++) writeDescribeQuorumRequestPartition(w, v, a_partitions[i])
  w.uvarint(0)
}

export function decodeDescribeQuorumRequest(r, v) {
  checkDecodable(r.position, v, 0, 2)
  r.flexible = true
  let topics
  const n_topics = r.arrayLength(3)
  topics = []
  for (let i = 0; i < n_topics; i++) topics.push(readDescribeQuorumRequestTopic(r, v))
  r.skipTags()
  return { topics }
}

export function encodeDescribeQuorumRequest(w, v, x) {
  checkEncodable("DescribeQuorumRequest", v, 0, 2)
  w.flexible = true
  const a_topics = x.topics
  w.arrayLength(a_topics.length)
  for (let i = 0; i < a_topics.length; i++) writeDescribeQuorumRequestTopic(w, v, a_topics[i])
  w.uvarint(0)
}

function readDescribeQuorumResponseVoter(r, v) {
  const replicaId = r.int32()
  const replicaDirectoryId = v >= 2 ? r.uuid() : zeroUuid
  const logEndOffset = r.int64()
  const lastFetchTimestamp = v >= 1 ? r.int64() : -1
  const lastCaughtUpTimestamp = v >= 1 ? r.int64() : -1
  r.skipTags()
  return { replicaId, replicaDirectoryId, logEndOffset, lastFetchTimestamp, lastCaughtUpTimestamp }
}

function writeDescribeQuorumResponseVoter(w, v, x) {
  w.int32(x.replicaId)
  if (v >= 2) {
    w.uuid(x.replicaDirectoryId ?? zeroUuid)
  }
  w.int64(x.logEndOffset)
  if (v >= 1) {
    w.int64(x.lastFetchTimestamp ?? -1)
  }
  if (v >= 1) {
    w.int64(x.lastCaughtUpTimestamp ?? -1)
  }
  w.uvarint(0)
}

function readDescribeQuorumResponseObserver(r, v) {
  const replicaId = r.int32()
  const replicaDirectoryId = v >= 2 ? r.uuid() : zeroUuid
  const logEndOffset = r.int64()
  const lastFetchTimestamp = v >= 1 ? r.int64() : -1
  const lastCaughtUpTimestamp = v >= 1 ? r.int64() : -1
  r.skipTags()
  return { replicaId, replicaDirectoryId, logEndOffset, lastFetchTimestamp, lastCaughtUpTimestamp }
}

function writeDescribeQuorumResponseObserver(w, v, x) {
  w.int32(x.replicaId)
  if (v >= 2) {
    w.uuid(x.replicaDirectoryId ?? zeroUuid)
  }
  w.int64(x.logEndOffset)
  if (v >= 1) {
    w.int64(x.lastFetchTimestamp ?? -1)
  }
  if (v >= 1) {
    w.int64(x.lastCaughtUpTimestamp ?? -1)
  }
  w.uvarint(0)
}

function readDescribeQuorumResponsePartition(r, v) {
  const partitionIndex = r.int32()
  const errorCode = r.int16()
  const errorMessage = v >= 2 ? r.nullableString() : ""
  const leaderId = r.int32()
  const leaderEpoch = r.int32()
  const highWatermark = r.int64()
  let currentVoters
  const n_currentVoters = r.arrayLength(v >= 2 ? 45 : v >= 1 ? 29 : 13)
  currentVoters = []
  for (let i = 0; i < n_currentVoters; i++) currentVoters.push(readDescribeQuorumResponseVoter(r, v))
  let observers
  const n_observers = r.arrayLength(v >= 2 ? 45 : v >= 1 ? 29 : 13)
  observers = []
  for (let i = 0; i < n_observers; i++) observers.push(readDescribeQuorumResponseObserver(r, v))
  r.skipTags()
  return { partitionIndex, errorCode, errorMessage, leaderId, leaderEpoch, highWatermark, currentVoters, observers }
}

function writeDescribeQuorumResponsePartition(w, v, x) {
  w.int32(x.partitionIndex)
  w.int16(x.errorCode)
  if (v >= 2) {
    w.nullableString(x.errorMessage === undefined ? "" : x.errorMessage)
  }
  w.int32(x.leaderId)
  w.int32(x.leaderEpoch)
  w.int64(x.highWatermark)
  const a_currentVoters = x.currentVoters
  w.arrayLength(a_currentVoters.length)
  for (let i = 0; i < a_currentVoters.length; i++) writeDescribeQuorumResponseVoter(w, v, a_currentVoters[i])
  const a_observers = x.observers
  w.arrayLength(a_observers.length)
  for (let i = 0; i < a_observers.length; i++) writeDescribeQuorumResponseObserver(w, v, a_observers[i])
  w.uvarint(0)
}

function readDescribeQuorumResponseTopic(r, v) {
  const topicName = r.string()
  let partitions
  const n_partitions = r.arrayLength(v >= 2 ? 26 : 25)
  partitions = []
  for (let i = 0; i < n_partitions; i++) partitions.push(readDescribeQuorumResponsePartition(r, v))
  r.skipTags()
  return { topicName, partitions }
}

function writeDescribeQuorumResponseTopic(w, v, x) {
  w.string(x.topicName)
  const a_partitions = x.partitions
  w.arrayLength(a_partitions.length)
  for (let i = 0; i < a_partitions.length; i++) writeDescribeQuorumResponsePartition(w, v, a_partitions[i])
  w.uvarint(0)
}

function readDescribeQuorumResponseListener(r, v) {
  const name = r.string()
  const host = r.string()
  const port = r.uint16()
  r.skipTags()
  return { name, host, port }
}

function writeDescribeQuorumResponseListener(w, v, x) {
  w.string(x.name)
  w.string(x.host)
  w.uint16(x.port)
  w.uvarint(0)
}

function readDescribeQuorumResponseNode(r, v) {
  const nodeId = r.int32()
  let listeners
  const n_listeners = r.arrayLength(5)
  listeners = []
  for (let i = 0; i < n_listeners; i++) listeners.push(readDescribeQuorumResponseListener(r, v))
  r.skipTags()
  return { nodeId, listeners }
}

function writeDescribeQuorumResponseNode(w, v, x) {
  w.int32(x.nodeId)
  const a_listeners = x.listeners
  w.arrayLength(a_listeners.length)
  for (let i = 0; i < a_listeners.length; i++) writeDescribeQuorumResponseListener(w, v, a_listeners[i])
  w.uvarint(0)
}

export function decodeDescribeQuorumResponse(r, v) {
  checkDecodable(r.position, v, 0, 2)
  r.flexible = true
  const errorCode = r.int16()
  const errorMessage = v >= 2 ? r.nullableString() : ""
  let topics
  const n_topics = r.arrayLength(3)
  topics = []
  for (let i = 0; i < n_topics; i++) topics.push(readDescribeQuorumResponseTopic(r, v))
  let nodes = []
  if (v >= 2) {
    const n_nodes = r.arrayLength(6)
    nodes = []
    for (let i = 0; i < n_nodes; i++) nodes.push(readDescribeQuorumResponseNode(r, v))
  }
  r.skipTags()
  return { errorCode, errorMessage, topics, nodes }
}

export function encodeDescribeQuorumResponse(w, v, x) {
  checkEncodable("DescribeQuorumResponse", v, 0, 2)
  w.flexible = true
  w.int16(x.errorCode)
  if (v >= 2) {
    w.nullableString(x.errorMessage === undefined ? "" : x.errorMessage)
  }
  const a_topics = x.topics
  w.arrayLength(a_topics.length)
  for (let i = 0; i < a_topics.length; i++) writeDescribeQuorumResponseTopic(w, v, a_topics[i])
  if (v >= 2) {
    const a_nodes = x.nodes ?? []
    w.arrayLength(a_nodes.length)
    for (let i = 0; i < a_nodes.length; i++) writeDescribeQuorumResponseNode(w, v, a_nodes[i])
  }
  w.uvarint(0)
}

export function decodeDescribeClusterRequest(r, v) {
  checkDecodable(r.position, v, 0, 2)
  r.flexible = true
  const includeClusterAuthorizedOperations = r.boolean()
  const endpointType = v >= 1 ? r.int8() : 1
  const includeFencedBrokers = v >= 2 ? r.boolean() : false
  r.skipTags()
  return { includeClusterAuthorizedOperations, endpointType, includeFencedBrokers }
}

export function encodeDescribeClusterRequest(w, v, x) {
  checkEncodable("DescribeClusterRequest", v, 0, 2)
  w.flexible = true
  w.boolean(x.includeClusterAuthorizedOperations)
  if (v >= 1) {
    w.int8(x.endpointType ?? 1)
  } else {
    if (x.endpointType !== undefined && x.endpointType !== 1) unsupportedField("DescribeClusterRequest.endpointType", v, x.endpointType)
  }
  if (v >= 2) {
    w.boolean(x.includeFencedBrokers ?? false)
  } else {
    if (x.includeFencedBrokers !== undefined && x.includeFencedBrokers !== false) unsupportedField("DescribeClusterRequest.includeFencedBrokers", v, x.includeFencedBrokers)
  }
  w.uvarint(0)
}

function readDescribeClusterResponseBroker(r, v) {
  const brokerId = r.int32()
  const host = r.string()
  const port = r.int32()
  const rack = r.nullableString()
  const isFenced = v >= 2 ? r.boolean() : false
  r.skipTags()
  return { brokerId, host, port, rack, isFenced }
}

function writeDescribeClusterResponseBroker(w, v, x) {
  w.int32(x.brokerId)
  w.string(x.host)
  w.int32(x.port)
  w.nullableString(x.rack ?? null)
  if (v >= 2) {
    w.boolean(x.isFenced ?? false)
  } else {
    if (x.isFenced !== undefined && x.isFenced !== false) unsupportedField("DescribeClusterResponseBroker.isFenced", v, x.isFenced)
  }
  w.uvarint(0)
}

export function decodeDescribeClusterResponse(r, v) {
  checkDecodable(r.position, v, 0, 2)
  r.flexible = true
  const throttleTimeMs = r.int32()
  const errorCode = r.int16()
  const errorMessage = r.nullableString()
  const endpointType = v >= 1 ? r.int8() : 1
  const clusterId = r.string()
  const controllerId = r.int32()
  let brokers
  const n_brokers = r.arrayLength(v >= 2 ? 12 : 11)
  brokers = []
  for (let i = 0; i < n_brokers; i++) brokers.push(readDescribeClusterResponseBroker(r, v))
  const clusterAuthorizedOperations = r.int32()
  r.skipTags()
  return { throttleTimeMs, errorCode, errorMessage, endpointType, clusterId, controllerId, brokers, clusterAuthorizedOperations }
}

export function encodeDescribeClusterResponse(w, v, x) {
  checkEncodable("DescribeClusterResponse", v, 0, 2)
  w.flexible = true
  w.int32(x.throttleTimeMs ?? 0)
  w.int16(x.errorCode)
  w.nullableString(x.errorMessage ?? null)
  if (v >= 1) {
    w.int8(x.endpointType ?? 1)
  } else {
    if (x.endpointType !== undefined && x.endpointType !== 1) unsupportedField("DescribeClusterResponse.endpointType", v, x.endpointType)
  }
  w.string(x.clusterId)
  w.int32(x.controllerId ?? -1)
  const a_brokers = x.brokers
  w.arrayLength(a_brokers.length)
  for (let i = 0; i < a_brokers.length; i++) writeDescribeClusterResponseBroker(w, v, a_brokers[i])
  w.int32(x.clusterAuthorizedOperations ?? -2147483648)
  w.uvarint(0)
}

export function decodeUnregisterBrokerRequest(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  const brokerId = r.int32()
  r.skipTags()
  return { brokerId }
}

export function encodeUnregisterBrokerRequest(w, v, x) {
  checkEncodable("UnregisterBrokerRequest", v, 0, 0)
  w.flexible = true
  w.int32(x.brokerId)
  w.uvarint(0)
}

export function decodeUnregisterBrokerResponse(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  const throttleTimeMs = r.int32()
  const errorCode = r.int16()
  const errorMessage = r.nullableString()
  r.skipTags()
  return { throttleTimeMs, errorCode, errorMessage }
}

export function encodeUnregisterBrokerResponse(w, v, x) {
  checkEncodable("UnregisterBrokerResponse", v, 0, 0)
  w.flexible = true
  w.int32(x.throttleTimeMs ?? 0)
  w.int16(x.errorCode)
  w.nullableString(x.errorMessage)
  w.uvarint(0)
}

function readDescribeTopicPartitionsRequestTopic(r, v) {
  const name = r.string()
  r.skipTags()
  return { name }
}

function writeDescribeTopicPartitionsRequestTopic(w, v, x) {
  w.string(x.name)
  w.uvarint(0)
}

function readDescribeTopicPartitionsRequestCursor(r, v) {
  const topicName = r.string()
  const partitionIndex = r.int32()
  r.skipTags()
  return { topicName, partitionIndex }
}

function writeDescribeTopicPartitionsRequestCursor(w, v, x) {
  w.string(x.topicName)
  w.int32(x.partitionIndex)
  w.uvarint(0)
}

export function decodeDescribeTopicPartitionsRequest(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  let topics
  const n_topics = r.arrayLength(2)
  topics = []
  for (let i = 0; i < n_topics; i++) topics.push(readDescribeTopicPartitionsRequestTopic(r, v))
  const responsePartitionLimit = r.int32()
  const cursor = r.int8() < 0 ? null : readDescribeTopicPartitionsRequestCursor(r, v)
  r.skipTags()
  return { topics, responsePartitionLimit, cursor }
}

export function encodeDescribeTopicPartitionsRequest(w, v, x) {
  checkEncodable("DescribeTopicPartitionsRequest", v, 0, 0)
  w.flexible = true
  const a_topics = x.topics
  w.arrayLength(a_topics.length)
  for (let i = 0; i < a_topics.length; i++) writeDescribeTopicPartitionsRequestTopic(w, v, a_topics[i])
  w.int32(x.responsePartitionLimit ?? 2000)
  const s_cursor = x.cursor ?? null
  if (s_cursor === null) w.int8(-1)
  else {
    w.int8(1)
    writeDescribeTopicPartitionsRequestCursor(w, v, s_cursor)
  }
  w.uvarint(0)
}

function readDescribeTopicPartitionsResponsePartition(r, v) {
  const errorCode = r.int16()
  const partitionIndex = r.int32()
  const leaderId = r.int32()
  const leaderEpoch = r.int32()
  const replicaNodes = r.int32Array(r.arrayLength(4))
  const isrNodes = r.int32Array(r.arrayLength(4))
  let eligibleLeaderReplicas
  const n_eligibleLeaderReplicas = r.nullableArrayLength(4)
  if (n_eligibleLeaderReplicas < 0) eligibleLeaderReplicas = null
  else {
    eligibleLeaderReplicas = r.int32Array(n_eligibleLeaderReplicas)
  }
  let lastKnownElr
  const n_lastKnownElr = r.nullableArrayLength(4)
  if (n_lastKnownElr < 0) lastKnownElr = null
  else {
    lastKnownElr = r.int32Array(n_lastKnownElr)
  }
  const offlineReplicas = r.int32Array(r.arrayLength(4))
  r.skipTags()
  return { errorCode, partitionIndex, leaderId, leaderEpoch, replicaNodes, isrNodes, eligibleLeaderReplicas, lastKnownElr, offlineReplicas }
}

function writeDescribeTopicPartitionsResponsePartition(w, v, x) {
  w.int16(x.errorCode)
  w.int32(x.partitionIndex)
  w.int32(x.leaderId)
  w.int32(x.leaderEpoch ?? -1)
  const a_replicaNodes = x.replicaNodes
  w.int32Array(a_replicaNodes)
  const a_isrNodes = x.isrNodes
  w.int32Array(a_isrNodes)
  const a_eligibleLeaderReplicas = x.eligibleLeaderReplicas ?? null
  if (a_eligibleLeaderReplicas === null) {
    w.nullArray()
  } else {
    w.int32Array(a_eligibleLeaderReplicas)
  }
  const a_lastKnownElr = x.lastKnownElr ?? null
  if (a_lastKnownElr === null) {
    w.nullArray()
  } else {
    w.int32Array(a_lastKnownElr)
  }
  const a_offlineReplicas = x.offlineReplicas ?? []
  w.int32Array(a_offlineReplicas)
  w.uvarint(0)
}

function readDescribeTopicPartitionsResponseTopic(r, v) {
  const errorCode = r.int16()
  const name = r.nullableString()
  const topicId = r.uuid()
  const isInternal = r.boolean()
  let partitions
  const n_partitions = r.arrayLength(20)
  partitions = []
  for (let i = 0; i < n_partitions; i++) partitions.push(readDescribeTopicPartitionsResponsePartition(r, v))
  const topicAuthorizedOperations = r.int32()
  r.skipTags()
  return { errorCode, name, topicId, isInternal, partitions, topicAuthorizedOperations }
}

function writeDescribeTopicPartitionsResponseTopic(w, v, x) {
  w.int16(x.errorCode)
  w.nullableString(x.name)
  w.uuid(x.topicId ?? zeroUuid)
  w.boolean(x.isInternal ?? false)
  const a_partitions = x.partitions
  w.arrayLength(a_partitions.length)
  for (let i = 0; i < a_partitions.length; i++) writeDescribeTopicPartitionsResponsePartition(w, v, a_partitions[i])
  w.int32(x.topicAuthorizedOperations ?? -2147483648)
  w.uvarint(0)
}

function readDescribeTopicPartitionsResponseCursor(r, v) {
  const topicName = r.string()
  const partitionIndex = r.int32()
  r.skipTags()
  return { topicName, partitionIndex }
}

function writeDescribeTopicPartitionsResponseCursor(w, v, x) {
  w.string(x.topicName)
  w.int32(x.partitionIndex)
  w.uvarint(0)
}

export function decodeDescribeTopicPartitionsResponse(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  const throttleTimeMs = r.int32()
  let topics
  const n_topics = r.arrayLength(26)
  topics = []
  for (let i = 0; i < n_topics; i++) topics.push(readDescribeTopicPartitionsResponseTopic(r, v))
  const nextCursor = r.int8() < 0 ? null : readDescribeTopicPartitionsResponseCursor(r, v)
  r.skipTags()
  return { throttleTimeMs, topics, nextCursor }
}

export function encodeDescribeTopicPartitionsResponse(w, v, x) {
  checkEncodable("DescribeTopicPartitionsResponse", v, 0, 0)
  w.flexible = true
  w.int32(x.throttleTimeMs ?? 0)
  const a_topics = x.topics
  w.arrayLength(a_topics.length)
  for (let i = 0; i < a_topics.length; i++) writeDescribeTopicPartitionsResponseTopic(w, v, a_topics[i])
  const s_nextCursor = x.nextCursor ?? null
  if (s_nextCursor === null) w.int8(-1)
  else {
    w.int8(1)
    writeDescribeTopicPartitionsResponseCursor(w, v, s_nextCursor)
  }
  w.uvarint(0)
}

function readAddRaftVoterRequestListener(r, v) {
  const name = r.string()
  const host = r.string()
  const port = r.uint16()
  r.skipTags()
  return { name, host, port }
}

function writeAddRaftVoterRequestListener(w, v, x) {
  w.string(x.name)
  w.string(x.host)
  w.uint16(x.port)
  w.uvarint(0)
}

export function decodeAddRaftVoterRequest(r, v) {
  checkDecodable(r.position, v, 0, 1)
  r.flexible = true
  const clusterId = r.nullableString()
  const timeoutMs = r.int32()
  const voterId = r.int32()
  const voterDirectoryId = r.uuid()
  let listeners
  const n_listeners = r.arrayLength(5)
  listeners = []
  for (let i = 0; i < n_listeners; i++) listeners.push(readAddRaftVoterRequestListener(r, v))
  const ackWhenCommitted = v >= 1 ? r.boolean() : true
  r.skipTags()
  return { clusterId, timeoutMs, voterId, voterDirectoryId, listeners, ackWhenCommitted }
}

export function encodeAddRaftVoterRequest(w, v, x) {
  checkEncodable("AddRaftVoterRequest", v, 0, 1)
  w.flexible = true
  w.nullableString(x.clusterId)
  w.int32(x.timeoutMs)
  w.int32(x.voterId)
  w.uuid(x.voterDirectoryId)
  const a_listeners = x.listeners
  w.arrayLength(a_listeners.length)
  for (let i = 0; i < a_listeners.length; i++) writeAddRaftVoterRequestListener(w, v, a_listeners[i])
  if (v >= 1) {
    w.boolean(x.ackWhenCommitted ?? true)
  } else {
    if (x.ackWhenCommitted !== undefined && x.ackWhenCommitted !== true) unsupportedField("AddRaftVoterRequest.ackWhenCommitted", v, x.ackWhenCommitted)
  }
  w.uvarint(0)
}

export function decodeAddRaftVoterResponse(r, v) {
  checkDecodable(r.position, v, 0, 1)
  r.flexible = true
  const throttleTimeMs = r.int32()
  const errorCode = r.int16()
  const errorMessage = r.nullableString()
  r.skipTags()
  return { throttleTimeMs, errorCode, errorMessage }
}

export function encodeAddRaftVoterResponse(w, v, x) {
  checkEncodable("AddRaftVoterResponse", v, 0, 1)
  w.flexible = true
  w.int32(x.throttleTimeMs ?? 0)
  w.int16(x.errorCode)
  w.nullableString(x.errorMessage === undefined ? "" : x.errorMessage)
  w.uvarint(0)
}

export function decodeRemoveRaftVoterRequest(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  const clusterId = r.nullableString()
  const voterId = r.int32()
  const voterDirectoryId = r.uuid()
  r.skipTags()
  return { clusterId, voterId, voterDirectoryId }
}

export function encodeRemoveRaftVoterRequest(w, v, x) {
  checkEncodable("RemoveRaftVoterRequest", v, 0, 0)
  w.flexible = true
  w.nullableString(x.clusterId)
  w.int32(x.voterId)
  w.uuid(x.voterDirectoryId)
  w.uvarint(0)
}

export function decodeRemoveRaftVoterResponse(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  const throttleTimeMs = r.int32()
  const errorCode = r.int16()
  const errorMessage = r.nullableString()
  r.skipTags()
  return { throttleTimeMs, errorCode, errorMessage }
}

export function encodeRemoveRaftVoterResponse(w, v, x) {
  checkEncodable("RemoveRaftVoterResponse", v, 0, 0)
  w.flexible = true
  w.int32(x.throttleTimeMs ?? 0)
  w.int16(x.errorCode)
  w.nullableString(x.errorMessage === undefined ? "" : x.errorMessage)
  w.uvarint(0)
}
