// Generated from definitions/ by `npm run generate`. Do not edit.
import { checkDecodable, checkEncodable, noBytes, unsupportedField, unsupportedNull, zeroUuid } from "../internal/codec.ts"

export function decodeControllerCallRequest(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  const clusterName = r.string()
  const callerId = r.int32()
  const callerEpoch = r.int64()
  const apiKey = r.int16()
  const apiVersion = r.int16()
  const timeoutMillis = r.int32()
  const body = r.bytes()
  r.skipTags()
  return { clusterName, callerId, callerEpoch, apiKey, apiVersion, timeoutMillis, body }
}

export function encodeControllerCallRequest(w, v, x) {
  checkEncodable("ControllerCallRequest", v, 0, 0)
  w.flexible = true
  w.string(x.clusterName)
  w.int32(x.callerId)
  w.int64(x.callerEpoch ?? -1)
  w.int16(x.apiKey)
  w.int16(x.apiVersion)
  w.int32(x.timeoutMillis)
  w.bytes(x.body)
  w.uvarint(0)
}

export function decodeControllerCallResponse(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  const errorCode = r.int16()
  const controllerId = r.int32()
  const controllerEpoch = r.int32()
  const metadataOffset = r.int64()
  const body = r.bytes()
  r.skipTags()
  return { errorCode, controllerId, controllerEpoch, metadataOffset, body }
}

export function encodeControllerCallResponse(w, v, x) {
  checkEncodable("ControllerCallResponse", v, 0, 0)
  w.flexible = true
  w.int16(x.errorCode)
  w.int32(x.controllerId ?? -1)
  w.int32(x.controllerEpoch ?? -1)
  w.int64(x.metadataOffset ?? -1)
  w.bytes(x.body)
  w.uvarint(0)
}

function readRegisterBrokerRequestEndPoint(r, v) {
  const name = r.string()
  const host = r.string()
  const port = r.uint16()
  const securityProtocol = r.int16()
  r.skipTags()
  return { name, host, port, securityProtocol }
}

function writeRegisterBrokerRequestEndPoint(w, v, x) {
  w.string(x.name)
  w.string(x.host)
  w.uint16(x.port)
  w.int16(x.securityProtocol)
  w.uvarint(0)
}

function readRegisterBrokerRequestFeature(r, v) {
  const name = r.string()
  const minSupportedVersion = r.int16()
  const maxSupportedVersion = r.int16()
  r.skipTags()
  return { name, minSupportedVersion, maxSupportedVersion }
}

function writeRegisterBrokerRequestFeature(w, v, x) {
  w.string(x.name)
  w.int16(x.minSupportedVersion)
  w.int16(x.maxSupportedVersion)
  w.uvarint(0)
}

export function decodeRegisterBrokerRequest(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  const brokerId = r.int32()
  const incarnationId = r.uuid()
  let endPoints
  const n_endPoints = r.arrayLength(7)
  endPoints = []
  for (let i = 0; i < n_endPoints; i++) endPoints.push(readRegisterBrokerRequestEndPoint(r, v))
  const rack = r.nullableString()
  const logDirs = r.uuidArray(r.arrayLength(16))
  let features
  const n_features = r.arrayLength(6)
  features = []
  for (let i = 0; i < n_features; i++) features.push(readRegisterBrokerRequestFeature(r, v))
  const startClass = r.int8()
  const previousBrokerEpoch = r.int64()
  const commitSequence = r.int64()
  r.skipTags()
  return { brokerId, incarnationId, endPoints, rack, logDirs, features, startClass, previousBrokerEpoch, commitSequence }
}

export function encodeRegisterBrokerRequest(w, v, x) {
  checkEncodable("RegisterBrokerRequest", v, 0, 0)
  w.flexible = true
  w.int32(x.brokerId)
  w.uuid(x.incarnationId)
  const a_endPoints = x.endPoints
  w.arrayLength(a_endPoints.length)
  for (let i = 0; i < a_endPoints.length; i++) writeRegisterBrokerRequestEndPoint(w, v, a_endPoints[i])
  w.nullableString(x.rack)
  const a_logDirs = x.logDirs
  w.uuidArray(a_logDirs)
  const a_features = x.features
  w.arrayLength(a_features.length)
  for (let i = 0; i < a_features.length; i++) writeRegisterBrokerRequestFeature(w, v, a_features[i])
  w.int8(x.startClass)
  w.int64(x.previousBrokerEpoch ?? -1)
  w.int64(x.commitSequence)
  w.uvarint(0)
}

export function decodeRegisterBrokerResponse(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  const errorCode = r.int16()
  const brokerEpoch = r.int64()
  r.skipTags()
  return { errorCode, brokerEpoch }
}

export function encodeRegisterBrokerResponse(w, v, x) {
  checkEncodable("RegisterBrokerResponse", v, 0, 0)
  w.flexible = true
  w.int16(x.errorCode)
  w.int64(x.brokerEpoch ?? -1)
  w.uvarint(0)
}

export function decodeBrokerHeartbeatRequest(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  const brokerId = r.int32()
  const brokerEpoch = r.int64()
  const metadataOffset = r.int64()
  const wantFence = r.boolean()
  const wantShutDown = r.boolean()
  const commitSequence = r.int64()
  r.skipTags()
  return { brokerId, brokerEpoch, metadataOffset, wantFence, wantShutDown, commitSequence }
}

export function encodeBrokerHeartbeatRequest(w, v, x) {
  checkEncodable("BrokerHeartbeatRequest", v, 0, 0)
  w.flexible = true
  w.int32(x.brokerId)
  w.int64(x.brokerEpoch)
  w.int64(x.metadataOffset)
  w.boolean(x.wantFence)
  w.boolean(x.wantShutDown)
  w.int64(x.commitSequence)
  w.uvarint(0)
}

export function decodeBrokerHeartbeatResponse(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  const errorCode = r.int16()
  const isCaughtUp = r.boolean()
  const isFenced = r.boolean()
  const shouldShutDown = r.boolean()
  r.skipTags()
  return { errorCode, isCaughtUp, isFenced, shouldShutDown }
}

export function encodeBrokerHeartbeatResponse(w, v, x) {
  checkEncodable("BrokerHeartbeatResponse", v, 0, 0)
  w.flexible = true
  w.int16(x.errorCode)
  w.boolean(x.isCaughtUp)
  w.boolean(x.isFenced)
  w.boolean(x.shouldShutDown)
  w.uvarint(0)
}

function readAlterPartitionRequestBrokerState(r, v) {
  const brokerId = r.int32()
  const brokerEpoch = r.int64()
  r.skipTags()
  return { brokerId, brokerEpoch }
}

function writeAlterPartitionRequestBrokerState(w, v, x) {
  w.int32(x.brokerId)
  w.int64(x.brokerEpoch)
  w.uvarint(0)
}

function readAlterPartitionRequestPartition(r, v) {
  const partitionIndex = r.int32()
  const leaderEpoch = r.int32()
  const partitionEpoch = r.int32()
  let newIsr
  const n_newIsr = r.arrayLength(13)
  newIsr = []
  for (let i = 0; i < n_newIsr; i++) newIsr.push(readAlterPartitionRequestBrokerState(r, v))
  r.skipTags()
  return { partitionIndex, leaderEpoch, partitionEpoch, newIsr }
}

function writeAlterPartitionRequestPartition(w, v, x) {
  w.int32(x.partitionIndex)
  w.int32(x.leaderEpoch)
  w.int32(x.partitionEpoch)
  const a_newIsr = x.newIsr
  w.arrayLength(a_newIsr.length)
  for (let i = 0; i < a_newIsr.length; i++) writeAlterPartitionRequestBrokerState(w, v, a_newIsr[i])
  w.uvarint(0)
}

function readAlterPartitionRequestTopic(r, v) {
  const topicId = r.uuid()
  let partitions
  const n_partitions = r.arrayLength(14)
  partitions = []
  for (let i = 0; i < n_partitions; i++) partitions.push(readAlterPartitionRequestPartition(r, v))
  r.skipTags()
  return { topicId, partitions }
}

function writeAlterPartitionRequestTopic(w, v, x) {
  w.uuid(x.topicId)
  const a_partitions = x.partitions
  w.arrayLength(a_partitions.length)
  for (let i = 0; i < a_partitions.length; i++) writeAlterPartitionRequestPartition(w, v, a_partitions[i])
  w.uvarint(0)
}

export function decodeAlterPartitionRequest(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  const brokerId = r.int32()
  const brokerEpoch = r.int64()
  const controllerEpoch = r.int32()
  const sequence = r.int64()
  let topics
  const n_topics = r.arrayLength(18)
  topics = []
  for (let i = 0; i < n_topics; i++) topics.push(readAlterPartitionRequestTopic(r, v))
  r.skipTags()
  return { brokerId, brokerEpoch, controllerEpoch, sequence, topics }
}

export function encodeAlterPartitionRequest(w, v, x) {
  checkEncodable("AlterPartitionRequest", v, 0, 0)
  w.flexible = true
  w.int32(x.brokerId)
  w.int64(x.brokerEpoch)
  w.int32(x.controllerEpoch)
  w.int64(x.sequence)
  const a_topics = x.topics
  w.arrayLength(a_topics.length)
  for (let i = 0; i < a_topics.length; i++) writeAlterPartitionRequestTopic(w, v, a_topics[i])
  w.uvarint(0)
}

function readAlterPartitionResponsePartition(r, v) {
  const partitionIndex = r.int32()
  const errorCode = r.int16()
  const leaderId = r.int32()
  const leaderEpoch = r.int32()
  const isr = r.int32Array(r.arrayLength(4))
  const partitionEpoch = r.int32()
  r.skipTags()
  return { partitionIndex, errorCode, leaderId, leaderEpoch, isr, partitionEpoch }
}

function writeAlterPartitionResponsePartition(w, v, x) {
  w.int32(x.partitionIndex)
  w.int16(x.errorCode)
  w.int32(x.leaderId ?? -1)
  w.int32(x.leaderEpoch ?? -1)
  const a_isr = x.isr
  w.int32Array(a_isr)
  w.int32(x.partitionEpoch ?? -1)
  w.uvarint(0)
}

function readAlterPartitionResponseTopic(r, v) {
  const topicId = r.uuid()
  let partitions
  const n_partitions = r.arrayLength(20)
  partitions = []
  for (let i = 0; i < n_partitions; i++) partitions.push(readAlterPartitionResponsePartition(r, v))
  r.skipTags()
  return { topicId, partitions }
}

function writeAlterPartitionResponseTopic(w, v, x) {
  w.uuid(x.topicId)
  const a_partitions = x.partitions
  w.arrayLength(a_partitions.length)
  for (let i = 0; i < a_partitions.length; i++) writeAlterPartitionResponsePartition(w, v, a_partitions[i])
  w.uvarint(0)
}

export function decodeAlterPartitionResponse(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  const errorCode = r.int16()
  let topics
  const n_topics = r.arrayLength(18)
  topics = []
  for (let i = 0; i < n_topics; i++) topics.push(readAlterPartitionResponseTopic(r, v))
  r.skipTags()
  return { errorCode, topics }
}

export function encodeAlterPartitionResponse(w, v, x) {
  checkEncodable("AlterPartitionResponse", v, 0, 0)
  w.flexible = true
  w.int16(x.errorCode)
  const a_topics = x.topics
  w.arrayLength(a_topics.length)
  for (let i = 0; i < a_topics.length; i++) writeAlterPartitionResponseTopic(w, v, a_topics[i])
  w.uvarint(0)
}

export function decodeAllocateProducerIdsRequest(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  const brokerId = r.int32()
  const brokerEpoch = r.int64()
  r.skipTags()
  return { brokerId, brokerEpoch }
}

export function encodeAllocateProducerIdsRequest(w, v, x) {
  checkEncodable("AllocateProducerIdsRequest", v, 0, 0)
  w.flexible = true
  w.int32(x.brokerId)
  w.int64(x.brokerEpoch)
  w.uvarint(0)
}

export function decodeAllocateProducerIdsResponse(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  const errorCode = r.int16()
  const producerIdStart = r.int64()
  const producerIdLen = r.int32()
  r.skipTags()
  return { errorCode, producerIdStart, producerIdLen }
}

export function encodeAllocateProducerIdsResponse(w, v, x) {
  checkEncodable("AllocateProducerIdsResponse", v, 0, 0)
  w.flexible = true
  w.int16(x.errorCode)
  w.int64(x.producerIdStart)
  w.int32(x.producerIdLen)
  w.uvarint(0)
}

export function decodeAutoCreateTopicsRequest(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  const names = r.stringArray(r.arrayLength(1))
  r.skipTags()
  return { names }
}

export function encodeAutoCreateTopicsRequest(w, v, x) {
  checkEncodable("AutoCreateTopicsRequest", v, 0, 0)
  w.flexible = true
  const a_names = x.names
  w.stringArray(a_names)
  w.uvarint(0)
}

function readAutoCreateTopicsResponseTopic(r, v) {
  const name = r.string()
  const errorCode = r.int16()
  r.skipTags()
  return { name, errorCode }
}

function writeAutoCreateTopicsResponseTopic(w, v, x) {
  w.string(x.name)
  w.int16(x.errorCode)
  w.uvarint(0)
}

export function decodeAutoCreateTopicsResponse(r, v) {
  checkDecodable(r.position, v, 0, 0)
  r.flexible = true
  let results
  const n_results = r.arrayLength(4)
  results = []
  for (let i = 0; i < n_results; i++) results.push(readAutoCreateTopicsResponseTopic(r, v))
  r.skipTags()
  return { results }
}

export function encodeAutoCreateTopicsResponse(w, v, x) {
  checkEncodable("AutoCreateTopicsResponse", v, 0, 0)
  w.flexible = true
  const a_results = x.results
  w.arrayLength(a_results.length)
  for (let i = 0; i < a_results.length; i++) writeAutoCreateTopicsResponseTopic(w, v, a_results[i])
  w.uvarint(0)
}

export const InternalApiKey = {
  ControllerCall: 1000,
  RegisterBroker: 1001,
  BrokerHeartbeat: 1002,
  AlterPartition: 1003,
  AllocateProducerIds: 1004,
  AutoCreateTopics: 1005,
}
