import type { RegisterBrokerRequest } from "@tailrace/kafka-protocol"
import type { LogDirectory } from "@tailrace/log"
import { type DirectoryPaths, MetadataMismatchError } from "../quorum/MetadataMismatchError.ts"

export interface DataStorageOptions {
  readonly directory: LogDirectory
  readonly paths: DirectoryPaths
  readonly isAlone: boolean
  /** Empty until this node knows it. */
  readonly clusterId: () => string
}

type StorageDescription = Pick<RegisterBrokerRequest, "commitSequence" | "logDirs" | "previousBrokerEpoch" | "startClass">

/** What a node says of its storage when it registers (`startClass`). */
const startClasses = { new: 0, clean: 1, unclean: 2, suspect: 3 } as const

const clusterSlot = "cluster.id"

/** The data directory as the controller knows it, and whose it is: what a registration tells, and what it leaves there. */
export class DataStorage {
  readonly #options: DataStorageOptions
  /** What this uptime has to say of the storage; the first one tells how the directory was found. */
  #startClass: number
  /** What the last registration knew of. */
  #toldDoubts = 0
  /** An uptime of this process has begun. */
  #hasServed = false

  constructor(options: DataStorageOptions) {
    this.#options = options
    this.#startClass = startClasses[options.directory.startClass]
  }

  describe(): StorageDescription {
    const { directory, isAlone } = this.#options
    this.#toldDoubts = directory.doubts
    return {
      logDirs: [directory.directoryId],
      // A node that is alone has nobody to repair it from: what its store has is what holds.
      startClass: !isAlone && directory.isSuspect ? startClasses.suspect : this.#startClass,
      previousBrokerEpoch: directory.brokerEpoch,
      // As it was found: the directory has made commits of its own since.
      commitSequence: this.#hasServed ? directory.commitSequence : directory.foundCommitSequence
    }
  }

  /**
   * Whether the metadata is known to be that of this directory; one without a mark belongs to the first cluster that takes it. False
   * while this node knows no metadata. Throws `MetadataMismatchError`: the logs here are another cluster's.
   */
  isAtHome(): boolean {
    const { clusterId, directory, paths } = this.#options
    const own = directory.getSlot(clusterSlot)?.toString("utf8")
    if (own === undefined) return true
    const present = clusterId()
    if (present !== "" && present !== own) throw MetadataMismatchError.foreign(paths, own, present)
    return present !== ""
  }

  /** The controllers have not heard of what this directory shows. */
  refused(): MetadataMismatchError {
    return MetadataMismatchError.older(this.#options.paths, this.#options.directory.brokerEpoch)
  }

  /** An uptime begins, as it was described last. Its epoch and its cluster are in the same commit as, or before, its first append; resolves when they are durable. */
  async begin(brokerEpoch: number): Promise<void> {
    const { clusterId, directory } = this.#options
    this.#hasServed = true
    this.#startClass = startClasses.unclean
    const waits: Array<Promise<void>> = []
    if (clusterId() !== "" && directory.getSlot(clusterSlot) === undefined) waits.push(directory.setSlot(clusterSlot, Buffer.from(clusterId(), "utf8")))
    waits.push(directory.setBrokerEpoch(brokerEpoch, this.#toldDoubts))
    await Promise.all(waits)
  }
}
