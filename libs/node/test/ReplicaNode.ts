import { recordCodecs } from "@tailrace/codecs"
import type { Bus } from "@tailrace/bus"
import type { MemoryHub } from "@tailrace/bus/memory"
import { logConfigDefaults, LogDirectory, type LogDirectoryOptions, type SimulatedDisk, SimulatedStore, type SimulatedStoreOptions } from "@tailrace/log"
import { Batch } from "@tailrace/record"
import type { PartitionView } from "@tailrace/replication"
import type { Logger } from "@tailrace/runtime"
import type { SeededRandom, VirtualClock } from "@tailrace/runtime/simulated"
import { PartitionActor } from "../src/PartitionActor.ts"
import { Replication } from "../src/replica/Replication.ts"
import type { ReplicationLimits } from "../src/replica/ReplicationLimits.ts"
import { MortalClock } from "./MortalClock.ts"

export interface Shared {
  readonly clock: VirtualClock
  readonly hub: MemoryHub
  readonly random: SeededRandom
  readonly logger: Logger
  readonly topics: ReadonlyArray<{ readonly topicId: string; readonly topic: string; readonly partition: number }>
  readonly limits: Partial<ReplicationLimits>
  readonly directory: LogDirectoryOptions
  readonly store?: Omit<SimulatedStoreOptions, "clock">
}

const rules = {
  batchBytesMax: 100 << 20, segmentBytes: 1 << 30, usesLogAppendTime: false, timestampBeforeMaxMillis: Number.MAX_SAFE_INTEGER,
  timestampAfterMaxMillis: Number.MAX_SAFE_INTEGER
}

/** One uptime of one node: a data directory, a replica of each partition, and what replicates them. */
export class ReplicaNode {
  readonly nodeId: number
  readonly store: SimulatedStore
  readonly directory: LogDirectory
  readonly actors: Array<PartitionActor>
  readonly replication: Replication
  /** As far as this node has heard. */
  readonly brokerEpochs = new Map<number, number>()
  isFenced = false
  storageFailures = 0
  readonly corruptions: Array<number> = []
  readonly #bus: Bus
  readonly #clock: MortalClock

  private constructor(nodeId: number, store: SimulatedStore, directory: LogDirectory, clock: MortalClock, shared: Shared) {
    this.#clock = clock
    this.nodeId = nodeId
    this.store = store
    this.directory = directory
    const { hub, limits, logger, topics } = shared
    this.#bus = hub.connect(String(nodeId))
    this.actors = topics.map(({ partition, topic, topicId }) => {
      const log = directory.log(topicId, partition) ?? directory.createLog(topicId, topic, partition, logConfigDefaults)
      log.config = logConfigDefaults
      return new PartitionActor({
        nodeId, log, backlog: directory.backlog, writeGate: directory.writeGate, rules, clock, codecs: recordCodecs, logger,
        onStorageFailure: () => this.storageFailures++, isFenced: () => this.isFenced,
        onCorruption: (_, offset) => this.corruptions.push(offset)
      })
    })
    this.replication = new Replication({
      nodeId, clusterName: "test", bus: this.#bus, clock, logger, limits,
      partition: (topicId, partition) => this.actors.find((it) => it.topicId === topicId && it.partition === partition),
      brokerEpochOf: (id) => this.brokerEpochs.get(id) ?? -1
    })
  }

  static async start(nodeId: number, disk: SimulatedDisk, shared: Shared): Promise<ReplicaNode> {
    const { random } = shared
    const clock = new MortalClock(shared.clock)
    const store = SimulatedStore.open(disk, { clock, ...shared.store })
    const opening = LogDirectory.open(store, shared.directory, { clock, random, crc32c: recordCodecs.crc32c })
    return new ReplicaNode(nodeId, store, await shared.clock.runUntilSettled(opening), clock, shared)
  }

  /** Takes in what the metadata says. */
  apply(views: ReadonlyArray<PartitionView>, brokerEpochs: ReadonlyMap<number, number>): void {
    for (const [id, epoch] of brokerEpochs) this.brokerEpochs.set(id, epoch)
    this.replication.brokersChanged()
    views.forEach((view, i) => {
      const actor = this.actors[i]!
      if (view.leader === this.nodeId) {
        this.replication.forget(actor)
        actor.lead(view)
      } else if (view.leader < 0) {
        actor.resign(view)
        this.replication.forget(actor)
      } else {
        actor.follow(view)
        this.replication.follow(actor, view.leader)
      }
    })
  }

  /** The process is gone; the disk has what was flushed. */
  crash(isPendingWritten = false): void {
    this.#clock.isDead = true
    void this.#bus.close()
    this.store.crash(isPendingWritten)
  }

  /** All batches from the start of the log up to `endOffset`. */
  async batches(partition = 0, endOffset = Number.MAX_SAFE_INTEGER): Promise<Array<Buffer>> {
    const { log } = this.actors[partition]!
    const batches: Array<Buffer> = []
    const end = Math.min(endOffset, log.appendedEnd)
    for (let from = log.startOffset; from < end;) {
      const { chunks } = await log.read(from, 1 << 20, end, true)
      if (chunks.length === 0) return batches
      for (const chunk of chunks) Batch.forEach(chunk, 0, chunk.length, (at, size) => batches.push(Buffer.from(chunk.subarray(at, at + size))))
      from = Batch.nextOffset(batches.at(-1)!, 0)
    }
    return batches
  }
}
