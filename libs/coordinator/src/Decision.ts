import type {
  DeleteGroupsResponseResultInput, DescribeGroupsResponseGroupInput, HeartbeatResponseInput, JoinGroupResponseInput,
  LeaveGroupResponseInput, ListGroupsResponseGroupInput, OffsetCommitResponseInput, OffsetDeleteResponseInput, OffsetFetchResponseGroupInput,
  SyncGroupResponseInput
} from "@tailrace/kafka-protocol"

/** One record of `__consumer_offsets`, in Kafka's own bytes. A null value is a tombstone. */
export interface CoordinatorRecord {
  readonly key: Buffer
  readonly value: Buffer | null
}

/**
 * Every answer a shard can give, ready to encode in the version of its request. Where one request can concern
 * groups of several shards, the answer is this shard's part: an array, for the shell to put together.
 */
export type GroupResponse =
  | JoinGroupResponseInput
  | SyncGroupResponseInput
  | HeartbeatResponseInput
  | LeaveGroupResponseInput
  | OffsetCommitResponseInput
  | OffsetDeleteResponseInput
  | ReadonlyArray<OffsetFetchResponseGroupInput>
  | ReadonlyArray<DescribeGroupsResponseGroupInput>
  | ReadonlyArray<ListGroupsResponseGroupInput>
  | ReadonlyArray<DeleteGroupsResponseResultInput>

/** The answer to the request that was handed in together with `token`. Every token gets exactly one. */
export interface Reply<Token> {
  readonly token: Token
  readonly response: GroupResponse
}

/**
 * What a decision asks of the shell, in this order and before the next decision is asked for:
 * append `records`, hand each of them to `replay` with the offset it got, and hold `replies` until
 * everything appended so far is committed (see `HeldReplies`).
 */
export interface Decision<Token> {
  readonly records: ReadonlyArray<CoordinatorRecord>
  /** True: the records must become one batch, none without the others. False: they may be cut, in order. */
  readonly isAtomic: boolean
  readonly replies: ReadonlyArray<Reply<Token>>
}
