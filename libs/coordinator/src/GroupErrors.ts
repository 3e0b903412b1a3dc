import { ErrorCode } from "@tailrace/kafka-protocol"
import type {
  DeleteGroupsResponseResultInput, DescribeGroupsResponseGroupInput, JoinGroupResponseInput, LeaveGroupResponseInput,
  OffsetCommitRequest, OffsetCommitResponseInput, OffsetFetchResponseGroupInput, SyncGroupResponseInput
} from "@tailrace/kafka-protocol"
import { joinError, syncError } from "./internal/responses.ts"

/**
 * Answers that are not a shard's: it is loading (COORDINATOR_LOAD_IN_PROGRESS, but a Heartbeat gets NONE then, so that
 * members do not leave), elsewhere (NOT_COORDINATOR), or could not append (`ofAppend` tells the error).
 */
export const GroupErrors = {
  /** What a client of a group hears when the append of its decision failed with this error. */
  ofAppend(errorCode: ErrorCode): ErrorCode {
    switch (errorCode) {
      case ErrorCode.UNKNOWN_TOPIC_OR_PARTITION:
      case ErrorCode.NOT_ENOUGH_REPLICAS:
      case ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND:
      case ErrorCode.REQUEST_TIMED_OUT:
      // The limit is lower than it was. The next life knows that and refuses whom it concerns; nobody else has to fail of it.
      case ErrorCode.MESSAGE_TOO_LARGE:
      case ErrorCode.RECORD_LIST_TOO_LARGE:
        return ErrorCode.COORDINATOR_NOT_AVAILABLE
      case ErrorCode.NOT_LEADER_OR_FOLLOWER:
      case ErrorCode.KAFKA_STORAGE_ERROR:
        return ErrorCode.NOT_COORDINATOR
      default:
        return errorCode
    }
  },

  joinGroup: (request: { readonly apiVersion: number, readonly memberId: string }, errorCode: ErrorCode): JoinGroupResponseInput =>
    joinError(request.apiVersion, request.memberId, errorCode),

  syncGroup: (errorCode: ErrorCode): SyncGroupResponseInput => syncError(errorCode),

  leaveGroup: (errorCode: ErrorCode): LeaveGroupResponseInput => ({ errorCode, members: [] }),

  commitOffsets: (request: OffsetCommitRequest, errorCode: ErrorCode): OffsetCommitResponseInput => ({
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode }))
    }))
  }),

  fetchOffsets: (groupIds: ReadonlyArray<string>, errorCode: ErrorCode): ReadonlyArray<OffsetFetchResponseGroupInput> =>
    groupIds.map((groupId) => ({ groupId, topics: [], errorCode })),

  describeGroups: (groupIds: ReadonlyArray<string>, errorCode: ErrorCode): ReadonlyArray<DescribeGroupsResponseGroupInput> =>
    groupIds.map((groupId) => ({ errorCode, groupId, groupState: "", protocolType: "", protocolData: "", members: [] })),

  deleteGroups: (groupIds: ReadonlyArray<string>, errorCode: ErrorCode): ReadonlyArray<DeleteGroupsResponseResultInput> =>
    groupIds.map((groupId) => ({ groupId, errorCode }))
} as const
