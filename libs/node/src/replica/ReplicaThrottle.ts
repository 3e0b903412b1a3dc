import { type MetadataImage, ResourceType } from "@tailrace/metadata"
import type { Clock } from "@tailrace/runtime"
import type { PartitionActor } from "../PartitionActor.ts"

export interface ReplicaThrottleOptions {
  readonly nodeId: number
  readonly clock: Clock
  readonly metadata: () => MetadataImage
}

/** What may be sent at once when nothing was sent for a while, in seconds of the rate. */
const burstSeconds = 1
/** Lists of replicas that are kept taken apart. */
const listsMax = 1_024

class Bucket {
  bytes = 0
  filledMillis: number

  constructor(nowMillis: number) {
    this.filledMillis = nowMillis
  }

  fill(bytesPerSecond: number, nowMillis: number): void {
    const added = (nowMillis - this.filledMillis) / 1_000 * bytesPerSecond
    this.bytes = Math.min(this.bytes + added, bytesPerSecond * burstSeconds)
    this.filledMillis = nowMillis
  }
}

/**
 * Kafka's throttle for replicas that are being filled (KIP-73): `leader.replication.throttled.rate` of this node and
 * `follower.replication.throttled.rate` of the follower's, both dynamic, for the replicas that the topic lists in
 * `leader.` and `follower.replication.throttled.replicas`. In-sync replicas are never held back. The leader enforces both;
 * a follower's rate is shared evenly by the nodes that it may fetch from.
 */
export class ReplicaThrottle {
  readonly #options: ReplicaThrottleOptions
  readonly #buckets = new Map<string, Bucket>()
  /** By their text. A list may name thousands of replicas, and for each of them it is asked again whenever something may be sent. */
  readonly #lists = new Map<string, ReadonlySet<string>>()

  constructor(options: ReplicaThrottleOptions) {
    this.#options = options
  }

  /** How much this follower may get of this partition now; 0 holds it back. */
  room(actor: PartitionActor, followerId: number): number {
    let room = Infinity
    for (const { bucket } of this.#limits(actor, followerId)) room = Math.min(room, Math.max(Math.floor(bucket.bytes), 0))
    return room
  }

  sent(actor: PartitionActor, followerId: number, bytes: number): void {
    for (const { bucket } of this.#limits(actor, followerId)) bucket.bytes -= bytes
  }

  #limits(actor: PartitionActor, followerId: number): ReadonlyArray<{ readonly bucket: Bucket }> {
    const { nodeId } = this.#options
    const leaderRate = this.#rate(nodeId, "leader")
    const followerRate = this.#rate(followerId, "follower")
    if (leaderRate === undefined && followerRate === undefined || actor.isr.includes(followerId)) return nothing
    const limits: Array<{ readonly bucket: Bucket }> = []
    if (leaderRate !== undefined && this.#isListed(actor, "leader", nodeId)) limits.push(this.#filled("leader", leaderRate))
    if (followerRate !== undefined && this.#isListed(actor, "follower", followerId)) {
      const { metadata } = this.#options
      const sources = Math.max([...metadata().brokers].length - 1, 1)
      limits.push(this.#filled(`follower ${followerId}`, followerRate / sources))
    }
    return limits
  }

  #rate(nodeId: number, role: "leader" | "follower"): number | undefined {
    const image = this.#options.metadata()
    const key = `${role}.replication.throttled.rate`
    const text = image.config(ResourceType.broker, String(nodeId)).get(key) ?? image.config(ResourceType.broker, "").get(key)
    return text === undefined ? undefined : Number(text)
  }

  #isListed({ partition, topic }: PartitionActor, role: "leader" | "follower", nodeId: number): boolean {
    const text = this.#options.metadata().config(ResourceType.topic, topic).get(`${role}.replication.throttled.replicas`) ?? ""
    return text === "*" || text !== "" && this.#list(text).has(`${partition}:${nodeId}`)
  }

  #list(text: string): ReadonlySet<string> {
    let list = this.#lists.get(text)
    if (list === undefined) {
      list = new Set(text.split(",").map((entry) => entry.trim()))
      this.#lists.set(text, list)
      if (this.#lists.size > listsMax) this.#lists.delete(this.#lists.keys().next().value!)
    }
    return list
  }

  #filled(name: string, bytesPerSecond: number): { readonly bucket: Bucket } {
    const now = this.#options.clock.monotonicMillis()
    let bucket = this.#buckets.get(name)
    if (bucket === undefined) {
      bucket = new Bucket(now)
      bucket.bytes = bytesPerSecond * burstSeconds
      this.#buckets.set(name, bucket)
    }
    bucket.fill(bytesPerSecond, now)
    return { bucket }
  }
}

const nothing: ReadonlyArray<never> = []
