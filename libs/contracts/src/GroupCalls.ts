import type { JoinGroupInput, LeaveGroupInput, OffsetCommitInput } from "@tailrace/coordinator"
import type {
  DeleteGroupsResponseResultInput,
  DescribeGroupsResponseGroupInput,
  HeartbeatRequest,
  HeartbeatResponseInput,
  JoinGroupResponseInput,
  LeaveGroupResponseInput,
  ListGroupsRequest,
  ListGroupsResponseGroupInput,
  OffsetCommitResponseInput,
  OffsetDeleteRequest,
  OffsetDeleteResponseInput,
  OffsetFetchRequestGroup,
  OffsetFetchResponseGroupInput,
  SyncGroupRequest,
  SyncGroupResponseInput
} from "@tailrace/kafka-protocol"

/** What clients may ask the coordinator of one group. Requests of Kafka that name several groups become several calls. */
export interface GroupCalls {
  readonly joinGroup: { readonly request: JoinGroupInput; readonly response: JoinGroupResponseInput }
  readonly syncGroup: { readonly request: SyncGroupRequest; readonly response: SyncGroupResponseInput }
  readonly heartbeat: { readonly request: HeartbeatRequest; readonly response: HeartbeatResponseInput }
  readonly leaveGroup: { readonly request: LeaveGroupInput; readonly response: LeaveGroupResponseInput }
  readonly commitOffsets: { readonly request: OffsetCommitInput; readonly response: OffsetCommitResponseInput }
  readonly fetchOffsets: {
    readonly request: OffsetFetchRequestGroup
    readonly response: OffsetFetchResponseGroupInput
  }
  readonly deleteOffsets: { readonly request: OffsetDeleteRequest; readonly response: OffsetDeleteResponseInput }
  readonly describeGroup: {
    readonly request: { readonly groupId: string; readonly apiVersion: number }
    readonly response: DescribeGroupsResponseGroupInput
  }
  readonly deleteGroup: {
    readonly request: { readonly groupId: string }
    readonly response: DeleteGroupsResponseResultInput
  }
  /** Every shard answers for itself. */
  readonly listGroups: {
    readonly request: ListGroupsRequest
    readonly response: ReadonlyArray<ListGroupsResponseGroupInput>
  }
}
