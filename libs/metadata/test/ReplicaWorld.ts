import type { AlterPartitionRequest, MetadataRecord } from "@tailrace/kafka-protocol"
import { MetadataLog } from "@tailrace/kafka-protocol"
import type { Decision, PartitionImage, TopicImage } from "../src/index.ts"
import {
  alterPartition, BrokerConfig, BrokerSessions, brokerHeartbeat, effectiveMinIsr, fenceBroker, LeaderMoves, MetadataImage, registerBroker, StartClass
} from "../src/index.ts"
import { uuid } from "./cluster.ts"

/** One produced batch. */
interface Entry {
  readonly id: number
  readonly epoch: number
}

/** What a leader knows in one leader epoch. */
interface Leading {
  readonly epoch: number
  /** Where the epoch began: who joins has to be here. */
  readonly startEnd: number
  highWatermark: number
  readonly acks: Map<number, { readonly end: number; readonly brokerEpoch: number }>
  proposal: { readonly isr: ReadonlyArray<{ readonly brokerId: number; readonly brokerEpoch: number }>; readonly partitionEpoch: number; readonly sequence: number } | undefined
}

class Replica {
  log: ReadonlyArray<Entry> = []
  highWatermark = 0
  leading: Leading | undefined
}

interface Copy {
  readonly logs: ReadonlyArray<readonly [string, ReadonlyArray<Entry>]>
  readonly commits: number
  readonly storedEpoch: number
}

/** A broker: its storage, and what it has applied of the metadata. */
export class WorldNode {
  readonly id: number
  isUp = false
  image = new MetadataImage()
  applied = 0
  directory: string
  replicas = new Map<string, Replica>()
  commits = 0
  brokerEpoch = -1
  /** In the storage, which is written after the answer to the registration. */
  storedEpoch = -1
  incarnation = 0
  /** What is in the storage is not what it was when the broker was last up. */
  isDamaged = false
  startClass: number = StartClass.new
  copies: Array<Copy> = []

  constructor(id: number) {
    this.id = id
    this.directory = uuid(id * 1000)
  }

  replica(key: string): Replica {
    const found = this.replicas.get(key)
    if (found !== undefined) return found
    const created = new Replica()
    this.replicas.set(key, created)
    return created
  }

  beginUptime(): void {
    this.incarnation++
    this.brokerEpoch = -1
  }

  /** Until then it does nothing for anybody. */
  get isServing(): boolean {
    return this.isUp && this.brokerEpoch >= 0 && this.applied > this.brokerEpoch
  }
}

/**
 * A controller, brokers and the replicas on them, as far as losing data is concerned: every broker has its own, later view
 * of the metadata, leaders acknowledge by the rules of the replication room, requests are late, lost and repeated, and
 * storages are lost in whole or in part. What was acknowledged is compared with what those hold that may lead.
 */
export class ReplicaWorld {
  image = new MetadataImage()
  /** Each decision is one batch. */
  readonly batches: Array<{ readonly endOffset: number; readonly records: ReadonlyArray<MetadataRecord> }> = []
  endOffset = 0
  sessions = new BrokerSessions(3000)
  moves = new LeaderMoves(50)
  controllerEpoch = 1
  now = 0
  readonly config: BrokerConfig
  readonly nodes: ReadonlyMap<number, WorldNode>
  /** The requests of leaders that are on their way. */
  wire: Array<AlterPartitionRequest> = []
  readonly acknowledged = new Map<string, Set<number>>()
  readonly counts = { acknowledged: 0, elections: 0, fromEligible: 0, unclean: 0, truncated: 0, applied: 0, refused: 0, moved: 0, lost: 0, finished: 0 }
  readonly next: (bound: number) => number
  /** Leader epochs of unclean elections: what an earlier leader still acknowledges was given up with the rest. */
  readonly #uncleanEpochs = new Map<string, number>()
  #entries = 0
  #uuids = 0
  #sequence = 0

  constructor(brokers: number, next: (bound: number) => number) {
    this.next = next
    this.config = BrokerConfig.of({ "default.replication.factor": "3", "num.partitions": "2" })
    this.nodes = new Map(Array.from({ length: brokers }, (_, at) => [at + 1, new WorldNode(at + 1)]))
  }

  get context() {
    return { config: this.config, newUuid: () => uuid(500_000 + ++this.#uuids), nextOffset: this.endOffset, limits: { movesPerDecisionMax: 2 } }
  }

  decide<Response>(decision: Decision<Response>): Response {
    if (decision.records.length === 0) return decision.response
    const before = new Map([...this.partitions(this.image)].map(([key, , partition]) => [key, partition]))
    // As they stand in the log.
    const records = decision.records.map((it) => MetadataLog.decode(MetadataLog.encode(it)))
    for (const record of records) this.image.replay(record)
    this.endOffset += records.length
    this.batches.push({ endOffset: this.endOffset, records })
    for (const [key, , partition] of this.partitions(this.image)) this.#changed(key, before.get(key), partition)
    return decision.response
  }

  *partitions(image: MetadataImage): Iterable<readonly [string, TopicImage, PartitionImage, number]> {
    for (const topic of image.topics) for (const [at, partition] of topic.partitions.entries()) yield [`${topic.topicId}/${at}`, topic, partition, at]
  }

  #changed(key: string, before: PartitionImage | undefined, after: PartitionImage): void {
    if (before === undefined) return
    if (before.addingReplicas.length > 0 && after.addingReplicas.length === 0) this.counts.finished++
    if (after.leaderEpoch === before.leaderEpoch) return
    if (after.leader < 0) return
    this.counts.elections++
    if (before.eligibleLeaderReplicas?.includes(after.leader) === true) this.counts.fromEligible++
    const isComplete = before.isr.includes(after.leader) || before.eligibleLeaderReplicas?.includes(after.leader) === true
    if (after.leaderRecoveryState !== 1 || isComplete) return
    this.counts.unclean++
    this.#uncleanEpochs.set(key, after.leaderEpoch)
    const held = new Set(this.nodes.get(after.leader)!.replica(key).log.map((it) => it.id))
    const acknowledged = this.acknowledged.get(key) ?? new Set()
    this.acknowledged.set(key, new Set([...acknowledged].filter((id) => held.has(id))))
  }

  /** A broker catches up with the metadata, in part or wholly. */
  learn(node: WorldNode, isWhole: boolean): void {
    for (const { endOffset, records } of this.batches) {
      if (endOffset <= node.applied) continue
      for (const record of records) node.image.replay(record)
      node.applied = endOffset
      if (!isWhole && this.next(2) === 0) return
    }
  }

  start(node: WorldNode): void {
    if (node.isUp) return
    node.isUp = true
    node.beginUptime()
    for (const replica of node.replicas.values()) replica.leading = undefined
    this.register(node)
  }

  /** Retried until it is accepted, as a broker does. */
  register(node: WorldNode): void {
    if (!node.isUp || node.brokerEpoch >= 0) return
    const { errorCode, brokerEpoch } = this.decide(registerBroker(this.image, {
      brokerId: node.id, incarnationId: uuid(node.id * 100_000 + node.incarnation), endPoints: [], rack: null, logDirs: [node.directory],
      startClass: node.startClass, previousBrokerEpoch: node.storedEpoch, commitSequence: node.commits
    }, this.context, this.sessions))
    if (errorCode !== 0) return
    // The answer is lost, and the same request comes again.
    if (this.next(8) === 0) return
    // Dead before it could store the epoch it was given.
    if (this.next(8) === 0) return this.crash(node, node.isDamaged ? node.startClass : StartClass.crashed)
    node.brokerEpoch = brokerEpoch
    node.isDamaged = false
    if (node.storedEpoch !== brokerEpoch) this.copy(node)
    node.storedEpoch = brokerEpoch
  }

  copy(node: WorldNode): void {
    node.copies.push({ logs: Array.from(node.replicas, ([key, { log }]) => [key, log] as const), commits: node.commits, storedEpoch: node.storedEpoch })
    if (node.copies.length > 3) node.copies.shift()
  }

  crash(node: WorldNode, startClass: number): void {
    node.isUp = false
    node.brokerEpoch = -1
    // What it found of its storage it has to remember until a registration told of it.
    node.startClass = node.isDamaged ? Math.max(startClass, node.startClass) : startClass
    if (startClass === StartClass.crashed || startClass === StartClass.clean) return
    this.counts.lost++
    node.isDamaged = true
    for (const replica of node.replicas.values()) {
      replica.log = startClass === StartClass.new ? [] : replica.log.slice(0, this.next(replica.log.length + 1))
      replica.highWatermark = Math.min(replica.highWatermark, replica.log.length)
    }
    if (startClass !== StartClass.new) return
    node.directory = uuid(node.id * 1000 + node.incarnation)
    node.storedEpoch = -1
    node.commits = 0
    node.copies = []
  }

  /** An old copy of the data directory takes its place, and looks as if it had been closed in order. */
  restoreOldCopy(node: WorldNode): void {
    const copy = node.copies.find((it) => it.storedEpoch >= 0 && it.storedEpoch < this.image.storageEpoch(node.id))
    if (copy === undefined) return
    this.crash(node, StartClass.clean)
    node.isDamaged = true
    node.replicas = new Map(copy.logs.map(([key, log]) => {
      const replica = new Replica()
      replica.log = log
      return [key, replica]
    }))
    node.commits = copy.commits
    node.storedEpoch = copy.storedEpoch
  }

  heartbeat(node: WorldNode, wantShutDown: boolean): void {
    if (!node.isServing) return
    const { errorCode, shouldShutDown } = this.decide(brokerHeartbeat(this.image, this.sessions, {
      brokerId: node.id, brokerEpoch: node.brokerEpoch, metadataOffset: node.applied, commitSequence: node.commits, wantFence: false, wantShutDown
    }, this.now, this.context))
    if (errorCode !== 0) node.beginUptime()
    if (wantShutDown && shouldShutDown) this.crash(node, StartClass.clean)
  }

  fence(brokerId: number): void {
    this.decide(fenceBroker(this.image, brokerId, this.image.broker(brokerId)?.brokerEpoch ?? -1, this.context, this.sessions))
  }

  changeController(): void {
    this.controllerEpoch++
    this.sessions = new BrokerSessions(3000)
    this.sessions.grantAll(this.image.brokers, this.now)
    this.image = MetadataImage.decodeSnapshot(this.image.encodeSnapshot())
  }

  /** Has everything that anybody was told to be safe. A broker that has not told what became of its storage is not judged. */
  isComplete(brokerId: number, key: string): boolean {
    const node = this.nodes.get(brokerId)!
    if (node.isDamaged || (node.isUp && node.brokerEpoch < 0)) return true
    const held = new Set(node.replica(key).log.map((it) => it.id))
    for (const id of this.acknowledged.get(key) ?? []) if (!held.has(id)) return false
    return true
  }

  /** The leader's own view of a partition, where it leads. */
  #leading(node: WorldNode, key: string, partition: PartitionImage): Leading | undefined {
    if (!node.isServing || partition.leader !== node.id) return undefined
    const replica = node.replica(key)
    if (replica.leading?.epoch !== partition.leaderEpoch) {
      const startEnd = replica.log.length
      replica.leading = { epoch: partition.leaderEpoch, startEnd, highWatermark: Math.min(replica.highWatermark, startEnd), acks: new Map(), proposal: undefined }
    }
    const { leading } = replica
    if (leading.proposal !== undefined && leading.proposal.partitionEpoch < partition.partitionEpoch) leading.proposal = undefined
    return leading
  }

  produce(node: WorldNode, key: string, partition: PartitionImage): void {
    if (this.#leading(node, key, partition) === undefined) return
    const replica = node.replica(key)
    replica.log = [...replica.log, { id: ++this.#entries, epoch: partition.leaderEpoch }]
    node.commits++
  }

  /** A follower asks its leader; both have to be in the same leader epoch. Everything is on disk at once. */
  fetch(follower: WorldNode, key: string, topicName: string, at: number): void {
    const seen = follower.image.topic(topicName)?.partitions[at]
    const leader = seen === undefined ? undefined : this.nodes.get(seen.leader)
    const partition = leader?.image.topic(topicName)?.partitions[at]
    if (seen === undefined || leader === undefined || partition === undefined || leader === follower) return
    if (!follower.isServing || seen.leaderEpoch !== partition.leaderEpoch || !partition.replicas.includes(follower.id)) return
    const leading = this.#leading(leader, key, partition)
    // The leader, too, knows the uptime it talks to.
    if (leading === undefined || leader.image.broker(follower.id)?.brokerEpoch !== follower.brokerEpoch) return
    const { log } = leader.replica(key)
    const replica = follower.replica(key)
    let common = 0
    while (common < Math.min(log.length, replica.log.length) && log[common]!.id === replica.log[common]!.id) common++
    if (common < replica.log.length) this.counts.truncated++
    const end = common + this.next(log.length - common + 1)
    replica.log = log.slice(0, end)
    replica.highWatermark = Math.min(leading.highWatermark, end)
    follower.commits++
    leading.acks.set(follower.id, { end, brokerEpoch: follower.brokerEpoch })
    this.#advance(leader, key, topicName, partition, leading)
  }

  #advance(leader: WorldNode, key: string, topicName: string, partition: PartitionImage, leading: Leading): void {
    const factor = partition.replicas.length - partition.addingReplicas.length
    if (partition.isr.length < effectiveMinIsr(leader.image, this.config, topicName, factor)) return
    const maximal = new Set([...partition.isr, ...(leading.proposal?.isr ?? []).map((it) => it.brokerId)])
    const replica = leader.replica(key)
    const ends = [...maximal].map((id) => id === leader.id ? replica.log.length : leading.acks.get(id)?.end ?? 0)
    const end = Math.min(...ends)
    if (end <= leading.highWatermark) return
    const acknowledged = this.acknowledged.get(key) ?? new Set()
    this.acknowledged.set(key, acknowledged)
    if (leading.epoch >= (this.#uncleanEpochs.get(key) ?? 0)) for (const { id } of replica.log.slice(0, end)) acknowledged.add(id)
    this.counts.acknowledged += end - leading.highWatermark
    leading.highWatermark = end
    replica.highWatermark = end
  }

  /** A leader asks for another in-sync set: who caught up joins, and now and then somebody is dropped. */
  propose(leader: WorldNode, key: string, topic: TopicImage, partition: PartitionImage, at: number): void {
    const leading = this.#leading(leader, key, partition)
    if (leading === undefined) return
    // A proposal whose fate is open is sent again as it was: with the uptimes that caught up, not with those since then.
    const isr = leading.proposal?.isr ?? partition.replicas.filter((id) => {
      if (id === leader.id) return true
      const ack = leading.acks.get(id)
      const isThere = ack !== undefined && ack.end >= Math.max(leading.startEnd, leading.highWatermark) && leader.image.broker(id)?.brokerEpoch === ack.brokerEpoch
      return partition.isr.includes(id) ? this.next(4) > 0 : isThere
    }).map((id) => ({ brokerId: id, brokerEpoch: leading.acks.get(id)?.brokerEpoch ?? leader.image.broker(id)?.brokerEpoch ?? -1 }))
    const sequence = ++this.#sequence
    leading.proposal = { isr, partitionEpoch: partition.partitionEpoch, sequence }
    this.wire.push({
      brokerId: leader.id, brokerEpoch: leader.brokerEpoch, controllerEpoch: this.controllerEpoch, sequence,
      topics: [{ topicId: topic.topicId, partitions: [{
        partitionIndex: at, leaderEpoch: leading.epoch, partitionEpoch: partition.partitionEpoch,
        newIsr: isr
      }] }]
    })
  }

  /** One of the requests arrives, in any order; it may come again, or its answer may be lost. */
  deliver(): void {
    if (this.wire.length === 0) return
    const at = this.next(this.wire.length)
    const request = this.wire[at]!
    if (this.next(4) > 0) this.wire.splice(at, 1)
    if (this.wire.length > 20) this.wire.shift()
    if (request.controllerEpoch !== this.controllerEpoch) return
    const options = { sessions: this.sessions, nowMillis: this.now, moves: this.moves }
    const { errorCode, topics } = this.decide(alterPartition(this.image, request, this.context, options))
    const result = topics[0]?.partitions[0]
    if (errorCode !== 0 || result === undefined) return
    if (result.errorCode === 0) this.counts.applied++
    if (result.errorCode === 108) this.counts.moved++
    if (result.errorCode !== 107 && result.errorCode !== 42) return
    this.counts.refused++
    const leading = this.nodes.get(request.brokerId)!.replica(`${topics[0]!.topicId}/${result.partitionIndex}`).leading
    if (this.next(3) > 0 && leading?.proposal?.sequence === request.sequence) leading.proposal = undefined
  }
}
