/** A directory of logs, as administrators see it. */
export interface LogDir {
  readonly path: string
  /** KAFKA_STORAGE_ERROR where the directory is offline; then it shows no replicas. */
  readonly errorCode: number
  /** Of the volume that the directory is on; -1 where that is not known. */
  readonly totalBytes: number
  readonly usableBytes: number
  readonly replicas: ReadonlyArray<LogDirReplica>
}

export interface LogDirReplica {
  readonly topic: string
  readonly partition: number
  readonly sizeBytes: number
  /** How far the end of the log is behind the high watermark that this node knows; 0 where it is not. */
  readonly offsetLag: number
}
