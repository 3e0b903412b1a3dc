import { ErrorCode, zeroUuid } from "@tailrace/kafka-protocol"
import type { DeleteTopicsRequest, DeleteTopicsResponseInput, DeleteTopicsResponseTopicInput, MetadataRecord } from "@tailrace/kafka-protocol"
import type { Decision, DecisionContext, Refusal } from "../Decision.ts"
import { configRecord } from "../internal/records.ts"
import { leaderEpochFloorKey, ResourceType } from "../MetadataImage.ts"
import type { MetadataImage, TopicImage } from "../MetadataImage.ts"
import { isInternalTopic } from "../topicNames.ts"

interface Wanted {
  readonly name: string | null
  readonly topicId: string
}

/**
 * DeleteTopics, by name or by id. The highest leader epoch of what is deleted is remembered: a topic that is created again
 * under the same name has to have higher ones, or clients that know names only would take its metadata for old.
 */
export function deleteTopics(image: MetadataImage, request: DeleteTopicsRequest, context: DecisionContext): Decision<DeleteTopicsResponseInput> {
  const wanted: ReadonlyArray<Wanted> = [...request.topics, ...request.topicNames.map((name) => ({ name, topicId: zeroUuid }))]
  // The same topic named twice, perhaps once by name and once by id, is answered once and stays.
  const byIdentity = Map.groupBy(wanted, (it) => find(image, it)?.topicId ?? `${it.name} ${it.topicId}`)
  const deleted: Array<TopicImage> = []
  const responses: Array<DeleteTopicsResponseTopicInput> = []
  for (const [first, ...more] of byIdentity.values()) {
    if (first === undefined) continue
    const topic = find(image, first)
    const refused = refusal(topic, first, more.length > 0, context)
    if (refused === undefined && topic !== undefined) deleted.push(topic)
    // What was named twice in one way is told in that way, so that who asked finds it again.
    const isRepeated = more.length > 0 && more.every((it) => it.name === first.name)
    const { name, topicId } = isRepeated ? first : topic ?? first
    responses.push({
      name, topicId,
      errorCode: refused?.errorCode ?? ErrorCode.NONE, errorMessage: refused?.message ?? null
    })
  }
  return { records: removals(image, deleted), response: { responses } }
}

function find(image: MetadataImage, { name, topicId }: Wanted): TopicImage | undefined {
  if (name !== null && topicId !== zeroUuid) return undefined
  return name === null ? image.topicById(topicId) : image.topic(name)
}

function refusal(topic: TopicImage | undefined, { name, topicId }: Wanted, isDuplicate: boolean, context: DecisionContext): Refusal | undefined {
  const refused = (errorCode: number, message: string): Refusal => ({ errorCode, message })
  if (name !== null && topicId !== zeroUuid) return refused(ErrorCode.INVALID_REQUEST, "You may not specify both topic name and topic id.")
  if (name === null && topicId === zeroUuid) return refused(ErrorCode.INVALID_REQUEST, "Neither topic name nor id were specified.")
  if (isDuplicate) return refused(ErrorCode.INVALID_REQUEST, "Duplicate topic.")
  if (!context.config.get("delete.topic.enable")) return refused(ErrorCode.TOPIC_DELETION_DISABLED, "Topic deletion is disabled.")
  if (topic === undefined) {
    return name === null
      ? refused(ErrorCode.UNKNOWN_TOPIC_ID, "This server does not host this topic ID.")
      : refused(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "This server does not host this topic-partition.")
  }
  if (isInternalTopic(topic.name)) return refused(ErrorCode.POLICY_VIOLATION, `${topic.name} belongs to the brokers and cannot be deleted.`)
  return undefined
}

function removals(image: MetadataImage, deleted: ReadonlyArray<TopicImage>): Array<MetadataRecord> {
  let floor = image.leaderEpochFloor
  for (const topic of deleted) {
    for (const partition of topic.partitions) floor = Math.max(floor, partition.leaderEpoch + 1)
  }
  const records: Array<MetadataRecord> = deleted.map(({ topicId }) => ({ type: "RemoveTopicRecord", value: { topicId } }))
  if (floor > image.leaderEpochFloor) records.unshift(configRecord(ResourceType.unknown, "", leaderEpochFloorKey, String(floor)))
  return records
}
