import { type CorruptLogError, DirectoryDamagedError } from "@tailrace/log"

/**
 * What this node has of the metadata log, its vote or its snapshot is not what was written. It cannot take part with that:
 * what it once acknowledged counts in majorities. Other controllers have the metadata too: with an empty directory the node
 * comes back as a new one and learns from them. The directory of the only one is put back from a copy.
 */
export class MetadataDamagedError extends Error {
  readonly _tag = "MetadataDamagedError"
  readonly directory: string
  readonly found: string
  /** The directory holds replicas of partitions too, which go when it is emptied. */
  readonly hasPartitions: boolean

  constructor(directory: string, hasPartitions: boolean, cause: CorruptLogError | DirectoryDamagedError) {
    const found = cause instanceof DirectoryDamagedError ? cause.found : cause.message
    super(`the metadata log in ${directory} is damaged: ${found}`, { cause })
    this.name = "MetadataDamagedError"
    this.directory = directory
    this.hasPartitions = hasPartitions
    this.found = found
  }
}
