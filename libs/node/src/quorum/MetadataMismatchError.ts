/** Where a node's two directories lie. */
export interface DirectoryPaths {
  readonly dataDirectory: string
  readonly metadataDirectory: string
}

/**
 * The data directory belongs to other metadata than this node has or is to get. It cannot go on: it would delete every log that
 * this metadata does not name. Nothing was deleted.
 */
export class MetadataMismatchError extends Error {
  readonly _tag = "MetadataMismatchError"
  /** The data directory. */
  readonly directory: string
  readonly found: string
  readonly advice: string

  private constructor(directory: string, found: string, advice: string) {
    super(`${found}; ${advice}`)
    this.name = "MetadataMismatchError"
    this.directory = directory
    this.found = found
    this.advice = advice
  }

  /** A node that is alone has its metadata in the data directory, and this one was used without it. */
  static missing({ dataDirectory, metadataDirectory }: DirectoryPaths): MetadataMismatchError {
    return new MetadataMismatchError(
      dataDirectory,
      `the data directory ${dataDirectory} was used by a node of a cluster, this node is started alone, and the metadata is not there`,
      `set nats.servers and controller.quorum.voters as before, so that the metadata is taken from ${metadataDirectory} or from the other nodes; to begin without these logs, start with an empty data directory`
    )
  }

  static foreign({ dataDirectory, metadataDirectory }: DirectoryPaths, ownClusterId: string, clusterId: string): MetadataMismatchError {
    return new MetadataMismatchError(
      dataDirectory,
      `the data directory ${dataDirectory} is of cluster ${ownClusterId}, and the metadata of cluster ${clusterId}`,
      `use the nats.servers, cluster.name and metadata directory (${metadataDirectory}) that belong to the data directory, or start with an empty data directory`
    )
  }

  /** `how` it shows. */
  static older({ dataDirectory, metadataDirectory }: DirectoryPaths, how: string): MetadataMismatchError {
    return new MetadataMismatchError(
      dataDirectory,
      `the metadata is older than the data directory ${dataDirectory}: ${how}`,
      `put the newest copy of the metadata directory of the controllers back (here ${metadataDirectory}), or, where the data directory had another node.id, use that one; to begin without these logs, start with an empty data directory`
    )
  }
}
