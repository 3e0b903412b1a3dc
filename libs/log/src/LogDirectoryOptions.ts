/** Limits of one data directory; each has a default. */
export interface LogDirectoryOptions {
  /** Bytes that may be staged or in flight before appends have to wait. */
  readonly backlogBytesMax?: number
  /** Memory for recent batches of all logs, from which reads at the tail are answered. */
  readonly tailCacheBytesMax?: number
  /** A segment is never larger than this, whatever `segment.bytes` says: it bounds what recovery replays. */
  readonly segmentBytesMax?: number
  /** Free space that is kept: this, or the fraction of the file system if that is less. */
  readonly reserveBytesMax?: number
  readonly reserveFraction?: number
  readonly spaceProbeMillis?: number
  readonly retentionCheckMillis?: number
  readonly compactionCheckMillis?: number
  readonly compactionTombstoneMillis?: number
  readonly compactionDirtyFractionMin?: number
  /** Keys that one pass over a log remembers. */
  readonly compactionKeysMax?: number
  /** The most that the wall clock may run ahead of the monotonic clock before whatever expires by time pauses. */
  readonly clockJumpMillisMax?: number
  /** How long it pauses then. */
  readonly clockJumpPauseMillis?: number
  /** How long a high watermark that moved without a further append may stay unwritten. */
  readonly highWatermarkFlushMillis?: number
  /** Garbage batches that one commit removes. */
  readonly reclaimKeysPerCommitMax?: number
  /** The pause between attempts to open the store again after a failed commit. */
  readonly repairMillis?: number
  /** Each batch on the disk is checked once in this time. */
  readonly scrubIntervalMillis?: number
  readonly scrubTurnMillis?: number
  /** What one turn of the scrub reads at most; more data than that admits takes longer than the interval. */
  readonly scrubBytesPerTurnMax?: number
  /** Idempotent producers that one log remembers. */
  readonly producerIdsMax?: number
}

export const logDirectoryDefaults: Required<LogDirectoryOptions> = {
  backlogBytesMax: 32 * 1024 * 1024,
  tailCacheBytesMax: 64 * 1024 * 1024,
  segmentBytesMax: 16 * 1024 * 1024,
  reserveBytesMax: 256 * 1024 * 1024,
  reserveFraction: 0.05,
  spaceProbeMillis: 1_000,
  retentionCheckMillis: 300_000,
  compactionCheckMillis: 60_000,
  compactionTombstoneMillis: 24 * 3_600_000,
  compactionDirtyFractionMin: 0.5,
  compactionKeysMax: 1_000_000,
  clockJumpMillisMax: 600_000,
  clockJumpPauseMillis: 3_600_000,
  highWatermarkFlushMillis: 5_000,
  reclaimKeysPerCommitMax: 512,
  repairMillis: 1_000,
  scrubIntervalMillis: 24 * 3_600_000,
  scrubTurnMillis: 1_000,
  scrubBytesPerTurnMax: 16 * 1024 * 1024,
  producerIdsMax: 10_000
}

/**
 * For a directory of small vital logs beside the data, such as the cluster's metadata: it takes little memory, and stays
 * writable after the data directory on the same disk has stopped taking appends.
 */
export const metadataDirectoryOptions: LogDirectoryOptions = {
  backlogBytesMax: 8 * 1024 * 1024,
  tailCacheBytesMax: 8 * 1024 * 1024,
  segmentBytesMax: 4 * 1024 * 1024,
  reserveBytesMax: 32 * 1024 * 1024,
  reserveFraction: 0.01
}
