import { ErrorCode } from "@tailrace/kafka-protocol"
import type { JoinGroupResponseInput, SyncGroupResponseInput } from "@tailrace/kafka-protocol"
import { describe, expect, it } from "vitest"
import { GroupShard } from "../src/index.ts"
import type { Call } from "./Shell.ts"
import { Shell, subscriptionBytes, text } from "./Shell.ts"

const partitionCount = 6
const groupIds = ["group", "other"]

/** mulberry32: a seed decides every step. */
function randomOf(seed: number) {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  return {
    below: (bound: number) => Math.floor(next() * bound),
    chance: (probability: number) => next() < probability,
    of: <A>(values: ReadonlyArray<A>): A => values[Math.floor(next() * values.length)] as A
  }
}
type Random = ReturnType<typeof randomOf>

/** A consumer as the protocol's documents describe it, driven one step at a time. */
class Client {
  readonly groupId: string
  readonly instanceId: string | null
  readonly apiVersion: number
  memberId = ""
  generationId = -1
  subscription = "topic"
  stage: "out" | "joining" | "syncing" | "in" = "out"
  join: Call<JoinGroupResponseInput> | undefined
  sync: Call<SyncGroupResponseInput> | undefined
  isDead = false

  constructor(groupId: string, instanceId: string | null, apiVersion: number) {
    this.groupId = groupId
    this.instanceId = instanceId
    this.apiVersion = apiVersion
  }

  get waitsFor(): Call | undefined {
    return this.stage === "joining" ? this.join : this.stage === "syncing" ? this.sync : undefined
  }
}

class World {
  readonly random: Random
  readonly shell: Shell
  follower: GroupShard<Call>
  clients: Array<Client> = []
  readonly calls: Array<Call> = []
  /** Who got a partition, by group, generation and partition, from one coordinator. */
  readonly told = new Map<string, string>()
  /** Group, generation and member of each SyncGroup that waits. */
  readonly owners = new Map<Call, string>()
  readonly generations = new Map<string, number>()
  followed = 0
  steps = 0

  constructor(seed: number) {
    this.random = randomOf(seed)
    this.shell = new Shell({ groupInitialRebalanceDelayMillis: this.random.of([0, 500, 3000]), groupMaxSize: this.random.of([3, 100]) })
    this.follower = new GroupShard<Call>(this.shell.config)
    this.shell.autoCommit = this.random.chance(0.5)
    this.shell.onDecision = (isTick) => this.check(isTick)
    this.shell.onReply = (call) => {
      const owner = this.owners.get(call)
      if (owner !== undefined) this.checkOwners(owner, call.response as SyncGroupResponseInput)
    }
  }

  step(): void {
    const { random, shell } = this
    this.steps += 1
    const dice = random.below(100)
    const client = this.clients.length === 0 ? undefined : random.of(this.clients)
    if (dice < 8 && this.clients.length < 8) this.start()
    else if (dice < 20) shell.advance(random.of([0, 10, 500, 3000, 9000]))
    else if (dice < 21) shell.advance(random.of([40_000, 700_000]))
    else if (dice < 35) shell.commit()
    else if (dice < 36) this.failOver()
    else if (client !== undefined) this.act(client)
  }

  start(): void {
    const instanceId = this.random.chance(0.3) ? this.random.of(["i1", "i2"]) : null
    const apiVersion = instanceId === null ? this.random.of([1, 5, 9]) : this.random.of([5, 9])
    this.clients.push(new Client(this.random.of(groupIds), instanceId, apiVersion))
  }

  failOver(): void {
    this.told.clear()
    this.generations.clear()
    this.follower = new GroupShard<Call>(this.shell.config)
    this.followed = 0
    this.shell.failOver()
    for (const client of this.clients) if (client.waitsFor?.isAbandoned === true) client.stage = "out"
  }

  act(client: Client): void {
    const { random } = this
    if (client.waitsFor !== undefined && client.waitsFor.response === undefined) {
      if (random.chance(0.1)) this.disconnect(client)
      else if (random.chance(0.05)) this.joinGroup(client)
      return
    }
    if (client.stage === "out") this.joinGroup(client)
    else if (client.stage === "joining") this.joined(client)
    else if (client.stage === "syncing") this.synced(client)
    else this.live(client)
  }

  disconnect(client: Client): void {
    const call = client.waitsFor
    if (call !== undefined) this.shell.abandon(call)
    if (this.random.chance(0.5)) client.stage = "out"
    else this.die(client)
  }

  die(client: Client): void {
    client.isDead = true
    this.clients = this.clients.filter((other) => other !== client)
  }

  joinGroup(client: Client): void {
    const { groupId, memberId, instanceId, apiVersion } = client
    const metadata = subscriptionBytes(client.subscription)
    const protocols = this.random.chance(0.8) ? [{ name: "range", metadata }, { name: "sticky", metadata }] : [{ name: "range", metadata }]
    client.stage = "joining"
    this.calls.push(client.join = this.shell.join({ groupId, memberId, groupInstanceId: instanceId, apiVersion, protocols }))
  }

  joined(client: Client): void {
    const { answer } = client.join as Call<JoinGroupResponseInput>
    client.stage = "out"
    if (answer.errorCode === ErrorCode.MEMBER_ID_REQUIRED) client.memberId = answer.memberId
    else if (answer.errorCode === ErrorCode.UNKNOWN_MEMBER_ID) client.memberId = ""
    else if (answer.errorCode === ErrorCode.FENCED_INSTANCE_ID || answer.errorCode === ErrorCode.GROUP_MAX_SIZE_REACHED) this.die(client)
    if (answer.errorCode !== ErrorCode.NONE) return expect([79, 25, 82, 81, 27]).toContain(answer.errorCode)
    client.memberId = answer.memberId
    client.generationId = answer.generationId ?? -1
    const assignments: Record<string, string> = {}
    if (answer.leader === answer.memberId && answer.skipAssignment !== true) {
      const ids = answer.members.map(({ memberId }) => memberId)
      expect(ids).toContain(answer.memberId)
      ids.forEach((id, index) => assignments[id] = [...Array(partitionCount).keys()].filter((p) => p % ids.length === index).join())
    }
    client.stage = "syncing"
    const call = this.shell.sync(client.memberId, client.generationId, assignments, { groupId: client.groupId, groupInstanceId: client.instanceId })
    this.calls.push(client.sync = call)
    const owner = `${client.groupId}/${client.generationId}/${client.instanceId ?? client.memberId}`
    if (call.response === undefined) this.owners.set(call, owner)
    else this.checkOwners(owner, call.response)
  }

  synced(client: Client): void {
    const { answer } = client.sync as Call<SyncGroupResponseInput>
    client.stage = "out"
    if (answer.errorCode === ErrorCode.FENCED_INSTANCE_ID) return this.die(client)
    if (answer.errorCode === ErrorCode.UNKNOWN_MEMBER_ID) client.memberId = ""
    if (answer.errorCode !== ErrorCode.NONE) return expect([25, 22, 27]).toContain(answer.errorCode)
    client.stage = "in"
  }

  live(client: Client): void {
    const { random, shell } = this
    const { groupId, memberId, generationId, instanceId } = client
    const dice = random.below(20)
    if (dice === 0) this.die(client)
    else if (dice === 1) {
      shell.leave([{ memberId, groupInstanceId: instanceId }], 5, groupId)
      this.die(client)
    } else if (dice === 2) {
      client.subscription = random.of(["topic", "topic,more", "more"])
      this.joinGroup(client)
    } else if (dice === 3) {
      const stale = shell.commitOffsets({ 0: 1 }, { groupId, memberId, generationIdOrMemberEpoch: generationId - 1, groupInstanceId: instanceId })
      this.calls.push(stale)
      shell.commit()
      expect(stale.answer.topics[0]?.partitions[0]?.errorCode).not.toBe(0)
    } else if (dice < 8) this.commitOffset(client)
    else this.beat(client)
  }

  commitOffset(client: Client): void {
    const { groupId, memberId, generationId: generationIdOrMemberEpoch, instanceId: groupInstanceId } = client
    const view = this.shell.shard.inspect(groupId)
    const call = this.shell.commitOffsets({ [this.random.below(partitionCount)]: this.steps }, { groupId, memberId, generationIdOrMemberEpoch, groupInstanceId })
    this.calls.push(call)
    this.shell.commit()
    const isCurrent = view?.generationId === generationIdOrMemberEpoch && view.members.some((member) => member.memberId === memberId)
    if (!isCurrent) expect(call.answer.topics[0]?.partitions[0]?.errorCode).not.toBe(0)
    else if (view.state !== "CompletingRebalance") expect(call.answer.topics[0]?.partitions[0]?.errorCode).toBe(0)
  }

  beat(client: Client): void {
    const call = this.shell.heartbeat(client.memberId, client.generationId, client.instanceId, client.groupId)
    this.calls.push(call)
    this.shell.commit()
    const { errorCode } = call.answer
    expect([0, 22, 25, 27, 82]).toContain(errorCode)
    if (errorCode === ErrorCode.FENCED_INSTANCE_ID) return this.die(client)
    if (errorCode === ErrorCode.UNKNOWN_MEMBER_ID) client.memberId = ""
    if (errorCode !== ErrorCode.NONE) client.stage = "out"
  }

  /** After each decision. */
  check(isTick: boolean): void {
    const { shell } = this
    for (; this.followed < shell.log.length; this.followed += 1) this.follower.replay(shell.log[this.followed]!, this.followed)
    expect(this.follower.durableState()).toEqual(shell.shard.durableState())
    let members = 0
    let bytes = 0
    let timers = 0
    for (const groupId of groupIds) {
      const view = shell.shard.inspect(groupId)
      if (view === undefined) {
        this.forgetDeleted(groupId)
        continue
      }
      members += view.members.length + view.pendingMemberIds.length
      for (const member of view.members) bytes += member.bytes
      for (const memberId of view.pendingMemberIds) bytes += memberId.length
      timers += this.checkGroup(groupId, view, isTick) + view.pendingMemberIds.length
    }
    expect(shell.shard.usage()).toMatchObject({ members, memberBytes: bytes })
    // One more may be the search for expired offsets.
    expect(shell.shard.usage().timers - timers).toBeGreaterThanOrEqual(0)
    expect(shell.shard.usage().timers - timers).toBeLessThanOrEqual(1)
  }

  /** A group that was deleted starts over at generation 0. */
  forgetDeleted(groupId: string): void {
    const stored = (this.shell.shard.durableState() as Array<{ groupId: string, metadata?: { generation: number } }>).find((group) => group.groupId === groupId)
    this.generations.set(groupId, stored?.metadata?.generation ?? 0)
    if (stored !== undefined) return
    for (const key of this.told.keys()) if (key.startsWith(`${groupId}/`)) this.told.delete(key)
    for (const [call, owner] of this.owners) if (owner.startsWith(`${groupId}/`)) this.owners.delete(call)
  }

  /** Returns how many deadlines are armed. */
  checkGroup(groupId: string, view: NonNullable<ReturnType<GroupShard["inspect"]>>, isTick: boolean): number {
    const { monotonicMillis, shard } = this.shell
    const before = this.generations.get(groupId) ?? view.generationId
    expect(view.generationId - before).toBeGreaterThanOrEqual(0)
    expect(view.generationId - before).toBeLessThanOrEqual(isTick ? 2 : 1)
    this.generations.set(groupId, view.generationId)
    const ids = view.members.map(({ memberId }) => memberId)
    expect(view.state === "Empty").toBe(view.members.length === 0 && view.state !== "PreparingRebalance")
    if (ids.length > 0) expect(ids).toContain(view.leaderId)
    const deadlines = [view.joinDeadlineMillis, view.syncDeadlineMillis]
    expect(view.joinDeadlineMillis < Infinity).toBe(view.state === "PreparingRebalance")
    expect(view.syncDeadlineMillis < Infinity).toBe(view.members.some(({ needsSync }) => needsSync))
    for (const member of view.members) {
      deadlines.push(member.sessionDeadlineMillis)
      if (!member.isWaiting) expect(member.sessionDeadlineMillis).toBeLessThan(Infinity)
      if (view.state === "Stable") expect(member.isWaiting).toBe(false)
    }
    expect(shard.nextDeadlineMillis()).toBeLessThanOrEqual(Math.min(...deadlines))
    if (isTick) for (const deadline of deadlines) expect(deadline).toBeGreaterThanOrEqual(monotonicMillis)
    return deadlines.filter((deadline) => deadline < Infinity).length
  }

  /** Within a generation no partition has two owners; a static member that returned owns what it had. */
  checkOwners(key: string, response: SyncGroupResponseInput): void {
    const [groupId, generationId, owner] = key.split("/")
    const assignment = text(response.assignment)
    if (assignment === "") return
    for (const partition of assignment.split(",")) {
      const told = `${groupId}/${generationId}/${partition}`
      expect(this.told.get(told) ?? owner).toBe(owner)
      this.told.set(told, owner ?? "")
    }
  }

  /** All clients fall silent: everything comes to rest, is answered, and is forgotten. */
  settle(): void {
    this.shell.autoCommit = true
    this.shell.commit()
    this.shell.advance(3 * 3600_000)
    for (const call of this.calls) if (!call.isAbandoned) expect(call.response).toBeDefined()
    expect(this.shell.shard.usage()).toMatchObject({ liveGroups: 0, members: 0, memberBytes: 0, waitingRequests: 0 })
    expect(this.shell.shard.usage().timers).toBeLessThanOrEqual(1)
    for (const { groupState } of this.shell.list()) expect(groupState).toBe("Empty")
    expect(this.shell.replayed().durableState()).toEqual(this.shell.shard.durableState())
    this.shell.advance(8 * 24 * 3600_000)
    expect(this.shell.list()).toEqual([])
    expect(this.shell.shard.usage()).toMatchObject({ groups: 0, offsets: 0, timers: 0 })
    expect(this.shell.shard.nextDeadlineMillis()).toBe(Infinity)
  }
}

describe("random members", () => {
  const seeds = Number(process.env["SEEDS"] ?? 30)
  const first = Number(process.env["SEED"] ?? 1)
  for (let seed = first; seed < first + seeds; seed += 1) {
    it(`seed ${seed}`, () => {
      const world = new World(seed)
      for (let step = 0; step < 400; step += 1) world.step()
      world.settle()
    })
  }
})
