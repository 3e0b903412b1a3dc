import type { GroupCalls } from "@tailrace/contracts"
import {
  decodeOffsetCommitRequest,
  decodeOffsetDeleteRequest,
  decodeOffsetFetchRequest,
  encodeOffsetCommitResponse,
  encodeOffsetDeleteResponse,
  encodeOffsetFetchResponse,
  ErrorCode,
  type OffsetFetchRequestGroup
} from "@tailrace/kafka-protocol"
import type { Call } from "../Call.ts"
import { askCoordinator, askEach } from "./groups.ts"

/** From this version on a request names several groups (KIP-709). */
const groupsVersionMin = 8
/** From this version on a group's own error has a place. */
const groupErrorVersionMin = 2

type CommitResponse = GroupCalls["commitOffsets"]["response"]

/** Commits for topics that exist; the others get UNKNOWN_TOPIC_OR_PARTITION and the rest of the request goes on. */
export function handleOffsetCommit(call: Call): void {
  const request = decodeOffsetCommitRequest(call.reader, call.apiVersion)
  const { metadata } = call.context.broker
  const existing = new Set<string>()
  for (const { name, partitions } of request.topics) {
    const topic = metadata.topic(name)
    for (const { partitionIndex } of partitions) {
      if (topic?.partitions[partitionIndex] !== undefined) existing.add(`${name}/${partitionIndex}`)
    }
  }
  // As it was when the request came: the answer has to name what was passed on.
  const exists = (topic: string, partition: number): boolean => existing.has(`${topic}/${partition}`)
  const known = request.topics
    .map((topic) => ({ ...topic, partitions: topic.partitions.filter((it) => exists(topic.name, it.partitionIndex)) }))
    .filter((topic) => topic.partitions.length > 0)
  const answer = (codeOf: (topic: string, partition: number) => number): CommitResponse => ({
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({
        partitionIndex,
        errorCode: exists(name, partitionIndex) ? codeOf(name, partitionIndex) : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      }))
    }))
  })
  const asked = { ...request, topics: known, apiVersion: call.apiVersion }
  askCoordinator(call, "commitOffsets", asked, (response) => {
    const codes = new Map<string, number>()
    for (const topic of response.topics) {
      for (const partition of topic.partitions) codes.set(`${topic.name}/${partition.partitionIndex}`, partition.errorCode)
    }
    call.reply(encodeOffsetCommitResponse, answer((topic, partition) => codes.get(`${topic}/${partition}`) ?? ErrorCode.NONE))
  }, (errorCode) => answer(() => errorCode))
}

export function handleOffsetDelete(call: Call): void {
  const request = decodeOffsetDeleteRequest(call.reader, call.apiVersion)
  const reply = (response: GroupCalls["deleteOffsets"]["response"]) => call.reply(encodeOffsetDeleteResponse, response)
  askCoordinator(call, "deleteOffsets", request, reply, (errorCode) => ({ errorCode, topics: [] }))
}

export function handleOffsetFetch(call: Call): void {
  const request = decodeOffsetFetchRequest(call.reader, call.apiVersion)
  const isBatched = call.apiVersion >= groupsVersionMin
  const groups: ReadonlyArray<OffsetFetchRequestGroup> = isBatched
    ? request.groups
    : [{ groupId: request.groupId, memberId: null, memberEpoch: -1, topics: request.topics }]
  askEach(call, "fetchOffsets", groups, (group, errorCode) => refused(group, errorCode), (fetched) => {
    if (isBatched) return call.reply(encodeOffsetFetchResponse, { groups: fetched })
    const [only] = fetched
    call.reply(encodeOffsetFetchResponse, { errorCode: only?.errorCode ?? ErrorCode.NONE, topics: only?.topics ?? [] })
  })

  /** Old versions have no place for a group's error, so each partition carries it. */
  function refused(group: OffsetFetchRequestGroup, errorCode: number): GroupCalls["fetchOffsets"]["response"] {
    const topics = call.apiVersion >= groupErrorVersionMin ? [] : group.topics ?? []
    return {
      groupId: group.groupId,
      errorCode: call.apiVersion >= groupErrorVersionMin ? errorCode : ErrorCode.NONE,
      topics: topics.map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((partitionIndex) => ({
          partitionIndex,
          committedOffset: -1,
          metadata: "",
          errorCode
        }))
      }))
    }
  }
}
