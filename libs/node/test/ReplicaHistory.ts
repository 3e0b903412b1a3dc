import { Batch } from "@tailrace/record"
import type { PartitionView } from "@tailrace/replication"
import { ReplicaWorld, type ReplicaWorldOptions } from "./ReplicaWorld.ts"

interface Change {
  readonly views: ReadonlyArray<PartitionView>
  readonly brokerEpochs: ReadonlyMap<number, number>
}

const lagMillisMax = 400
const partitions = 2
const nodeIds = [1, 2, 3]

/**
 * Replicas under a seeded schedule of everything that may happen to them: a bus that loses, repeats and reorders, crashes that
 * lose what was not flushed, slow flushes, elections, in-sync sets that change, metadata that arrives late. After each step nothing that was
 * acknowledged may be missing, on disk, from whoever may be elected.
 */
export class ReplicaHistory {
  readonly world: ReplicaWorld
  /** The batches that were acknowledged, per partition and by base offset. */
  readonly acknowledged: Array<Map<number, Buffer>> = Array.from({ length: partitions }, () => new Map())
  crashes = 0
  elections = 0
  #changes: Array<Change> = []
  readonly #applied = new Map<number, number>()
  readonly #down = new Set<number>()
  #values = 0

  private constructor(world: ReplicaWorld) {
    this.world = world
    this.#publish()
    for (const id of nodeIds) this.#applied.set(id, 0)
  }

  static async start(seed: number, options: ReplicaWorldOptions = {}): Promise<ReplicaHistory> {
    const world = await ReplicaWorld.start({
      seed, partitions, payloadBytesMax: 8_192,
      limits: {
        pieceBytesMax: 2_048, repliesInFlightBytesMax: 8_192, partitionBytesMax: 4_096, waitMillis: 40, timeoutMillis: 80, openMillis: 30,
        missingMillis: 15, retryMillis: 50, newsMillis: 10, sweepMillis: 20
      },
      ...options
    })
    world.badNetwork(30, 50, 6)
    return new ReplicaHistory(world)
  }

  async step(): Promise<void> {
    const { random } = this.world
    const choice = random.nextInt(1_000)
    const id = nodeIds[random.nextInt(3)]!
    const partition = random.nextInt(partitions)
    if (choice < 420) this.#produce(partition)
    else if (choice < 650) this.#apply(id)
    else if (choice < 780) this.#propose(partition)
    else if (choice < 830) this.#toggleFlushes(id)
    else if (choice < 838) this.#elect(partition)
    else if (choice < 844) this.#crash(id)
    else if (choice < 900) await this.#restart()
    await this.world.advance(random.nextInt(10))
    await this.#check()
  }

  /** Everything works again, and all replicas get to the same end. */
  async heal(): Promise<void> {
    const { world } = this
    world.goodNetwork()
    while (this.#down.size > 0) await this.#restart()
    for (const node of world.nodes.values()) node.store.releaseFlushes()
    world.views.forEach((_, partition) => {
      if (world.views[partition]!.leader < 0) this.#elect(partition)
    })
    for (let i = 0; i < 40; i++) {
      for (const id of nodeIds) this.#apply(id)
      for (let partition = 0; partition < partitions; partition++) this.#propose(partition)
      await world.advance(100)
    }
    await this.#check()
    for (let partition = 0; partition < partitions; partition++) {
      const logs = await Promise.all(nodeIds.map((id) => world.node(id).batches(partition)))
      const end = world.node(world.views[partition]!.leader).actors[partition]!.log.appendedEnd
      for (const id of nodeIds) {
        const { highWatermark, log } = world.node(id).actors[partition]!
        if (log.durableEnd !== end || log.appendedEnd !== end || highWatermark !== end) {
          throw new Error(`partition ${partition}: node ${id} is not where the leader is (${end}): ${world.ends(partition).join(", ")}, ${JSON.stringify(world.views[partition])}`)
        }
      }
      if (!logs.every((log) => Buffer.concat(log).equals(Buffer.concat(logs[0]!)))) throw new Error(`partition ${partition}: the replicas differ`)
    }
  }

  #publish(): void {
    this.#changes.push({ views: [...this.world.views], brokerEpochs: new Map(this.world.brokerEpochs) })
  }

  #apply(id: number): void {
    const { random } = this.world
    const node = this.world.nodes.get(id)
    const from = this.#applied.get(id)!
    if (node === undefined || from >= this.#changes.length) return
    const at = from + random.nextInt(this.#changes.length - from)
    node.apply(this.#changes[at]!.views, this.#changes[at]!.brokerEpochs)
    this.#applied.set(id, at + 1)
  }

  #produce(partition: number): void {
    const { random } = this.world
    // Also to nodes that think they lead and do not.
    for (const { actors, nodeId } of this.world.nodes.values()) {
      const actor = actors[partition]!
      if (!actor.isLeader) continue
      const value = Buffer.alloc(random.nextInt(30) === 0 ? 6_000 : 1 + random.nextInt(900), ++this.#values)
      const acks = random.nextInt(4) === 0 ? 1 : -1
      const before = actor.log.appendedEnd
      const outcomes = this.world.produce(nodeId, value, { partition, acks, records: 1 + random.nextInt(3) })
      if (actor.log.appendedEnd === before || acks === 1) continue
      const epoch = actor.leaderEpoch
      const pending = { baseOffset: before, epoch, outcomes, nodeId, partition }
      this.#pending.push(pending)
    }
  }

  readonly #pending: Array<{ baseOffset: number; epoch: number; outcomes: Array<{ errorCode: number }>; nodeId: number; partition: number }> = []

  #toggleFlushes(id: number): void {
    const store = this.world.nodes.get(id)?.store
    if (store === undefined) return
    if (this.world.random.nextInt(3) === 0) store.holdFlushes()
    else store.releaseFlushes()
  }

  #crash(id: number): void {
    if (this.#down.size > 0) return
    this.crashes++
    this.world.crash(id, this.world.random.nextInt(2) === 0)
    this.#down.add(id)
    this.world.views.forEach((view, partition) => {
      if (view.leader === id) this.#elect(partition)
    })
    this.#publish()
  }

  /** A new uptime: whoever leads then does so in a new epoch. */
  async #restart(): Promise<void> {
    const [id] = this.#down
    if (id === undefined) return
    this.#down.delete(id)
    await this.world.startNode(id)
    this.world.views.forEach((view, partition) => {
      if (view.leader < 0 || view.leader === id) this.#elect(partition)
    })
    this.#publish()
    this.#applied.set(id, this.#changes.length - 1)
  }

  #elect(partition: number): void {
    const { random, views } = this.world
    const candidates = views[partition]!.isr.filter((id) => !this.#down.has(id))
    this.elections++
    const leader = candidates.length === 0 ? -1 : candidates[random.nextInt(candidates.length)]!
    this.world.change({ leader }, partition)
    this.#publish()
  }

  #propose(partition: number): void {
    const { clock, random, views } = this.world
    for (const node of this.world.nodes.values()) {
      const actor = node.actors[partition]!
      const proposal = actor.proposeIsr(clock.monotonicMillis(), lagMillisMax)
      if (proposal === undefined) continue
      const view = views[partition]!
      const isCurrent = view.leader === node.nodeId && view.leaderEpoch === proposal.leaderEpoch && view.partitionEpoch === proposal.partitionEpoch
      const areMembersKnown = proposal.isr.every(({ brokerEpoch, brokerId }) =>
        !this.#down.has(brokerId) && (brokerEpoch < 0 || brokerEpoch === this.world.brokerEpochs.get(brokerId)))
      if (isCurrent && areMembersKnown) {
        this.world.change({ isr: proposal.isr.map(({ brokerId }) => brokerId) }, partition)
        this.#publish()
      } else if (isCurrent && random.nextInt(4) > 0) {
        actor.isrRefused(proposal.partitionEpoch)
      } else if (isCurrent) {
        // The refusal is lost. A later partition epoch settles it.
        this.world.change({}, partition)
        this.#publish()
      }
    }
  }

  async #check(): Promise<void> {
    const news: Array<{ partition: number; baseOffset: number }> = []
    for (const pending of this.#pending.splice(0)) {
      if (pending.outcomes.length === 0) {
        this.#pending.push(pending)
        continue
      }
      if (pending.outcomes[0]!.errorCode !== 0) continue
      const batches = await this.world.nodes.get(pending.nodeId)!.batches(pending.partition)
      const batch = batches.find((it) => Batch.baseOffset(it, 0) === pending.baseOffset)
      if (batch === undefined) throw new Error(`acknowledged offset ${pending.baseOffset} is not at its leader`)
      this.acknowledged[pending.partition]!.set(pending.baseOffset, batch)
      news.push(pending)
    }
    const isFull = this.world.random.nextInt(40) === 0
    if (isFull || news.length > 0) await this.#checkMembers(isFull ? undefined : news)
    if (isFull) await this.#checkCommitted()
  }

  /** Whoever may be elected has everything that was acknowledged, on disk. */
  async #checkMembers(news: ReadonlyArray<{ partition: number; baseOffset: number }> | undefined): Promise<void> {
    for (let partition = 0; partition < partitions; partition++) {
      const offsets = news === undefined
        ? [...this.acknowledged[partition]!.keys()]
        : news.filter((it) => it.partition === partition).map((it) => it.baseOffset)
      if (offsets.length === 0) continue
      for (const id of this.world.views[partition]!.isr) {
        const node = this.world.nodes.get(id)
        if (node === undefined) continue
        const batches = new Map((await node.batches(partition)).map((batch) => [Batch.baseOffset(batch, 0), batch]))
        const { durableEnd } = node.actors[partition]!.log
        for (const offset of offsets) {
          const expected = this.acknowledged[partition]!.get(offset)!
          if (batches.get(offset)?.equals(expected) !== true || durableEnd < Batch.nextOffset(expected, 0)) {
            throw new Error(`partition ${partition}: node ${id} may be elected without acknowledged offset ${offset}`)
          }
        }
      }
    }
  }

  /** Below both high watermarks two replicas are the same, and no high watermark is above what is flushed. */
  async #checkCommitted(): Promise<void> {
    for (let partition = 0; partition < partitions; partition++) {
      const logs: Array<{ highWatermark: number; batches: Array<Buffer> }> = []
      for (const node of this.world.nodes.values()) {
        const { highWatermark, log } = node.actors[partition]!
        if (highWatermark > log.durableEnd) throw new Error(`node ${node.nodeId}: the high watermark is above what is flushed`)
        logs.push({ highWatermark, batches: await node.batches(partition) })
      }
      for (const one of logs) {
        for (const other of logs) {
          const end = Math.min(one.highWatermark, other.highWatermark)
          const committed = ({ batches }: typeof one): Buffer => Buffer.concat(batches.filter((it) => Batch.nextOffset(it, 0) <= end))
          if (!committed(one).equals(committed(other))) throw new Error(`partition ${partition}: two replicas differ below ${end}`)
        }
      }
    }
  }
}
