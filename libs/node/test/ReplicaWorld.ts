import { recordCodecs } from "@tailrace/codecs"
import { MemoryHub, seededFaults } from "@tailrace/bus/memory"
import type { AppendOutcome } from "@tailrace/contracts"
import { SimulatedDisk, type LogDirectoryOptions, type SimulatedStoreOptions } from "@tailrace/log"
import { BatchBuilder } from "@tailrace/record"
import type { PartitionView } from "@tailrace/replication"
import { LineLogger, MemorySink } from "@tailrace/runtime"
import { SeededRandom, VirtualClock } from "@tailrace/runtime/simulated"
import type { ReplicationLimits } from "../src/replica/ReplicationLimits.ts"
import { ReplicaNode, type Shared } from "./ReplicaNode.ts"

export interface ReplicaWorldOptions {
  readonly seed?: number
  readonly nodes?: number
  readonly partitions?: number
  readonly payloadBytesMax?: number
  readonly limits?: Partial<ReplicationLimits>
  readonly directory?: LogDirectoryOptions
  readonly store?: Omit<SimulatedStoreOptions, "clock">
  /** The replicas have no roles yet. */
  readonly isIdle?: boolean
}

/** Nodes with replicas of some partitions, the metadata that a controller would have, and the time and the network between them. */
export class ReplicaWorld {
  readonly clock = new VirtualClock()
  readonly random: SeededRandom
  readonly hub: MemoryHub
  readonly log = new MemorySink()
  readonly disks = new Map<number, SimulatedDisk>()
  readonly nodes = new Map<number, ReplicaNode>()
  readonly brokerEpochs = new Map<number, number>()
  views: Array<PartitionView>
  readonly shared: Shared
  #lastBrokerEpoch = 0

  private constructor(options: ReplicaWorldOptions) {
    const { directory = {}, limits = {}, nodes = 3, partitions = 1, payloadBytesMax = 1 << 20, seed = 1, store = {} } = options
    const { clock } = this
    this.random = new SeededRandom(seed)
    this.hub = new MemoryHub({
      clock, payloadBytesMax, onHandlerFailure: (subject, cause) => {
        throw new Error(`handler of ${subject}`, { cause })
      }
    })
    const replicas = Array.from({ length: nodes }, (_, i) => i + 1)
    const topicId = this.random.uuid()
    this.shared = {
      clock, hub: this.hub, random: this.random.fork(), limits, directory, store, logger: new LineLogger({ clock, sink: this.log }),
      topics: Array.from({ length: partitions }, (_, partition) => ({ topicId, topic: "orders", partition }))
    }
    this.views = this.shared.topics.map(() => ({
      leader: 1, leaderEpoch: 1, partitionEpoch: 1, replicas, isr: replicas, minIsr: Math.min(2, nodes)
    }))
  }

  static async start(options: ReplicaWorldOptions = {}): Promise<ReplicaWorld> {
    const world = new ReplicaWorld(options)
    for (let id = 1; id <= (options.nodes ?? 3); id++) await world.startNode(id)
    if (options.isIdle !== true) world.applyAll()
    return world
  }

  node(id: number): ReplicaNode {
    return this.nodes.get(id)!
  }

  /** A new uptime of the node, on the disk that it had. */
  async startNode(id: number): Promise<ReplicaNode> {
    const disk = this.disks.get(id) ?? new SimulatedDisk(String(id))
    this.disks.set(id, disk)
    const node = await ReplicaNode.start(id, disk, this.shared)
    this.nodes.set(id, node)
    this.brokerEpochs.set(id, ++this.#lastBrokerEpoch)
    return node
  }

  crash(id: number, isPendingWritten = false): void {
    this.node(id).crash(isPendingWritten)
    this.nodes.delete(id)
  }

  applyAll(): void {
    for (const node of this.nodes.values()) node.apply(this.views, this.brokerEpochs)
  }

  /** Changes what the metadata says of a partition; who leads anew does so in a new epoch. */
  change(change: Partial<PartitionView>, partition = 0): void {
    const view = this.views[partition]!
    const isElection = change.leader !== undefined
    this.views[partition] = {
      ...view, ...change, leaderEpoch: change.leaderEpoch ?? view.leaderEpoch + (isElection ? 1 : 0), partitionEpoch: view.partitionEpoch + 1
    }
  }

  /** A change that every node hears of at once. */
  elect(leader: number, change: Partial<PartitionView> = {}, partition = 0): void {
    this.change({ leader, ...change }, partition)
    this.applyAll()
  }

  badNetwork(lossPerMille: number, duplicationPerMille: number, delayMillisMax: number): void {
    this.hub.setFaults(seededFaults({ random: this.random.fork(), lossPerMille, duplicationPerMille, delayMillisMax }))
  }

  goodNetwork(): void {
    this.hub.setFaults(() => [0])
  }

  /** Appends one batch at a node; the outcome comes later. */
  produce(id: number, value: string | Buffer, options: { partition?: number; acks?: number; records?: number; timeoutMillis?: number } = {}): Array<AppendOutcome> {
    const { acks = -1, partition = 0, records = 1, timeoutMillis = 10_000 } = options
    const builder = new BatchBuilder({ codecs: recordCodecs, bytesMax: 100 << 20 })
    for (let i = 0; i < records; i++) builder.append({ timestamp: 1_000 + i, value })
    const outcomes: Array<AppendOutcome> = []
    this.node(id).actors[partition]!.append(builder.build(), { acks, timeoutMillis, produceVersion: 9 }, (outcome) => outcomes.push(outcome))
    return outcomes
  }

  advance(millis: number): Promise<void> {
    return this.clock.advanceSettled(millis)
  }

  /** The ends of each node's replica: start, high watermark, durable end, appended end. */
  ends(partition = 0): Array<string> {
    return [...this.nodes.values()].map(({ actors, nodeId }) => {
      const { highWatermark, log } = actors[partition]!
      return `${nodeId}: ${log.startOffset} ${highWatermark} ${log.durableEnd} ${log.appendedEnd}`
    })
  }
}
