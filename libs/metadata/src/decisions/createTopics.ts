import { ErrorCode, zeroUuid } from "@tailrace/kafka-protocol"
import type { CreateTopicsRequest, CreateTopicsRequestTopic, CreateTopicsResponseInput, CreateTopicsResponseTopicInput, MetadataRecord } from "@tailrace/kafka-protocol"
import { freshUuid, limitsOf } from "../Decision.ts"
import type { Decision, DecisionContext, Refusal } from "../Decision.ts"
import type { BrokerConfig } from "../BrokerConfig.ts"
import { effectiveBrokerConfig } from "../configSources.ts"
import { describeTopicConfigs } from "../describeConfigs.ts"
import { assignmentFault, isRefusal, newPartition, placeReplicas } from "../internal/placement.ts"
import type { Assignments } from "../internal/placement.ts"
import { configRecord, topicRecord } from "../internal/records.ts"
import { invalidConfig, shownMessage, topicConfigsFault } from "../internal/validation.ts"
import { ResourceType } from "../MetadataImage.ts"
import type { MetadataImage } from "../MetadataImage.ts"
import { collisionKey, metadataLogTopic, reservedTopicIds, topicNameFault } from "../topicNames.ts"

/**
 * CreateTopics: every topic succeeds or fails by itself. With `validateOnly` the answer is the same but for the topic id,
 * and nothing is created.
 */
export function createTopics(image: MetadataImage, request: CreateTopicsRequest, context: DecisionContext): Decision<CreateTopicsResponseInput> {
  const records: Array<MetadataRecord> = []
  const topics: Array<CreateTopicsResponseTopicInput> = []
  const plan: Plan = { defaults: effectiveBrokerConfig(image, context.config), names: new Map(), topicIds: new Set(), partitions: 0 }
  for (const [name, [topic, ...more]] of Map.groupBy(request.topics, (it) => it.name)) {
    if (topic === undefined || more.length > 0) {
      topics.push(refusedTopic(name, { errorCode: ErrorCode.INVALID_REQUEST, message: "Duplicate topic name." }))
      continue
    }
    const outcome = createTopic(image, topic, context, plan)
    if ("errorCode" in outcome) {
      topics.push(refusedTopic(name, outcome))
      continue
    }
    if (!request.validateOnly) for (const record of outcome.records) records.push(record)
    topics.push(request.validateOnly ? { ...outcome.answer, topicId: zeroUuid } : outcome.answer)
  }
  return { records, response: { topics } }
}

/** What holds for the whole request, and what its earlier topics will take. */
interface Plan {
  readonly defaults: BrokerConfig
  readonly names: Map<string, string>
  readonly topicIds: Set<string>
  partitions: number
}

interface Created {
  readonly records: ReadonlyArray<MetadataRecord>
  readonly answer: CreateTopicsResponseTopicInput
}

function createTopic(image: MetadataImage, topic: CreateTopicsRequestTopic, context: DecisionContext, plan: Plan): Created | Refusal {
  const { name } = topic
  const fault = nameFault(image, name, plan)
  if (fault !== undefined) return fault
  const unset = topic.configs.find((it) => it.value === null)
  if (unset !== undefined) return invalidConfig(`Null value not supported for topic configs: ${unset.name}`)
  // Of a key that is there twice the last value counts, as in Kafka.
  const configs = new Map(topic.configs.map((it) => [it.name, it.value]))
  const configFault = topicConfigsFault(name, configs)
  if (configFault !== undefined) return configFault
  const assignments = topic.assignments.length > 0 ? manualAssignments(image, topic) : automaticAssignments(image, topic, context, plan)
  if (isRefusal(assignments)) return assignments
  const limitFault = partitionsFault(image, assignments.length, context, plan)
  if (limitFault !== undefined) return limitFault

  const topicId = freshUuid(context, (it) => reservedTopicIds.has(it) || plan.topicIds.has(it) || image.topicById(it) !== undefined)
  plan.topicIds.add(topicId)
  plan.names.set(collisionKey(name), name)
  plan.partitions += assignments.length
  const records = [
    topicRecord(name, topicId),
    ...[...configs].map(([key, value]) => configRecord(ResourceType.topic, name, key, value)),
    ...assignments.map((replicas, partitionId) => newPartition(image, topicId, partitionId, replicas))
  ]
  const replicationFactor = assignments[0]?.length ?? 0
  const shown = describeTopicConfigs(image, context.config, configs as ReadonlyMap<string, string>, replicationFactor, { includeSynonyms: false, includeDocumentation: false })
  return {
    records,
    answer: {
      name, topicId, errorCode: ErrorCode.NONE, errorMessage: null, numPartitions: assignments.length, replicationFactor,
      configs: shown.map((it) => ({ name: it.name, value: it.value, readOnly: it.readOnly, configSource: it.configSource, isSensitive: it.isSensitive }))
    }
  }
}

function nameFault(image: MetadataImage, name: string, plan: Plan): Refusal | undefined {
  const invalid = (message: string): Refusal => ({ errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION, message })
  const fault = topicNameFault(name)
  if (fault !== undefined) return invalid(`Topic name is invalid: ${fault}`)
  if (name === metadataLogTopic) return { errorCode: ErrorCode.INVALID_REQUEST, message: `Creation of internal topic ${metadataLogTopic} is prohibited.` }
  if (image.topic(name) !== undefined) return { errorCode: ErrorCode.TOPIC_ALREADY_EXISTS, message: `Topic '${name}' already exists.` }
  const colliding = image.collidingTopic(name) ?? plan.names.get(collisionKey(name))
  return colliding === undefined ? undefined : invalid(`Topic '${name}' collides with existing topic: ${colliding}`)
}

function manualAssignments(image: MetadataImage, topic: CreateTopicsRequestTopic): Assignments | Refusal {
  const refused = (errorCode: number, message: string): Refusal => ({ errorCode, message })
  if (topic.replicationFactor !== -1) {
    return refused(ErrorCode.INVALID_REQUEST, "A manual partition assignment was specified, but replication factor was not set to -1.")
  }
  if (topic.numPartitions !== -1) {
    return refused(ErrorCode.INVALID_REQUEST, "A manual partition assignment was specified, but numPartitions was not set to -1.")
  }
  const assignments: Array<ReadonlyArray<number>> = []
  for (const { partitionIndex, brokerIds } of topic.assignments) {
    if (assignments[partitionIndex] !== undefined) {
      return refused(ErrorCode.INVALID_REPLICA_ASSIGNMENT, `Found multiple manual partition assignments for partition ${partitionIndex}`)
    }
    if (partitionIndex < 0 || partitionIndex >= topic.assignments.length) {
      return refused(ErrorCode.INVALID_REPLICA_ASSIGNMENT, "partitions should be a consecutive 0-based integer sequence")
    }
    const fault = assignmentFault(image, brokerIds, topic.assignments[0]!.brokerIds.length)
    if (fault !== undefined) return fault
    assignments[partitionIndex] = brokerIds
  }
  return assignments
}

function automaticAssignments(image: MetadataImage, topic: CreateTopicsRequestTopic, context: DecisionContext, plan: Plan): Assignments | Refusal {
  if (topic.replicationFactor < -1 || topic.replicationFactor === 0) {
    return { errorCode: ErrorCode.INVALID_REPLICATION_FACTOR, message: "Replication factor must be larger than 0, or -1 to use the default value." }
  }
  if (topic.numPartitions < -1 || topic.numPartitions === 0) {
    return { errorCode: ErrorCode.INVALID_PARTITIONS, message: "Number of partitions was set to an invalid non-positive value." }
  }
  const partitions = topic.numPartitions === -1 ? plan.defaults.get("num.partitions") : topic.numPartitions
  const replicationFactor = topic.replicationFactor === -1 ? plan.defaults.get("default.replication.factor") : topic.replicationFactor
  // Before the placement, so that a request for two billion partitions costs nothing.
  return partitionsFault(image, partitions, context, plan)
    ?? placeReplicas(image, partitions, replicationFactor, image.partitionCount + plan.partitions)
}

function partitionsFault(image: MetadataImage, added: number, context: DecisionContext, plan: Plan): Refusal | undefined {
  const { partitionsPerRequestMax, partitionsMax } = limitsOf(context)
  if (plan.partitions + added > partitionsPerRequestMax) {
    return { errorCode: ErrorCode.POLICY_VIOLATION, message: `Excessively large number of partitions per request: at most ${partitionsPerRequestMax} are created at once.` }
  }
  if (image.partitionCount + plan.partitions + added > partitionsMax) {
    return { errorCode: ErrorCode.POLICY_VIOLATION, message: `The cluster may have ${partitionsMax} partitions and has ${image.partitionCount}.` }
  }
  return undefined
}

function refusedTopic(name: string, { errorCode, message }: Refusal): CreateTopicsResponseTopicInput {
  return { name, errorCode, errorMessage: shownMessage(message), topicId: zeroUuid, numPartitions: -1, replicationFactor: -1, configs: [] }
}
