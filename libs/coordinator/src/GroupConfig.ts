/**
 * The limits and times of a shard. The first group has Kafka's names and defaults (the dotted name is the
 * broker's configuration key); the second group bounds the memory of one shard, which Kafka leaves open.
 */
export interface GroupConfig {
  /** offsets.retention.minutes */
  readonly offsetsRetentionMinutes: number
  /** offsets.retention.check.interval.ms */
  readonly offsetsRetentionCheckIntervalMillis: number
  /** offset.metadata.max.bytes. Kafka compares it with UTF-16 units, and so does this room. */
  readonly offsetMetadataMaxBytes: number
  /** group.initial.rebalance.delay.ms. With 0 an empty group completes its first join at once. */
  readonly groupInitialRebalanceDelayMillis: number
  /** group.min.session.timeout.ms */
  readonly groupMinSessionTimeoutMillis: number
  /** group.max.session.timeout.ms */
  readonly groupMaxSessionTimeoutMillis: number
  /** group.max.size */
  readonly groupMaxSize: number
  /** How long a member that has never been in a generation may wait in JoinGroup (a constant in Kafka). */
  readonly newMemberJoinTimeoutMillis: number

  /** Groups in one shard. A join that would create one more gets GROUP_MAX_SIZE_REACHED, a commit INVALID_COMMIT_OFFSET_SIZE. */
  readonly groupsMax: number
  /** Members, and ids given out to members to be, in one shard. Above: GROUP_MAX_SIZE_REACHED. */
  readonly membersMax: number
  /** Ids, protocols and assignments of all members of one shard, and ids given out. Above: GROUP_MAX_SIZE_REACHED. */
  readonly memberBytesMax: number
  /** The protocols of one JoinGroup, names included. Above: INVALID_REQUEST. */
  readonly memberMetadataBytesMax: number
  /** Committed offsets in one shard. A commit that would add more gets INVALID_COMMIT_OFFSET_SIZE. */
  readonly offsetsMax: number
  /**
   * The records of one atomic decision with what a batch has around each; the batch itself must stay below max.message.bytes of
   * `__consumer_offsets`. A commit above it gets INVALID_COMMIT_OFFSET_SIZE, an assignment above it UNKNOWN_SERVER_ERROR and a new
   * rebalance.
   */
  readonly recordsBytesMax: number
  /** Offsets that one `tick` looks at for expiry; the rest follows in the next tick. */
  readonly cleanupOffsetsPerTick: number
}

export const groupConfigDefaults: GroupConfig = {
  offsetsRetentionMinutes: 10_080,
  offsetsRetentionCheckIntervalMillis: 600_000,
  offsetMetadataMaxBytes: 4096,
  groupInitialRebalanceDelayMillis: 3000,
  groupMinSessionTimeoutMillis: 6000,
  groupMaxSessionTimeoutMillis: 1_800_000,
  groupMaxSize: 2_147_483_647,
  newMemberJoinTimeoutMillis: 300_000,
  groupsMax: 100_000,
  membersMax: 100_000,
  memberBytesMax: 256 << 20,
  memberMetadataBytesMax: 1 << 20,
  offsetsMax: 1_000_000,
  recordsBytesMax: 1_000_000,
  cleanupOffsetsPerTick: 10_000
}

/** The defaults with some values replaced. Throws a RangeError that names a value which makes no sense. */
export function groupConfig(overrides: Partial<GroupConfig> = {}): GroupConfig {
  const config: GroupConfig = { ...groupConfigDefaults, ...overrides }
  for (const [name, value] of Object.entries(config)) {
    const least = name === "groupInitialRebalanceDelayMillis" || name === "offsetMetadataMaxBytes" ? 0 : 1
    if (!Number.isSafeInteger(value) || value < least) throw new RangeError(`${name} must be a whole number of at least ${least}`)
  }
  if (config.groupMinSessionTimeoutMillis > config.groupMaxSessionTimeoutMillis) {
    throw new RangeError("groupMinSessionTimeoutMillis must not be above groupMaxSessionTimeoutMillis")
  }
  return config
}
