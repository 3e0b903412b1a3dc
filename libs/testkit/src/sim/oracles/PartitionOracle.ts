import { type MetadataImage, type PartitionImage, partitionRoles } from "@tailrace/metadata"
import type { Node, PartitionActor } from "@tailrace/node"
import { Int64RangeError } from "@tailrace/record"
import type { SimulatedMember } from "../world/SimulatedMember.ts"
import { CommittedLog } from "./CommittedLog.ts"
import type { Coverage } from "./Coverage.ts"
import { demand, Violation } from "./Violation.ts"

/** What was seen of one replica. It outlives its process. */
interface Seen {
  actor: PartitionActor | undefined
  logNumber: number
  leaderEpoch: number
  partitionEpoch: number
  highWatermark: number
  isLeader: boolean
  appendedEnd: number
  durableEnd: number
  /** The highest high watermark that the replica itself had: its disk has everything below. */
  committedHere: number
  /** It took in several leader epochs in this turn, and may have led in any of them. */
  mayHaveLed: boolean
}

export interface PartitionOracleOptions {
  readonly members: ReadonlyArray<SimulatedMember>
  readonly newest: () => Node | undefined
  readonly coverage: Coverage
}

const keyOf = (topicId: string, partition: number): string => `${topicId}/${partition}`

/**
 * P1-P12 and S1 over all replicas, looked at from outside: the metadata that nodes act on, what their actors say, and what their
 * disks really hold. It is asked after each turn about the nodes in which something happened.
 */
export class PartitionOracle {
  readonly #options: PartitionOracleOptions
  readonly #logs = new Map<string, CommittedLog>()
  readonly #seen = new Map<string, Array<Seen | undefined>>()
  readonly #byActor = new WeakMap<PartitionActor, Seen>()
  readonly #images = new Map<string, PartitionImage>()
  readonly #topicIds = new Set<string>()
  /** Topics of which some node knows that they are deleted: others may lead them on for a while, without the replicas there. */
  readonly #deleted = new Set<string>()
  /** Replicas that were taken away from a node: should it get one again, it begins with nothing. */
  readonly #removed = new Set<string>()
  /** Nodes whose storage lost something, until the metadata knows them by a later broker epoch. */
  readonly #forgiven = new Map<number, number>()
  /** Replicas of which a bit has rotted: nothing is expected of their bytes before the end. */
  readonly #damaged = new Set<string>()
  readonly #applied = new Map<SimulatedMember, number>()
  /** The node that is looked at has taken in metadata in this turn: several changes may lie between what is seen and what was before. */
  #hasApplied = false
  #checkedOffset = -1

  constructor(options: PartitionOracleOptions) {
    this.#options = options
  }

  log(topicId: string, partition: number): CommittedLog {
    const key = keyOf(topicId, partition)
    let log = this.#logs.get(key)
    if (log === undefined) {
      const topic = this.#options.newest()?.metadata.topicById(topicId)?.name ?? topicId
      this.#logs.set(key, log = new CommittedLog(`${topic}/${partition}`, topic.startsWith("__")))
    }
    return log
  }

  /** The disk of a node lost what it had promised to keep; nothing is expected of it until it has registered again. */
  storageLost(nodeId: number): void {
    this.#forgiven.set(nodeId, this.#options.newest()?.metadata.broker(nodeId)?.brokerEpoch ?? -1)
    for (const replicas of this.#seen.values()) {
      const actor = replicas[nodeId]?.actor
      if (actor !== undefined) this.#byActor.delete(actor)
      replicas[nodeId] = undefined
    }
  }

  /** One replica's bytes are not what was written any more; by the end they are again. */
  damaged(nodeId: number, topicId: string, partition: number): void {
    this.#damaged.add(`${keyOf(topicId, partition)}/${nodeId}`)
  }

  /** The nodes with a replica that rotted and has not yet again what was written. */
  rotten(): ReadonlyArray<SimulatedMember> {
    return this.#options.members.filter((member) => [...member.node?.partitions ?? []].some((actor) => this.#isRotten(member, actor)))
  }

  #isRotten({ disks, host, nodeId }: SimulatedMember, { highWatermark, log, logStartOffset, partition, topicId }: PartitionActor): boolean {
    const name = `${keyOf(topicId, partition)}/${nodeId}`
    if (!this.#damaged.has(name)) return false
    try {
      this.log(topicId, partition).compare(host, disks.data, log.logNumber, logStartOffset, highWatermark, true)
      this.#damaged.delete(name)
      return false
    } catch (cause) {
      // Among the bits that rot are those of offsets.
      if (cause instanceof Violation || cause instanceof Int64RangeError) return true
      throw cause
    }
  }

  #isForgiven(nodeId: number, { partition, topicId }: Pick<PartitionActor, "topicId" | "partition">): boolean {
    return this.#forgiven.has(nodeId) || this.#damaged.has(`${keyOf(topicId, partition)}/${nodeId}`)
  }

  check(member: SimulatedMember): void {
    const { node } = member
    if (node === undefined) return
    this.#hasApplied = this.#applied.get(member) !== node.metadataOffset
    this.#applied.set(member, node.metadataOffset)
    if (node.metadataOffset > this.#checkedOffset) this.#noteDeleted(node.metadata)
    for (const actor of node.partitions) this.#checkReplica(member, node, actor)
    if (node.metadataOffset > this.#checkedOffset) this.#checkMetadata(node)
  }

  #checkReplica(member: SimulatedMember, node: Node, actor: PartitionActor): void {
    const seen = this.#byActor.get(actor) ?? this.#begin(member, actor)
    const { log } = actor
    seen.mayHaveLed = this.#hasApplied && actor.leaderEpoch > seen.leaderEpoch + 1
    if (actor.leaderEpoch !== seen.leaderEpoch || actor.partitionEpoch !== seen.partitionEpoch) this.#roleChanged(member, node, actor, seen)
    if (log.appendedEnd < seen.appendedEnd) this.#truncated(member, actor, seen)
    seen.appendedEnd = log.appendedEnd
    seen.durableEnd = log.durableEnd
    const { highWatermark } = actor
    if (highWatermark > seen.highWatermark) this.#advanced(member, node, actor, seen, highWatermark)
    else if (highWatermark < seen.highWatermark) {
      demand(this.#isForgiven(member.nodeId, actor), "P10", () => `${member.host} of ${this.log(actor.topicId, actor.partition).name}: the high watermark went from ${seen.highWatermark} back to ${highWatermark}`)
    }
    seen.highWatermark = highWatermark
    seen.isLeader = actor.isLeader
  }

  #begin(member: SimulatedMember, actor: PartitionActor): Seen {
    const key = keyOf(actor.topicId, actor.partition)
    let replicas = this.#seen.get(key)
    if (replicas === undefined) this.#seen.set(key, replicas = [])
    const before = replicas[member.nodeId]
    // Another life: it begins with what it has stored, and its high watermark may be an older one.
    const seen: Seen = {
      actor, logNumber: actor.log.logNumber, leaderEpoch: -1, partitionEpoch: -1, highWatermark: 0, isLeader: false,
      appendedEnd: actor.log.appendedEnd, durableEnd: actor.log.durableEnd, committedHere: before?.committedHere ?? 0, mayHaveLed: false
    }
    const isAnew = before !== undefined && before.logNumber !== actor.log.logNumber && this.#removed.delete(`${key}/${member.nodeId}`)
    if (isAnew) seen.committedHere = 0
    if (before !== undefined && !isAnew && !this.#isForgiven(member.nodeId, actor)) {
      demand(actor.log.durableEnd >= before.committedHere, "P10", () =>
        `${member.host} of ${this.log(actor.topicId, actor.partition).name} begins with ${actor.log.durableEnd}, and had committed ${before.committedHere}`)
      seen.leaderEpoch = Math.min(before.leaderEpoch, actor.leaderEpoch)
    }
    replicas[member.nodeId] = seen
    this.#byActor.set(actor, seen)
    return seen
  }

  #roleChanged(member: SimulatedMember, node: Node, actor: PartitionActor, seen: Seen): void {
    const { coverage } = this.#options
    const log = this.log(actor.topicId, actor.partition)
    if (actor.leaderEpoch >= 0) {
      demand(actor.leaderEpoch >= seen.leaderEpoch, "P9", () => `${member.host} of ${log.name}: leader epoch ${actor.leaderEpoch} after ${seen.leaderEpoch}`)
      demand(actor.leaderEpoch > seen.leaderEpoch || actor.partitionEpoch >= seen.partitionEpoch, "P9", () =>
        `${member.host} of ${log.name}: partition epoch ${actor.partitionEpoch} after ${seen.partitionEpoch}`)
    }
    if (actor.isLeader && actor.leaderEpoch !== seen.leaderEpoch) {
      const who = `${member.host} in its life ${member.lives} as ${node.brokerEpoch}`
      const other = log.leaders.get(actor.leaderEpoch)
      demand(other === undefined || other === who, "R1", () => `${log.name} has two writers in leader epoch ${actor.leaderEpoch}: ${other} and ${who}`)
      if (other === undefined) coverage.add("leader election")
      log.leaders.set(actor.leaderEpoch, who)
    }
    seen.leaderEpoch = actor.leaderEpoch
    seen.partitionEpoch = actor.partitionEpoch
  }

  #truncated(member: SimulatedMember, actor: PartitionActor, seen: Seen): void {
    const log = this.log(actor.topicId, actor.partition)
    const to = actor.log.appendedEnd
    seen.logNumber = actor.log.logNumber
    if (to >= seen.durableEnd) return
    this.#options.coverage.add("truncation")
    demand(to >= Math.min(seen.committedHere, log.end) || this.#isForgiven(member.nodeId, actor), "P10", () =>
      `${member.host} of ${log.name} cuts its log to ${to}, below its own high watermark ${seen.committedHere}`)
  }

  #advanced(member: SimulatedMember, node: Node, actor: PartitionActor, seen: Seen, highWatermark: number): void {
    const log = this.log(actor.topicId, actor.partition)
    seen.logNumber = actor.log.logNumber
    const before = log.end
    // A leader may have resigned within the same turn.
    const decides = actor.isLeader || seen.isLeader || seen.mayHaveLed
    if (!decides) {
      demand(highWatermark <= before, "P4", () => `${member.host} of ${log.name} follows with a high watermark ${highWatermark}, no leader was above ${before}`)
    }
    log.start = Math.max(log.start, actor.logStartOffset)
    // What rotted was committed before: behind it a leader's disk is as good as any.
    const isDamaged = this.#damaged.has(`${keyOf(actor.topicId, actor.partition)}/${member.nodeId}`)
    const from = isDamaged ? before : Math.min(seen.highWatermark, highWatermark)
    if (from < highWatermark) log.compare(member.host, member.disks.data, seen.logNumber, from, highWatermark)
    if (!this.#isForgiven(member.nodeId, actor)) seen.committedHere = Math.max(seen.committedHere, highWatermark)
    if (!decides || highWatermark <= before) return
    this.#checkCommitted(member, node, actor, log)
  }

  /** P1, P3, P11 and P12: the leader alone decides that something is committed, and these are its reasons. */
  #checkCommitted(member: SimulatedMember, node: Node, actor: PartitionActor, log: CommittedLog): void {
    const topic = node.metadata.topicById(actor.topicId)
    const image = topic?.partitions[actor.partition]
    if (topic === undefined || image === undefined || this.#deleted.has(actor.topicId)) return
    const { minIsr } = partitionRoles(node.metadata, node.config, topic, image)
    demand(!actor.isLeader || this.#hasApplied || actor.isr.length >= minIsr, "P11", () => `${log.name} moves its high watermark to ${log.end} with ${actor.isr.length} replicas in sync, ${minIsr} are wanted`)
    // Whose disk was lost had it when its acknowledgement was sent.
    const holders = image.replicas.filter((id) => this.#isForgiven(id, actor) || this.#holds(id, actor.topicId, actor.partition, log))
    const wanted = this.#hasApplied ? 1 : Math.min(minIsr, image.replicas.length)
    demand(holders.length >= wanted, "P12", () =>
      `${log.name} is committed to ${log.end} by ${member.host}, and only ${holders.join(", ")} of ${image.replicas.join(", ")} have it on the disk (min ISR ${minIsr})`)
    const newest = this.#options.newest()?.metadata.partition(actor.topicId, actor.partition)
    if (newest !== undefined) this.#checkCandidates(newest, actor.topicId, actor.partition, log, "P3")
  }

  /** P2 and P3: whoever may be elected has everything that is committed. */
  #checkCandidates(image: PartitionImage, topicId: string, partition: number, log: CommittedLog, rule: string): void {
    for (const id of new Set([...image.isr, ...image.eligibleLeaderReplicas ?? []])) {
      if (this.#isForgiven(id, { topicId, partition })) continue
      demand(this.#holds(id, topicId, partition, log), rule, () => `node ${id} may lead ${log.name} and does not have what is committed to ${log.end} (ISR ${
        image.isr.join(",")}, ELR ${(image.eligibleLeaderReplicas ?? []).join(",")}, leader ${image.leader} in epoch ${image.leaderEpoch})`)
    }
  }

  #holds(nodeId: number, topicId: string, partition: number, log: CommittedLog): boolean {
    if (log.end === 0) return true
    const seen = this.#seen.get(keyOf(topicId, partition))?.[nodeId]
    const member = this.#options.members[nodeId - 1]
    if (member === undefined || seen === undefined) return false
    if (seen.actor !== undefined) seen.logNumber = seen.actor.log.logNumber
    return log.isOn(member.disks.data, seen.logNumber)
  }

  /** The newest metadata changed: P2, P8 and P9 for the partitions that did. */
  #noteDeleted(metadata: MetadataImage): void {
    for (const topicId of this.#topicIds) {
      if (metadata.topicById(topicId) !== undefined) continue
      this.#topicIds.delete(topicId)
      this.#deleted.add(topicId)
    }
  }

  #checkMetadata(node: Node): void {
    const { metadata } = node
    this.#checkedOffset = node.metadataOffset
    for (const [nodeId, epoch] of this.#forgiven) {
      if ((metadata.broker(nodeId)?.brokerEpoch ?? -1) > epoch) this.#forgiven.delete(nodeId)
    }
    for (const topic of metadata.topics) {
      this.#topicIds.add(topic.topicId)
      topic.partitions.forEach((image, partition) => {
        const key = keyOf(topic.topicId, partition)
        const before = this.#images.get(key)
        if (before === image) return
        this.#images.set(key, image)
        this.#checkImage(metadata, topic.topicId, partition, image, before)
        this.#checkIsr(node, topic.name, topic.topicId, partition, image)
      })
    }
  }

  #checkImage(metadata: MetadataImage, topicId: string, partition: number, image: PartitionImage, before: PartitionImage | undefined): void {
    const { coverage } = this.#options
    const log = this.log(topicId, partition)
    if (before !== undefined) {
      demand(image.leaderEpoch >= before.leaderEpoch && image.partitionEpoch >= before.partitionEpoch, "P9", () => `${log.name}: epochs of the metadata go back`)
      const isElected = image.leaderEpoch > before.leaderEpoch && image.leader >= 0
      if (isElected && (before.eligibleLeaderReplicas ?? []).includes(image.leader)) coverage.add("ELR election")
      if (isElected && image.leader !== before.leader && log.name.startsWith("__consumer_offsets/")) coverage.add("coordinator move")
      if (image.isr.length < before.isr.length) coverage.add("ISR shrink")
      if (image.isr.length > before.isr.length) coverage.add("ISR growth")
      if (image.replicas.join() !== before.replicas.join()) coverage.add("reassignment")
      for (const id of before.replicas) if (!image.replicas.includes(id)) this.#removed.add(`${keyOf(topicId, partition)}/${id}`)
    }
    this.#checkCandidates(image, topicId, partition, log, "P2")
    for (const id of image.isr) {
      demand(metadata.broker(id)?.fenced === false || image.leader < 0 && image.isr.length === 1, "P8", () => `${log.name} has node ${id} in sync, which is fenced`)
    }
  }

  #checkIsr(node: Node, name: string, topicId: string, partition: number, image: PartitionImage): void {
    const { metadata } = node
    const topic = metadata.topicById(topicId)
    if (topic === undefined) return
    const { minIsr } = partitionRoles(metadata, node.config, topic, image)
    const elr = image.eligibleLeaderReplicas ?? []
    const what = (): string => `${name}/${partition}: ISR ${image.isr.join(",")}, ELR ${elr.join(",")}, replicas ${image.replicas.join(",")}, min ISR ${minIsr}`
    demand(elr.length === 0 || image.isr.length < minIsr, "P8", what)
    demand(elr.every((id) => !image.isr.includes(id) && image.replicas.includes(id)), "P8", what)
    demand(image.isr.every((id) => image.replicas.includes(id)), "P8", what)
  }
}
