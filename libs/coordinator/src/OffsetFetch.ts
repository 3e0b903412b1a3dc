import { ErrorCode } from "@tailrace/kafka-protocol"
import type {
  OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchResponseGroupInput, OffsetFetchResponseInput
} from "@tailrace/kafka-protocol"

/** From this version on a request asks for several groups. */
const groupsVersion = 8
/** From this version on there is an error of the whole answer; before, each partition carries it. */
const topLevelErrorVersion = 2

/** Between the versions of OffsetFetch and the one form that a shard takes and gives. */
export const OffsetFetch = {
  /** The groups that a request of any version asks for. */
  groupsOf(request: OffsetFetchRequest, apiVersion: number): ReadonlyArray<OffsetFetchRequestGroup> {
    if (apiVersion >= groupsVersion) return request.groups
    return [{ groupId: request.groupId, memberId: null, memberEpoch: -1, topics: request.topics }]
  },

  /** The answer in the form of the request's version. Before version 8 there is exactly one group. */
  response(request: OffsetFetchRequest, apiVersion: number, groups: ReadonlyArray<OffsetFetchResponseGroupInput>): OffsetFetchResponseInput {
    if (apiVersion >= groupsVersion) return { groups }
    const group = groups[0]
    const errorCode = group?.errorCode ?? ErrorCode.NONE
    if (errorCode === ErrorCode.NONE || apiVersion >= topLevelErrorVersion) return { topics: group?.topics ?? [], errorCode }
    return {
      topics: (request.topics ?? []).map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((partitionIndex) => ({
          partitionIndex, committedOffset: -1, committedLeaderEpoch: -1, metadata: "", errorCode
        }))
      }))
    }
  }
} as const
