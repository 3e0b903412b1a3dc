import type { Node } from "@tailrace/node"
import { SeededRandom } from "@tailrace/runtime/simulated"
import { checkHistory } from "../checkHistory.ts"
import { History } from "../History.ts"
import type { Operation } from "../Operation.ts"
import { SimulatedCluster } from "../SimulatedCluster.ts"
import { type Conditions, drawConditions } from "./Conditions.ts"
import { AdminCalls } from "./faults/AdminCalls.ts"
import { FaultAtlas } from "./faults/FaultAtlas.ts"
import { drawFaults, type PlannedFault } from "./faults/FaultPlan.ts"
import { isGivenUp } from "./faults/isGivenUp.ts"
import { Faults } from "./faults/Faults.ts"
import { BusCoverage } from "./oracles/BusCoverage.ts"
import { Coverage } from "./oracles/Coverage.ts"
import { FenceOracle } from "./oracles/FenceOracle.ts"
import { PartitionOracle } from "./oracles/PartitionOracle.ts"
import { QuorumOracle } from "./oracles/QuorumOracle.ts"
import { StallOracle } from "./oracles/StallOracle.ts"
import { demand, Violation } from "./oracles/Violation.ts"
import type { SimulationResult } from "./SimulationResult.ts"
import { Workload } from "./workload/Workload.ts"

export interface SimulationOptions {
  readonly seed: number
  /** Instead of those that the seed draws. */
  readonly plan?: ReadonlyArray<PlannedFault>
  readonly isVerbose?: boolean
}

const formMillisMax = 30_000
const faultMillis = 60_000
const leadersMillisMax = 10_000
const settleMillisMax = 60_000
const drainMillisMax = 30_000
const mendedMillis = 500
const acknowledgedMin = 500
const trafficMillisMax = 15_000
const trafficRoundsMax = 4
/** Clients work on for a while when everything is healed. */
const settledMillis = 3_000

/**
 * One seed: a cluster forms, clients work while faults come and go, everything heals, and the cluster has to be whole again in time.
 * The rules are checked after each turn; at the end the history of the clients is held against what they were promised.
 */
export class Simulation {
  readonly seed: number
  readonly cluster: SimulatedCluster
  readonly history: History
  readonly coverage = new Coverage()
  readonly #conditions: Conditions
  readonly #plan: ReadonlyArray<PlannedFault>
  readonly #partitions: PartitionOracle
  readonly #quorum: QuorumOracle
  readonly #stalls: StallOracle
  readonly #fences: FenceOracle
  readonly #workload: Workload
  readonly #admin: AdminCalls
  readonly #topicIds = new Map<string, string>()
  #acknowledgedCount = 0

  constructor({ isVerbose = false, plan, seed }: SimulationOptions) {
    const random = new SeededRandom(seed)
    const [conditionsRandom, planRandom, workloadRandom, adminRandom] = [random.fork(), random.fork(), random.fork(), random.fork()]
    this.seed = seed
    this.#conditions = drawConditions(conditionsRandom)
    this.#plan = plan ?? drawFaults(planRandom, 1_000, faultMillis)
    const { cutsWrites, member, nodes, properties, topics, workload } = this.#conditions
    this.cluster = new SimulatedCluster({
      seed, isVerbose, nodes, properties, member, cutsWrites,
      onTurn: (touched) => {
        for (const it of touched) {
          this.#quorum.check(it)
          this.#partitions.check(it)
          this.#fences.check(it)
        }
      }
    })
    const { clock, members } = this.cluster
    this.history = new History(clock, {
      onOperation: (operation) => this.#operated(operation)
    })
    this.#partitions = new PartitionOracle({ members, newest: () => this.cluster.newest(), coverage: this.coverage })
    this.#quorum = new QuorumOracle(this.coverage, () => clock.monotonicMillis())
    this.#stalls = new StallOracle(this.cluster)
    this.#fences = new FenceOracle(this.cluster)
    const bus = new BusCoverage({
      coverage: this.coverage, term: () => this.#quorum.term, nowMillis: () => clock.monotonicMillis(),
      onProposal: (from, request) => this.#stalls.proposed(from, request)
    })
    this.cluster.network.watcher = bus
    this.#quorum.onElected = () => bus.controllerChanged()
    this.#workload = new Workload({
      cluster: this.cluster, history: this.history, topics
    }, workload, workloadRandom)
    this.#admin = new AdminCalls(this.cluster, topics, adminRandom, (name) => this.coverage.add(name))
  }

  async run(): Promise<SimulationResult> {
    const onUncaught = (cause: unknown): void => this.cluster.fail(cause instanceof Error ? cause : new Error(String(cause)))
    process.on("unhandledRejection", onUncaught)
    process.on("uncaughtException", onUncaught)
    let failure: SimulationResult["failure"]
    try {
      await this.#play()
    } catch (cause) {
      const error = cause as Error
      failure = { rule: error instanceof Violation ? error.rule : "crash", message: error.message, stack: stackOf(error) }
    } finally {
      process.off("unhandledRejection", onUncaught)
      process.off("uncaughtException", onUncaught)
      await this.cluster.close()
    }
    return this.#result(failure)
  }

  async #play(): Promise<void> {
    const { cluster } = this
    await cluster.run(Promise.all(cluster.members.map((member) => member.start())), formMillisMax)
    await cluster.run(this.#workload.createTopics(3), formMillisMax)
    this.#noteTopics()
    this.#workload.start()
    const faults = new Faults({
      cluster, partitions: this.#partitions, quorum: this.#quorum, stalls: this.#stalls, admin: this.#admin, coverage: this.coverage, history: this.history,
      workload: this.#workload
    })
    faults.schedule(this.#plan)
    await cluster.advance(faultMillis)
    faults.heal()
    await this.#recover()
    await this.#compare()
  }

  async #recover(): Promise<void> {
    const { cluster } = this
    const isLed = await cluster.until(() => this.#isLed(), leadersMillisMax)
    demand(isLed, "liveness", () => `not every partition has a leader ${leadersMillisMax} ms after everything healed: ${this.#describe()}`)
    await this.#electGivenUp()
    await cluster.advance(settledMillis)
    await this.#makeTraffic()
    await this.#inTime(this.#workload.stop(), drainMillisMax, "clients do not come to an end")
    await this.#inTime(this.#admin.settle(), drainMillisMax, "administrators do not come to an end")
    const { forgotten } = this.#admin
    demand(forgotten.length === 0, "R3", () => `${forgotten.join(", ")} was created, and is not there`)
    await this.#becomeWhole()
    await this.#mend()
    const unread = await cluster.run(this.#workload.drain(), 2 * drainMillisMax)
    demand(unread.length === 0, "liveness", () => `${unread.join(", ")} cannot be read within ${drainMillisMax} ms: ${this.#describe()}`)
  }

  /**
   * Where faults left clients little to do, they do the rest now: what says little is not worth the run. What rotted may be found only
   * now, and where nobody else was in sync yet, the administrator is asked again.
   */
  async #makeTraffic(): Promise<void> {
    const isEnough = (): boolean => this.#acknowledgedCount >= acknowledgedMin
    for (let rounds = 0; rounds < trafficRoundsMax && !await this.cluster.until(isEnough, trafficMillisMax); rounds++) {
      await this.#electGivenUp()
    }
  }

  /** Whoever led last is preferred, so an administrator waits until everybody is there. */
  async #electGivenUp(): Promise<void> {
    await this.cluster.until(() => [...this.cluster.newest()?.metadata.brokers ?? []].every(({ fenced }) => !fenced), leadersMillisMax)
    await this.#inTime(this.#admin.electGivenUp(), drainMillisMax, "administrators do not come to an end")
  }

  async #becomeWhole(): Promise<void> {
    const atlas = new FaultAtlas(this.cluster, () => true)
    const isWhole = await this.cluster.until(() => atlas.isWhole() && this.#isEven(), settleMillisMax)
    demand(isWhole, "liveness", () => `replicas are not in sync ${settleMillisMax} ms after everything healed: ${this.#describe()}`)
  }

  /** What rotted is repaired, at the latest when nothing of it is in memory any more and the scrub has come round. */
  async #mend(): Promise<void> {
    const rotten = this.#partitions.rotten()
    if (rotten.length === 0) return
    for (const member of rotten) {
      member.kill()
      member.start().catch((cause: unknown) => this.cluster.crashed(member, cause))
    }
    for (const until = this.cluster.clock.monotonicMillis() + settleMillisMax; this.#partitions.rotten().length > 0 || !rotten.every(({ isServing }) => isServing);) {
      demand(this.cluster.clock.monotonicMillis() < until, "liveness", () => `what rotted is not repaired ${settleMillisMax} ms after a restart`)
      await this.cluster.advance(mendedMillis)
    }
    await this.#becomeWhole()
  }

  async #inTime(promise: Promise<void>, millisMax: number, what: string): Promise<void> {
    let isDone = false
    const done = promise.then(() => void (isDone = true))
    done.catch(() => void (isDone = true))
    const isInTime = await this.cluster.until(() => isDone, millisMax)
    demand(isInTime, "liveness", () => `${what} within ${millisMax} ms after everything healed: ${this.#describe()}`)
    await done
  }

  #isLed(): boolean {
    const { metadata } = this.cluster.newest() ?? {}
    if (metadata === undefined || metadata.topicCount === 0) return false
    for (const { partitions, topicId } of metadata.topics) {
      for (const [partition, image] of partitions.entries()) {
        const { leader } = image
        if (!isGivenUp(image) && this.cluster.members[leader - 1]?.node?.partition(topicId, partition)?.isLeader !== true) return false
      }
    }
    return true
  }

  /** Every replica ends where its leader ends, and everything is committed. */
  #isEven(): boolean {
    const { metadata } = this.cluster.newest()!
    for (const { partitions, topicId } of metadata.topics) {
      for (const [partition, image] of partitions.entries()) {
        const { leader, replicas } = image
        if (isGivenUp(image)) continue
        const end = this.cluster.members[leader - 1]?.node?.partition(topicId, partition)?.log.appendedEnd
        for (const id of replicas) {
          const actor = this.cluster.members[id - 1]?.node?.partition(topicId, partition)
          if (actor === undefined || actor.log.durableEnd !== end || actor.highWatermark !== end) return false
        }
      }
    }
    return true
  }

  /** D and G: what clients saw; then the bytes of all replicas and the metadata of all nodes, which are the same. */
  async #compare(): Promise<void> {
    const { cluster } = this
    const checked = checkHistory(this.history)
    const bad = checked.findings.find(({ severity }) => severity === "bad")
    demand(bad === undefined, bad?.anomaly ?? "history", () => `${bad?.key}: ${bad?.message}`)
    const { metadata } = cluster.newest()!
    for (const { partitions, topicId } of metadata.topics) {
      for (const [partition, { replicas }] of partitions.entries()) {
        const log = this.#partitions.log(topicId, partition)
        for (const id of replicas) {
          const member = cluster.member(id)
          const actor = member.node!.partition(topicId, partition)!
          log.compare(member.host, member.disks.data, actor.log.logNumber, actor.logStartOffset, actor.highWatermark, true)
        }
      }
    }
    const snapshot = metadata.encodeSnapshot()
    for (const { host, node } of cluster.members) {
      const isSame = node!.metadataOffset !== cluster.newest()!.metadataOffset || node!.metadata.encodeSnapshot().equals(snapshot)
      demand(isSame, "R4", () => `${host} has other metadata than the others`)
    }
    const enough = checked.acknowledged
    demand(enough >= acknowledgedMin, "traffic", () => `${enough} acknowledged records say little, ${acknowledgedMin} are wanted`)
  }

  #noteTopics(): void {
    const metadata = this.cluster.newest()?.metadata
    for (const { name } of this.#conditions.topics) {
      const id = metadata?.topic(name)?.topicId
      if (id !== undefined) this.#topicIds.set(name, id)
    }
  }

  /**
   * P1, P12 and D8 from the outside: what is acknowledged to whoever wanted all replicas in sync to have it, and what anybody reads, is
   * committed by then.
   */
  #operated({ f, meta, records, type }: Operation): void {
    if (type !== "ok" || f !== "send" && f !== "poll") return
    if (f === "send") this.#acknowledgedCount += records.length
    for (const { key, offset, value } of records) {
      const id = this.#topicIds.get(key.slice(0, key.lastIndexOf("/")))
      if (id === undefined || offset < 0 || f === "send" && meta.acks !== "all") continue
      const log = this.#partitions.log(id, Number(key.slice(key.lastIndexOf("/") + 1)))
      if (log.has(offset)) continue
      const [rule, what] = f === "send" ? ["P12", "acknowledged"] : ["D8", "read"]
      this.cluster.fail(new Violation(rule!, `${key}: ${value} at ${offset} was ${what}, and ${log.end} is committed`))
    }
  }

  #describe(): string {
    const { cluster } = this
    const node = cluster.newest()
    const partitions = [...node?.metadata.topics ?? []].flatMap(({ name, partitions: all, topicId }) => all.map((it, partition) => {
      const ends = it.replicas.map((id) => {
        const actor = cluster.members[id - 1]?.node?.partition(topicId, partition)
        return actor === undefined ? `${id}:none` : `${id}:${actor.highWatermark}/${actor.log.durableEnd}/${actor.log.appendedEnd}@${actor.leaderEpoch}`
      })
      return `${name}/${partition} leader ${it.leader}@${it.leaderEpoch} isr ${it.isr.join()} elr ${(it.eligibleLeaderReplicas ?? []).join()} ends ${ends.join(" ")}`
    }))
    const members = cluster.members.map((member) => `${member.host} ${member.isServing ? "serves" : member.isUp ? "is up" : "is down"} ${
      member.node === undefined ? "" : quorumOf(member.node)} fenced ${node?.metadata.broker(member.nodeId)?.fenced}`)
    return [...members, ...partitions].join("; ")
  }

  #result(failure: SimulationResult["failure"]): SimulationResult {
    const { cluster, coverage, history, seed } = this
    const operations: Record<string, number> = {}
    for (const { f, type } of history.operations) operations[`${f} ${type}`] = (operations[`${f} ${type}`] ?? 0) + 1
    for (const member of cluster.members) {
      for (const [message, count] of member.log.counts) if (message in logged) coverage.add(logged[message]!, count)
    }
    return {
      seed, ...(failure === undefined ? {} : { failure }), simulatedMillis: Math.round(cluster.clock.monotonicMillis()), turns: cluster.turns,
      events: cluster.trace.events, traceHash: cluster.trace.hash, acknowledged: this.#acknowledgedCount, operations, coverage: coverage.toJSON(), plan: this.#plan
    }
  }
}

function quorumOf({ quorum: { status: { commit, configuration: { learners, voters }, role, self } } }: Node): string {
  const names = (keys: typeof voters): string => keys.map(({ directoryId, nodeId }) => `${nodeId}:${directoryId.slice(0, 4)}`).join()
  return `${role} ${self.directoryId.slice(0, 4)} commit ${commit} voters ${names(voters)} learners ${names(learners)}`
}

/** What nodes say themselves and nobody sees otherwise. */
const logged: Readonly<Record<string, string>> = {
  "the last run did not end in order; its logs were verified": "unclean start",
  "metadata snapshot": "metadata snapshot"
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : ""
  return `${error.stack ?? error.message}${cause}`
}
