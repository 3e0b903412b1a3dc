import { assert } from "./assert.ts"
import { Member, protocolBytes } from "./Member.ts"
import type { MemberFields, Protocol } from "./Member.ts"
import { subscribedTopics } from "./subscribedTopics.ts"
import { Timer } from "./TimerQueue.ts"

export type GroupState = "Empty" | "PreparingRebalance" | "CompletingRebalance" | "Stable"

/** What the members of one shard use up together. */
export interface Usage {
  members: number
  memberBytes: number
}

export interface GroupHooks {
  readonly usage: Usage
  readonly onJoinPhaseEnd: (group: ClassicGroup) => void
  readonly onSyncPhaseEnd: (group: ClassicGroup) => void
  readonly onSessionEnd: (group: ClassicGroup, member: Member) => void
  readonly onPendingEnd: (group: ClassicGroup, memberId: string) => void
}

/**
 * A classic group in the hands of its coordinator: membership, votes and phase. All of it is soft; what has to
 * outlive the coordinator is in the GroupMetadata record. It holds no rules of the protocol, only the consistency
 * of its own counts: `supporters` counts the members that offer a protocol, `joinedCount` those that have joined,
 * `joinedStaticCount` the static ones among them.
 */
export class ClassicGroup {
  readonly groupId: string
  state: GroupState = "Empty"
  /** Distinguishes the first join of an empty group, which waits the initial delay, from later ones. */
  wasEmpty = true
  /** Wall clock of the last change of state; -1 if unknown (old records). */
  stateTimestampMillis: number
  protocolType: string | null = null
  protocolName: string | null = null
  generationId = 0
  leaderId: string | null = null
  readonly members = new Map<string, Member>()
  /** Group instance id to member id. */
  readonly staticMembers = new Map<string, string>()
  /** Ids given out by MEMBER_ID_REQUIRED which have not joined yet. */
  readonly pendingMembers = new Map<string, Timer>()
  /** Topics of all subscriptions; undefined where they cannot be known (not a consumer group, unreadable bytes). */
  subscribedTopics: ReadonlySet<string> | undefined = undefined
  /** A member arrived since the initial delay was armed. */
  newMemberAdded = false
  initialDelayMillis = 0
  initialRemainingMillis = 0
  joinedCount = 0
  joinedStaticCount = 0
  needsSyncCount = 0
  readonly joinPhase: Timer
  readonly syncPhase: Timer
  readonly #supporters = new Map<string, number>()
  readonly #hooks: GroupHooks

  constructor(groupId: string, stateTimestampMillis: number, hooks: GroupHooks) {
    this.groupId = groupId
    this.stateTimestampMillis = stateTimestampMillis
    this.#hooks = hooks
    this.joinPhase = new Timer(() => hooks.onJoinPhaseEnd(this))
    this.syncPhase = new Timer(() => hooks.onSyncPhaseEnd(this))
  }

  transitionTo(state: GroupState, wallMillis: number): void {
    this.wasEmpty = this.state === "Empty"
    this.state = state
    this.stateTimestampMillis = wallMillis
  }

  get hasAllMembersJoined(): boolean {
    return this.joinedCount === this.members.size && this.pendingMembers.size === 0
  }

  /** They have not joined this round; since they are expected back, they keep their places. */
  get absentStaticCount(): number {
    return this.staticMembers.size - this.joinedStaticCount
  }

  /** The longest that any member allows a rebalance to take. */
  get rebalanceTimeoutMillis(): number {
    let longest = 0
    for (const member of this.members.values()) longest = Math.max(longest, member.rebalanceTimeoutMillis)
    return longest
  }

  isLeader(memberId: string): boolean {
    return this.leaderId === memberId
  }

  /** Whether a member with these protocols can be in the group together with those that are in it already. */
  supports(protocolType: string, protocols: ReadonlyArray<Protocol>): boolean {
    if (this.state === "Empty") return protocolType !== "" && protocols.length > 0
    return this.protocolType === protocolType &&
      protocols.some((protocol) => (this.#supporters.get(protocol.name) ?? 0) === this.members.size)
  }

  add(fields: MemberFields, protocolType: string): Member {
    assert(!this.members.has(fields.memberId), "a member is added once")
    assert(fields.groupInstanceId === null || !this.staticMembers.has(fields.groupInstanceId), "one member per instance id")
    if (this.members.size === 0) this.protocolType = protocolType
    if (this.leaderId === null) this.leaderId = fields.memberId
    const member = new Member(fields, (ended) => this.#hooks.onSessionEnd(this, ended))
    this.#insert(member)
    return member
  }

  /** The caller answers what the member waits for, and disarms its session, before. */
  remove(memberId: string): void {
    const member = this.members.get(memberId)
    if (member === undefined) return
    assert(member.join === undefined && member.sync === undefined, "a removed member waits for nothing")
    this.#take(member)
    if (this.leaderId === memberId) this.leaderId = this.members.keys().next().value ?? null
  }

  /** A static member came back under a new id: it takes the old one's place, leadership and assignment. */
  replaceStatic(old: Member, memberId: string, clientId: string, clientHost: string): Member {
    assert(old.groupInstanceId !== null && old.join === undefined && old.sync === undefined, "a fenced member waits for nothing")
    const { groupInstanceId, rebalanceTimeoutMillis, sessionTimeoutMillis, protocols, assignment, needsSync } = old
    this.#take(old)
    const member = new Member(
      { memberId, groupInstanceId, clientId, clientHost, rebalanceTimeoutMillis, sessionTimeoutMillis, protocols, assignment },
      (ended) => this.#hooks.onSessionEnd(this, ended))
    this.#insert(member)
    this.setNeedsSync(member, needsSync)
    if (this.leaderId === old.memberId) this.leaderId = memberId
    return member
  }

  update(member: Member, rebalanceTimeoutMillis: number, sessionTimeoutMillis: number, protocols: ReadonlyArray<Protocol>): void {
    this.#count(member, -1)
    member.protocols = protocols
    this.#count(member, 1)
    member.rebalanceTimeoutMillis = rebalanceTimeoutMillis
    member.sessionTimeoutMillis = sessionTimeoutMillis
  }

  setAssignment(member: Member, assignment: Buffer): void {
    this.#hooks.usage.memberBytes += assignment.length - member.assignment.length
    member.assignment = assignment
  }

  setJoined(member: Member, hasJoined: boolean): void {
    if (member.hasJoined === hasJoined) return
    member.hasJoined = hasJoined
    const change = hasJoined ? 1 : -1
    this.joinedCount += change
    if (member.isStatic) this.joinedStaticCount += change
  }

  setNeedsSync(member: Member, needsSync: boolean): void {
    if (member.needsSync === needsSync) return
    member.needsSync = needsSync
    this.needsSyncCount += needsSync ? 1 : -1
  }

  addPending(memberId: string): Timer {
    const timer = new Timer(() => this.#hooks.onPendingEnd(this, memberId))
    this.pendingMembers.set(memberId, timer)
    this.#hooks.usage.members += 1
    this.#hooks.usage.memberBytes += memberId.length
    return timer
  }

  /** The caller disarms the timer it gets back. */
  removePending(memberId: string): Timer | undefined {
    const timer = this.pendingMembers.get(memberId)
    if (timer === undefined) return undefined
    this.pendingMembers.delete(memberId)
    this.#hooks.usage.members -= 1
    this.#hooks.usage.memberBytes -= memberId.length
    return timer
  }

  /** If the leader has not joined this round, another member that has becomes leader. False if nobody has. */
  electJoinedLeader(): boolean {
    const leader = this.leaderId === null ? undefined : this.members.get(this.leaderId)
    if (leader?.hasJoined === true) return true
    for (const member of this.members.values()) {
      if (member.hasJoined) {
        this.leaderId = member.memberId
        return true
      }
    }
    return false
  }

  /** Each member votes for its first choice among what all offer. A draw goes to the choice that was named first. */
  selectProtocol(): string {
    const candidates = new Set<string>()
    for (const [name, count] of this.#supporters) if (count === this.members.size) candidates.add(name)
    const votes = new Map<string, number>()
    for (const member of this.members.values()) {
      const choice = member.vote(candidates)
      assert(choice !== undefined, "members share a protocol")
      votes.set(choice, (votes.get(choice) ?? 0) + 1)
    }
    let selected: string | undefined
    for (const [name, count] of votes) if (selected === undefined || count > (votes.get(selected) ?? 0)) selected = name
    assert(selected !== undefined, "a group with members selects a protocol")
    return selected
  }

  /** Ends the round: the next generation begins, empty or waiting for the leader's assignment. */
  startNextGeneration(wallMillis: number): void {
    this.generationId = this.generationId >= 2_147_483_647 ? 1 : this.generationId + 1
    this.protocolName = this.members.size === 0 ? null : this.selectProtocol()
    this.refreshSubscribedTopics()
    this.transitionTo(this.members.size === 0 ? "Empty" : "CompletingRebalance", wallMillis)
    for (const member of this.members.values()) this.setNeedsSync(member, false)
  }

  refreshSubscribedTopics(): void {
    const subscriptions = [...this.members.values()].map((member) => member.metadata(this.protocolName))
    this.subscribedTopics = subscribedTopics(this.protocolType, subscriptions)
  }

  #insert(member: Member): void {
    this.members.set(member.memberId, member)
    if (member.groupInstanceId !== null) this.staticMembers.set(member.groupInstanceId, member.memberId)
    this.#hooks.usage.members += 1
    this.#hooks.usage.memberBytes += member.idBytes + member.assignment.length
    this.#count(member, 1)
  }

  #take(member: Member): void {
    this.setJoined(member, false)
    this.setNeedsSync(member, false)
    this.members.delete(member.memberId)
    if (member.groupInstanceId !== null) this.staticMembers.delete(member.groupInstanceId)
    this.#hooks.usage.members -= 1
    this.#hooks.usage.memberBytes -= member.idBytes + member.assignment.length
    this.#count(member, -1)
  }

  #count(member: Member, change: 1 | -1): void {
    for (const protocol of member.protocols) {
      const count = (this.#supporters.get(protocol.name) ?? 0) + change
      if (count === 0) this.#supporters.delete(protocol.name)
      else this.#supporters.set(protocol.name, count)
      this.#hooks.usage.memberBytes += change * protocolBytes(protocol)
    }
  }
}
