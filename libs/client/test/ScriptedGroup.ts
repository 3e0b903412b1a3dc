import { ApiKey, ErrorCode } from "@tailrace/kafka-protocol"
import type { ReceivedRequest, ScriptedBroker } from "./ScriptedBroker.ts"

interface Member {
  metadata: Buffer
  instanceId: string | null
  join: ((answer: unknown) => void) | undefined
  sync: ((answer: unknown) => void) | undefined
}

/**
 * Just enough of a group coordinator: a round of joining is complete when every member has joined again. Nobody times out; tests
 * say who is gone.
 */
export class ScriptedGroup {
  readonly members = new Map<string, Member>()
  generation = 0
  protocolName = ""
  state: "Empty" | "Preparing" | "Completing" | "Stable" = "Empty"
  #assignments = new Map<string, Buffer>()
  #nextId = 1
  /** Whoever has an id, members or not yet. */
  readonly #known = new Set<string>()

  constructor(broker: ScriptedBroker) {
    broker.on(ApiKey.JoinGroup, (request) => this.#join(request))
    broker.on(ApiKey.SyncGroup, (request) => this.#sync(request))
    broker.on(ApiKey.Heartbeat, (request) => this.#heartbeat(request))
    broker.on(ApiKey.LeaveGroup, (request) => this.#leave(request))
    broker.on(ApiKey.OffsetCommit, (request) => this.#commit(request))
  }

  /** Somebody who joins but says no more, so that a round goes on until it is expelled. */
  admitSilent(memberId: string): void {
    this.members.set(memberId, { metadata: Buffer.alloc(0), instanceId: null, join: undefined, sync: undefined })
    this.#prepare()
  }

  /** Takes a member out without its knowledge. */
  expel(memberId: string): void {
    this.members.delete(memberId)
    this.#known.delete(memberId)
    this.#prepare()
  }

  #newId(kind: string): string {
    const memberId = `${kind}-${this.#nextId++}`
    this.#known.add(memberId)
    return memberId
  }

  #prepare(): void {
    this.state = this.members.size === 0 ? "Empty" : "Preparing"
    for (const member of this.members.values()) {
      member.sync?.({ errorCode: ErrorCode.REBALANCE_IN_PROGRESS, assignment: Buffer.alloc(0) })
      member.sync = undefined
    }
    this.#complete()
  }

  #join({ body }: ReceivedRequest): unknown {
    const failed = (errorCode: number, memberId = "") => ({ errorCode, memberId, protocolName: "", leader: "", members: [], skipAssignment: false })
    if (body.memberId === "" && body.groupInstanceId === null) return failed(ErrorCode.MEMBER_ID_REQUIRED, this.#newId("member"))
    if (body.memberId !== "" && !this.#known.has(body.memberId)) return failed(ErrorCode.UNKNOWN_MEMBER_ID)
    const former = [...this.members].find(([, { instanceId }]) => instanceId !== null && instanceId === body.groupInstanceId)
    if (body.memberId === "" && former !== undefined && this.state === "Stable") return this.#comeBack(former[0])
    const memberId = body.memberId === "" ? this.#newId("static") : body.memberId as string
    return new Promise((resolve) => {
      const member = this.members.get(memberId)
      this.members.set(memberId, { metadata: body.protocols[0].metadata, instanceId: body.groupInstanceId, join: resolve, sync: undefined })
      this.protocolName = body.protocols[0].name
      if (member === undefined || this.state === "Stable" || this.state === "Completing") this.#prepare()
      else this.#complete()
    })
  }

  /** A static member takes the place that it had under its former id, and a leader need not assign again (KIP-814). */
  #comeBack(formerId: string): unknown {
    const memberId = this.#newId("static")
    const renamed = [...this.members].map(([id, item]) => [id === formerId ? memberId : id, item] as const)
    this.members.clear()
    for (const [id, item] of renamed) this.members.set(id, item)
    this.#known.delete(formerId)
    this.#assignments.set(memberId, this.#assignments.get(formerId) ?? Buffer.alloc(0))
    this.#assignments.delete(formerId)
    return this.#joined(memberId, true)
  }

  #joined(memberId: string, skipsAssignment = false): unknown {
    const leader = this.members.keys().next().value
    const isLeader = memberId === leader
    return {
      errorCode: 0, generationId: this.generation, protocolType: "consumer", protocolName: this.protocolName, leader, memberId,
      skipAssignment: isLeader && skipsAssignment,
      members: isLeader ? [...this.members].map(([id, item]) => ({ memberId: id, groupInstanceId: item.instanceId, metadata: item.metadata })) : []
    }
  }

  #complete(): void {
    const members = [...this.members]
    if (this.state !== "Preparing" || !members.every(([, member]) => member.join !== undefined)) return
    this.generation++
    this.state = "Completing"
    this.#assignments.clear()
    for (const [memberId, member] of members) {
      member.join?.(this.#joined(memberId))
      member.join = undefined
    }
  }

  #sync({ body }: ReceivedRequest): unknown {
    const member = this.members.get(body.memberId)
    if (member === undefined) return { errorCode: ErrorCode.UNKNOWN_MEMBER_ID, assignment: Buffer.alloc(0) }
    if (body.generationId !== this.generation || this.state === "Preparing") return { errorCode: ErrorCode.REBALANCE_IN_PROGRESS, assignment: Buffer.alloc(0) }
    return new Promise((resolve) => {
      member.sync = resolve
      for (const { memberId, assignment } of body.assignments) this.#assignments.set(memberId, Buffer.from(assignment))
      if (this.#assignments.size === 0) return
      this.state = "Stable"
      for (const [memberId, item] of this.members) {
        item.sync?.({ errorCode: 0, assignment: this.#assignments.get(memberId) ?? Buffer.alloc(0) })
        item.sync = undefined
      }
    })
  }

  #heartbeat({ body }: ReceivedRequest): unknown {
    if (!this.members.has(body.memberId)) return { errorCode: ErrorCode.UNKNOWN_MEMBER_ID }
    return { errorCode: this.state === "Preparing" ? ErrorCode.REBALANCE_IN_PROGRESS : 0 }
  }

  /** Whoever is no member may commit while the group is empty. */
  #commit({ body }: ReceivedRequest): unknown {
    const isMember = this.members.has(body.memberId) || body.memberId === "" && body.generationIdOrMemberEpoch < 0 && this.members.size === 0
    const isLate = body.memberId !== "" && body.generationIdOrMemberEpoch !== this.generation
    if (isMember && !isLate) return undefined
    const errorCode = isMember ? ErrorCode.ILLEGAL_GENERATION : ErrorCode.UNKNOWN_MEMBER_ID
    return { topics: body.topics.map(({ name, partitions }: any) => ({ name, partitions: partitions.map(({ partitionIndex }: any) => ({ partitionIndex, errorCode })) })) }
  }

  #leave({ body }: ReceivedRequest): unknown {
    for (const { memberId } of body.members) this.members.delete(memberId)
    this.#prepare()
    return { errorCode: 0, members: body.members.map((member: any) => ({ ...member, errorCode: 0 })) }
  }
}
