import type { RegisterBrokerRequest } from "@tailrace/kafka-protocol"
import type { LogDirectory } from "@tailrace/log"
import type { AppliedOffsets } from "../internal/AppliedOffsets.ts"
import { type DirectoryPaths, MetadataMismatchError } from "../quorum/MetadataMismatchError.ts"
import type { Quorum } from "../quorum/Quorum.ts"

export interface DataStorageOptions {
  readonly directory: LogDirectory
  readonly paths: DirectoryPaths
  readonly isAlone: boolean
  /** Empty until this node knows it. */
  readonly clusterId: () => string
  /** How far this node has applied the metadata log. */
  readonly applied: Pick<AppliedOffsets, "end">
  readonly quorum: Pick<Quorum, "termBefore">
}

/** What of the metadata log the directory was given its logs and roles by: everything below, where the last leader was of `term`. */
interface SeenMetadata {
  readonly endOffset: number
  readonly term?: number | undefined
}

type StorageDescription = Pick<RegisterBrokerRequest, "commitSequence" | "logDirs" | "previousBrokerEpoch" | "startClass">

/** What a node says of its storage when it registers (`startClass`). */
const startClasses = { new: 0, clean: 1, unclean: 2, suspect: 3 } as const

const clusterSlot = "cluster.id"
const metadataSlot = "metadata.seen"

/** The data directory as the controller knows it, and whose it is: what a registration tells, and what it leaves there. */
export class DataStorage {
  readonly #options: DataStorageOptions
  /** What this uptime has to say of the storage; the first one tells how the directory was found. */
  #startClass: number
  /** What the last registration knew of. */
  #toldDoubts = 0
  /** What the last registration said. */
  #toldBrokerEpoch = -1
  /** An uptime of this process has begun. */
  #hasServed = false
  /** As the directory has it, or will with what is staged. */
  #seen = ""

  constructor(options: DataStorageOptions) {
    this.#options = options
    this.#startClass = startClasses[options.directory.startClass]
  }

  describe(): StorageDescription {
    const { directory, isAlone } = this.#options
    this.#toldDoubts = directory.doubts
    this.#toldBrokerEpoch = directory.brokerEpoch
    return {
      logDirs: [directory.directoryId],
      // A node that is alone has nobody to repair it from: what its store has is what holds.
      startClass: !isAlone && directory.isSuspect ? startClasses.suspect : this.#startClass,
      previousBrokerEpoch: this.#toldBrokerEpoch,
      // As it was found: the directory has made commits of its own since.
      commitSequence: this.#hasServed ? directory.commitSequence : directory.foundCommitSequence
    }
  }

  /**
   * Whether the metadata is known to be that of this directory; one without a mark belongs to the first cluster that takes it. False
   * while this node knows no metadata, and while the directory is being repaired, when nothing can be read of it. Throws
   * `MetadataMismatchError`: the logs here are another cluster's.
   */
  isAtHome(): boolean {
    const { clusterId, directory, paths } = this.#options
    if (!directory.writeGate.isUsable) return false
    const own = directory.getSlot(clusterSlot)?.toString("utf8")
    if (own === undefined) return true
    const present = clusterId()
    if (present !== "" && present !== own) throw MetadataMismatchError.foreign(paths, own, present)
    return present !== ""
  }

  /** The controllers have not heard of what this directory shows. */
  refused(): MetadataMismatchError {
    return MetadataMismatchError.older(this.#options.paths, `the controllers never granted its broker epoch ${this.#toldBrokerEpoch} to this node.id`)
  }

  /** A log or a leader epoch of the metadata that is applied is staged: the same commit says which metadata that was. */
  noteMetadata(): void {
    const { applied: { end: endOffset }, directory, isAlone, quorum } = this.#options
    const place: SeenMetadata = { endOffset, term: quorum.termBefore(endOffset) }
    const seen = JSON.stringify(place)
    // Alone the metadata is in the same commits.
    if (isAlone || seen === this.#seen) return
    this.#seen = seen
    // Everything that is staged fails with it, and the logs tell.
    directory.setSlot(metadataSlot, Buffer.from(seen, "utf8")).catch(() => undefined)
  }

  /**
   * Whether the metadata that a registration is part of lacks what this directory was given its logs by: a copy that was made within
   * the same uptime, so that the broker epoch does not show it. `brokerEpoch` is where the registration is in the log. Only for a
   * directory that is usable.
   */
  refusalOf(brokerEpoch: number): MetadataMismatchError | undefined {
    const { directory, paths, quorum } = this.#options
    const stored = directory.getSlot(metadataSlot)
    if (stored === undefined) return undefined
    const { endOffset, term } = JSON.parse(stored.toString("utf8")) as SeenMetadata
    // Where the log does not reach back any more, what is there was committed long before.
    const present = quorum.termBefore(endOffset)
    if (endOffset <= brokerEpoch && (present === undefined || term === undefined || present === term)) return undefined
    return MetadataMismatchError.older(paths, `it does not have what this node has applied up to offset ${endOffset}`)
  }

  /** An uptime begins, as it was described last. Its epoch and its cluster are in the same commit as, or before, its first append; resolves when they are durable. */
  async begin(brokerEpoch: number): Promise<void> {
    const { clusterId, directory } = this.#options
    this.#hasServed = true
    this.#startClass = startClasses.unclean
    this.#seen = ""
    const waits: Array<Promise<void>> = []
    if (clusterId() !== "" && directory.getSlot(clusterSlot) === undefined) waits.push(directory.setSlot(clusterSlot, Buffer.from(clusterId(), "utf8")))
    waits.push(directory.setBrokerEpoch(brokerEpoch, this.#toldDoubts))
    await Promise.all(waits)
  }
}
