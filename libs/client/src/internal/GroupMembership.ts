import { ErrorCode, type JoinGroupResponse } from "@tailrace/kafka-protocol"
import type { TopicPartition } from "../AdminTypes.ts"
import type { Assignor, GroupMember } from "../Assignor.ts"
import { ClientError } from "../ClientError.ts"
import type { Cluster } from "../Cluster.ts"
import { KafkaError } from "../KafkaError.ts"
import { heartbeatApi, joinGroupApi, leaveGroupApi, syncGroupApi } from "./apis.ts"
import { decodeAssignment, decodeSubscription, encodeAssignment, encodeSubscription } from "./consumerProtocol.ts"
import { checkCoordinator, type CommitIdentity } from "./offsets.ts"
import { isRetriable } from "./Timing.ts"

export interface MembershipSettings {
  readonly groupId: string
  readonly groupInstanceId: string | null
  readonly sessionTimeoutMillis: number
  readonly rebalanceTimeoutMillis: number
  readonly assignors: ReadonlyArray<Assignor>
}

/** What a member learns from one round of joining. */
export interface Joined {
  readonly generationId: number
  readonly assignment: ReadonlyArray<TopicPartition>
  /**
   * Partitions of every topic that a member of the group wants, 0 where it does not exist. Undefined unless this member leads: then
   * nobody else asks for another assignment when one of these changes.
   */
  readonly counts: ReadonlyMap<string, number> | undefined
}

/** What the leader of a group knows of it. */
interface LedGroup {
  readonly members: ReadonlyArray<GroupMember>
  readonly counts: ReadonlyMap<string, number>
}

/** How the broker sees this member, as the last heartbeat told. */
export type HeartbeatResult = "stable" | "rebalancing" | "lost"

const protocolType = "consumer"
/** The broker answers a join at the latest when the rebalance times out; it gets a little longer for that. */
const joinGraceMillis = 5_000

/** The classic group protocol as one member speaks it: join, sync, heartbeat, leave. */
export class GroupMembership {
  readonly #cluster: Cluster
  readonly #settings: MembershipSettings
  #memberId = ""
  #generationId = -1

  constructor(cluster: Cluster, settings: MembershipSettings) {
    this.#cluster = cluster
    this.#settings = settings
  }

  get memberId(): string {
    return this.#memberId
  }

  /** -1 while this is no member. */
  get generationId(): number {
    return this.#generationId
  }

  get identity(): CommitIdentity {
    return {
      groupId: this.#settings.groupId, generationId: this.#generationId, memberId: this.#memberId,
      groupInstanceId: this.#settings.groupInstanceId
    }
  }

  /**
   * Joins and gets an assignment, trying again while the group is in motion. Throws what will not pass. `onLost` is called before
   * it goes on as a new member: others may read the partitions already that this one has owned.
   */
  async join(
    topics: ReadonlyArray<string>, ownedPartitions: ReadonlyArray<TopicPartition>, signal: AbortSignal, onLost: () => void
  ): Promise<Joined> {
    let owned = ownedPartitions
    for (let attempt = 0; ; attempt++) {
      signal.throwIfAborted()
      try {
        return await this.#joinOnce(topics, owned, signal)
      } catch (error) {
        const pause = this.#afterFailure(error)
        if (this.#generationId < 0 && owned.length > 0) {
          owned = []
          onLost()
        }
        if (pause === "throw") throw error
        if (pause === "backoff") await this.#cluster.timing.sleep(this.#cluster.timing.backoffMillis(this.#cluster.options, attempt), signal)
      }
    }
  }

  async heartbeat(signal: AbortSignal): Promise<HeartbeatResult> {
    const generationId = this.#generationId
    const { groupId, groupInstanceId } = this.#settings
    const response = await this.#cluster.callCoordinator(groupId, heartbeatApi, (version) => ({
      groupId, generationId, memberId: this.#memberId, ...(version >= 3 ? { groupInstanceId } : {})
    }), { signal })
    switch (response.errorCode) {
      case ErrorCode.NONE: return "stable"
      case ErrorCode.REBALANCE_IN_PROGRESS: return "rebalancing"
      case ErrorCode.ILLEGAL_GENERATION:
      case ErrorCode.UNKNOWN_MEMBER_ID:
        // A join that has succeeded meanwhile is not concerned.
        if (this.#generationId !== generationId) return "stable"
        this.forget(response.errorCode === ErrorCode.UNKNOWN_MEMBER_ID)
        return "lost"
      default:
        checkCoordinator(this.#cluster, groupId, response.errorCode)
        return "stable"
    }
  }

  /** Leaves for good. Static members stay until their session times out, so that a restart costs no rebalance. */
  async leave(signal?: AbortSignal): Promise<void> {
    const { groupId, groupInstanceId } = this.#settings
    const memberId = this.#memberId
    this.forget(true)
    if (memberId === "" || groupInstanceId !== null) return
    await this.#cluster.callCoordinator(groupId, leaveGroupApi, (version) => ({
      groupId, ...(version >= 3 ? { members: [{ memberId }] } : { memberId })
    }), { signal })
  }

  /** The group goes on without this member. */
  forget(withId: boolean): void {
    this.#generationId = -1
    if (withId) this.#memberId = ""
  }

  async #joinOnce(topics: ReadonlyArray<string>, ownedPartitions: ReadonlyArray<TopicPartition>, signal: AbortSignal): Promise<Joined> {
    const { groupId, groupInstanceId, assignors, rebalanceTimeoutMillis } = this.#settings
    const metadata = encodeSubscription({ topics, ownedPartitions, generationId: this.#generationId })
    const joined = await this.#cluster.callCoordinator(groupId, joinGroupApi, (version) => {
      if (groupInstanceId !== null && version < 5) {
        throw new ClientError("unsupported", "this broker has no static members, so groupInstanceId cannot be used")
      }
      return {
        groupId, sessionTimeoutMs: this.#settings.sessionTimeoutMillis, rebalanceTimeoutMs: rebalanceTimeoutMillis,
        memberId: this.#memberId, protocolType, protocols: assignors.map(({ name }) => ({ name, metadata })),
        ...(version >= 5 ? { groupInstanceId } : {})
      }
    }, { signal, purpose: "join", timeoutMillis: rebalanceTimeoutMillis + joinGraceMillis })
    if (joined.errorCode === ErrorCode.MEMBER_ID_REQUIRED) this.#memberId = joined.memberId
    checkCoordinator(this.#cluster, groupId, joined.errorCode)
    this.#memberId = joined.memberId
    const { generationId, protocolName } = joined
    const led = joined.leader === joined.memberId ? await this.#lookAtGroup(joined.members, signal) : undefined
    const assignments = led === undefined || joined.skipAssignment ? [] : this.#assign(joined.protocolName, led)
    const synced = await this.#cluster.callCoordinator(groupId, syncGroupApi, (version) => ({
      groupId, generationId, memberId: joined.memberId,
      ...(version >= 3 ? { groupInstanceId } : {}), ...(version >= 5 ? { protocolType, protocolName } : {}),
      assignments
    }), { signal, purpose: "join", timeoutMillis: rebalanceTimeoutMillis + joinGraceMillis })
    checkCoordinator(this.#cluster, groupId, synced.errorCode)
    this.#generationId = generationId
    return { generationId, assignment: decodeAssignment(synced.assignment), counts: led?.counts }
  }

  async #lookAtGroup(joined: JoinGroupResponse["members"], signal: AbortSignal): Promise<LedGroup> {
    const members = joined.map((member) =>
      ({ memberId: member.memberId, groupInstanceId: member.groupInstanceId, ...decodeSubscription(member.metadata) }))
    const topics = [...new Set(members.flatMap((member) => member.topics))]
    await this.#cluster.retry(signal, () => this.#cluster.refresh(topics))
    return { members, counts: new Map(topics.map((topic) => [topic, this.#cluster.metadata.partitionCount(topic)])) }
  }

  #assign(protocolName: string | null, { members, counts }: LedGroup) {
    const assignor = this.#settings.assignors.find(({ name }) => name === protocolName)
    if (assignor === undefined) throw new ClientError("protocol", `the group uses the assignor "${String(protocolName)}", which was not offered`)
    const existing = new Map([...counts].filter(([, count]) => count > 0))
    return [...assignor.assign(members, existing)].map(([memberId, partitions]) => ({ memberId, assignment: encodeAssignment(partitions) }))
  }

  #afterFailure(error: unknown): "again" | "backoff" | "throw" {
    if (!(error instanceof KafkaError)) return isRetriable(error) ? "backoff" : "throw"
    switch (error.errorCode) {
      case ErrorCode.MEMBER_ID_REQUIRED: return "again"
      case ErrorCode.REBALANCE_IN_PROGRESS: return "again"
      case ErrorCode.UNKNOWN_MEMBER_ID:
        this.forget(true)
        return "backoff"
      case ErrorCode.ILLEGAL_GENERATION:
        this.forget(false)
        return "backoff"
      case ErrorCode.FENCED_INSTANCE_ID:
        this.forget(true)
        return "throw"
      default: return error.isRetriable ? "backoff" : "throw"
    }
  }
}
