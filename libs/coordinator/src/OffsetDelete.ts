/** OffsetDelete (api 47, version 0): forget committed offsets of topics that the group does not read. */
export interface OffsetDeleteRequest {
  readonly groupId: string
  readonly topics: ReadonlyArray<{
    readonly name: string
    readonly partitions: ReadonlyArray<{ readonly partitionIndex: number }>
  }>
}

export interface OffsetDeleteResponseInput {
  readonly errorCode: number
  readonly throttleTimeMs?: number | undefined
  readonly topics: ReadonlyArray<{
    readonly name: string
    readonly partitions: ReadonlyArray<{ readonly partitionIndex: number, readonly errorCode: number }>
  }>
}
