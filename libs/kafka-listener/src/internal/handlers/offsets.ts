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

/** Commits for partitions that exist; the others get UNKNOWN_TOPIC_OR_PARTITION and the rest of the request goes on. */
export function handleOffsetCommit(call: Call): void {
  const request = decodeOffsetCommitRequest(call.reader, call.apiVersion)
  const { answer, known } = existing(call, request.topics)
  const asked = { ...request, topics: known, apiVersion: call.apiVersion }
  askCoordinator(
    call,
    "commitOffsets",
    asked,
    ({ topics }) => call.reply(encodeOffsetCommitResponse, { topics: answer(topics) }),
    (errorCode) => ({ topics: answerOf(known, errorCode) })
  )
}

/** As for commits. Where the group itself is refused, that is all there is to say. */
export function handleOffsetDelete(call: Call): void {
  const request = decodeOffsetDeleteRequest(call.reader, call.apiVersion)
  const { answer, known } = existing(call, request.topics)
  askCoordinator(
    call,
    "deleteOffsets",
    { ...request, topics: known },
    ({ errorCode, topics }) => {
      const isRefused = errorCode !== ErrorCode.NONE
      call.reply(encodeOffsetDeleteResponse, { errorCode, topics: isRefused ? [] : answer(topics) })
    },
    (errorCode) => ({ errorCode, topics: [] })
  )
}

interface AskedTopic<P> {
  readonly name: string
  readonly partitions: ReadonlyArray<P>
}

interface AskedPartition {
  readonly partitionIndex: number
}

type AnsweredTopic = AskedTopic<AskedPartition & { readonly errorCode: number }>

const answerOf = (topics: ReadonlyArray<AskedTopic<AskedPartition>>, errorCode: number): ReadonlyArray<AnsweredTopic> =>
  topics.map(({ name, partitions }) => ({ name, partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })) }))

/**
 * What of a request concerns partitions that there are now, and how the answer for those becomes the answer for all: it has to
 * name what was passed on, whatever there is by then.
 */
function existing<P extends AskedPartition>(call: Call, topics: ReadonlyArray<AskedTopic<P>>) {
  const { metadata } = call.context.broker
  const keyOf = (topic: string, partition: number): string => `${topic}/${partition}`
  const known = topics.map((topic) => {
    const there = metadata.topic(topic.name)?.partitions ?? []
    return { ...topic, partitions: topic.partitions.filter(({ partitionIndex }) => there[partitionIndex] !== undefined) }
  }).filter(({ partitions }) => partitions.length > 0)
  const answer = (answered: ReadonlyArray<AnsweredTopic>): ReadonlyArray<AnsweredTopic> => {
    const codes = new Map<string, number>()
    for (const { name, partitions } of answered) {
      for (const { errorCode, partitionIndex } of partitions) codes.set(keyOf(name, partitionIndex), errorCode)
    }
    return topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({
        partitionIndex,
        errorCode: codes.get(keyOf(name, partitionIndex)) ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      }))
    }))
  }
  return { known, answer }
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
