import {
  decodeMetadataRequest,
  encodeMetadataResponse,
  ErrorCode,
  type MetadataRequest,
  type MetadataResponseTopicInput,
  zeroUuid
} from "@tailrace/kafka-protocol"
import { askedTopics, metadataBrokers, metadataTopics, topicNameFault } from "@tailrace/metadata"
import { authorizedOperations } from "../authorizedOperations.ts"
import type { Call } from "../Call.ts"

/** Before this version an empty list means every topic; from then on null does. */
const nullVersionMin = 1
/** From this version on a leader without the client's listener has an error of its own. */
const listenerNotFoundVersionMin = 6
/** Versions 10 and 11 have a place for topic ids that means nothing yet. */
const topicIdVersionMin = 12

/** Who leads what. A topic that is named and missing is created where the request and the broker allow it. */
export function handleMetadata(call: Call): void {
  const { broker } = call.context
  const decoded = decodeMetadataRequest(call.reader, call.apiVersion)
  if (call.apiVersion < topicIdVersionMin && decoded.topics?.some(({ name, topicId }) => name === null || topicId !== zeroUuid)) {
    return refuse(call, decoded.topics)
  }
  const request = decoded.topics === null ? decoded : { ...decoded, topics: askedTopics(decoded.topics) }
  const mayCreate = request.allowAutoTopicCreation && broker.config.get("auto.create.topics.enable")
  const names = mayCreate ? missingNames(call, request) : []
  if (names.length === 0) return answer(call, request, nothingCreated)
  call.whenSettled(
    broker.controller.autoCreateTopics(names),
    (codes) => answer(call, request, codes),
    () => answer(call, request, nothingCreated)
  )
}

/** Answers of these versions need a name. */
function refuse(call: Call, topics: NonNullable<MetadataRequest["topics"]>): void {
  call.reply(encodeMetadataResponse, {
    brokers: [],
    topics: topics.map(({ name, topicId }) => ({ errorCode: ErrorCode.INVALID_REQUEST, name: name ?? "", topicId, partitions: [] }))
  })
}

const nothingCreated: ReadonlyMap<string, number> = new Map()

function missingNames(call: Call, request: MetadataRequest): ReadonlyArray<string> {
  const names = new Set<string>()
  for (const { name } of request.topics ?? []) {
    if (name === null || topicNameFault(name) !== undefined) continue
    if (call.context.broker.metadata.topic(name) === undefined) names.add(name)
  }
  return [...names]
}

function answer(call: Call, request: MetadataRequest, created: ReadonlyMap<string, number>): void {
  const { broker } = call.context
  const isAll = request.topics === null || call.apiVersion < nullVersionMin && request.topics.length === 0
  const brokers = metadataBrokers(broker.metadata, call.origin.listenerName)
  const topics = metadataTopics(broker.metadata, isAll ? null : request.topics, {
    brokers,
    noListenerCode: call.apiVersion >= listenerNotFoundVersionMin ? ErrorCode.LISTENER_NOT_FOUND : ErrorCode.LEADER_NOT_AVAILABLE
  })
  // Some clients ask on for ever the one node that they are connected to; without a connection they ask another one.
  if (broker.isCutOff && topics.some((topic) => isLedBy(topic, broker.nodeId))) {
    return call.close("this node hears nothing of the controller and cannot say who leads")
  }
  call.reply(encodeMetadataResponse, {
    brokers,
    clusterId: broker.clusterId,
    controllerId: broker.controllerId,
    topics: topics.map((topic) => withReason(request.includeTopicAuthorizedOperations ? withOperations(topic) : topic, created)),
    ...(request.includeClusterAuthorizedOperations ? { clusterAuthorizedOperations: authorizedOperations.cluster } : {})
  })
}

const isLedBy = ({ partitions }: MetadataResponseTopicInput, nodeId: number): boolean =>
  partitions.some(({ leaderId }) => leaderId === nodeId)

/** What may be done with a topic goes by its name, whether it exists or not. */
const withOperations = (topic: MetadataResponseTopicInput): MetadataResponseTopicInput =>
  topic.name === null ? topic : { ...topic, topicAuthorizedOperations: authorizedOperations.topic }

/** A topic that could not be created says why, where there is more to say than that it is missing. */
function withReason(topic: MetadataResponseTopicInput, created: ReadonlyMap<string, number>): MetadataResponseTopicInput {
  const errorCode = created.get(topic.name ?? "") ?? ErrorCode.NONE
  return topic.errorCode === ErrorCode.NONE || errorCode === ErrorCode.NONE ? topic : { ...topic, errorCode }
}
