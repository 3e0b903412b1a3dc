import type { History } from "../../History.ts"
import { sleep } from "../../internal/sleep.ts"
import type { SimulatedCluster } from "../../SimulatedCluster.ts"
import type { Coverage } from "../oracles/Coverage.ts"
import type { PartitionOracle } from "../oracles/PartitionOracle.ts"
import type { QuorumOracle } from "../oracles/QuorumOracle.ts"
import type { StallOracle } from "../oracles/StallOracle.ts"
import { groupSessionMillis } from "../workload/GroupTask.ts"
import type { Workload } from "../workload/Workload.ts"
import type { BusKind } from "../world/SimulatedBus.ts"
import type { DiskKind, SimulatedMember } from "../world/SimulatedMember.ts"
import type { AdminCalls } from "./AdminCalls.ts"
import { FaultAtlas } from "./FaultAtlas.ts"
import type { FaultKind, PlannedFault } from "./FaultPlan.ts"

export interface FaultsOptions {
  readonly cluster: SimulatedCluster
  readonly partitions: PartitionOracle
  readonly quorum: QuorumOracle
  readonly stalls: StallOracle
  readonly admin: AdminCalls
  readonly coverage: Coverage
  readonly history: History
  readonly workload: Workload
}

/** Answers false where the cluster need not survive the fault now, or it makes no sense. */
type Action = (member: SimulatedMember, fault: PlannedFault) => boolean

const restartMillisMax = 30_000
const wallJumpMillisMax = 3_500_000
/** Every batch is at least as long as its head. */
const bitsOfHead = 61 * 8

/** Does to a cluster what the plan says, as far as the atlas allows it. */
export class Faults {
  readonly #options: FaultsOptions
  readonly #atlas: FaultAtlas
  readonly #undo = new Set<() => void>()
  #isHealed = false

  constructor(options: FaultsOptions) {
    this.#options = options
    this.#atlas = new FaultAtlas(options.cluster, () => options.partitions.rotten().length === 0)
  }

  /** Orders all of them, beginning now. */
  schedule(plan: ReadonlyArray<PlannedFault>): void {
    for (const fault of plan) this.#options.cluster.clock.after(fault.atMillis, () => this.#inject(fault))
  }

  /** Ends everything that lasts, and starts what is down. */
  heal(): void {
    const { cluster } = this.#options
    this.#isHealed = true
    this.#endLasting()
    for (const member of cluster.members) {
      member.resume()
      member.slowFlush(undefined)
      member.freeDisk()
      this.#start(member)
    }
  }

  /** What lasts ends now: links are open, disks are as fast as ever, and who slept is awake. */
  #endLasting(): void {
    const { cluster } = this.#options
    for (const undo of this.#undo) undo()
    cluster.network.heal()
    cluster.net.heal()
  }

  #inject(fault: PlannedFault): void {
    const { cluster, coverage, history } = this.#options
    if (this.#isHealed || this.#atlas.isFragile) return
    const member = this.#targetOf(fault)
    if (member === undefined || !this.#actions[fault.kind](member, fault)) return
    cluster.trace.note(`fault ${fault.kind} on ${member.host} for ${fault.millis} ms`)
    coverage.add(`fault ${fault.kind}`)
    history.record({ process: "faults", f: "fault", meta: { kind: fault.kind, node: member.nodeId, millis: fault.millis } })
  }

  #targetOf({ draw, target }: PlannedFault): SimulatedMember | undefined {
    const { cluster } = this.#options
    const any = cluster.members[draw % cluster.members.length]
    if (target === "controller") return cluster.controllerOf() ?? any
    if (target === "coordinator") return cluster.leaderOf("__consumer_offsets", draw % 3) ?? any
    if (target === "leader") return cluster.leaderOf("topic-1", 0) ?? any
    return any
  }

  readonly #actions: Readonly<Record<FaultKind, Action>> = {
    kill: (member, fault) => this.#crash(member, fault, () => member.kill(fault.draw % 2 === 1)),
    powerLoss: (member, fault) => this.#crash(member, fault, () => member.powerLoss()),
    killAll: (_, fault) => {
      const { members } = this.#options.cluster
      for (const member of members) {
        if (!member.isUp) continue
        // Some are back before others, so that it matters what each of them had.
        const millis = fault.millis + (fault.draw >>> member.nodeId) % 8 * 200
        this.#crash(member, { ...fault, millis }, () => member.kill((fault.draw >>> (8 + member.nodeId)) % 2 === 1))
      }
      return true
    },
    crashAtWrite: (member, fault) => this.#crashAtWrite(member, fault),
    pause: (member, { millis }) => this.#pause(member, millis * 2),
    // Longer than followers may lag, shorter than a session: who sleeps so long leads on.
    nap: (member, { draw }) => this.#pause(member, (member.node?.config.get("replica.lag.time.max.ms") ?? 0) * (1.1 + draw % 30 / 100)),
    stop: (member, { millis }) => {
      if (!member.isServing || member.isPaused) return false
      this.#stop(member, millis)
      return true
    },
    rollingRestart: () => {
      const { members } = this.#options.cluster
      if (!this.#atlas.isWhole()) return false
      void this.#roll(members)
      return true
    },
    isolate: (member, { draw, millis }) =>
      this.#block(this.#others(member).flatMap((host) => [[member.host, host], [host, member.host]]), millis, busKindOf(draw)),
    isolateOneWay: (member, { draw, millis }) =>
      this.#block(this.#others(member).map((host) => draw % 2 === 0 ? [member.host, host] : [host, member.host]), millis, busKindOf(draw)),
    halves: (_, { draw, millis }) => {
      const hosts = this.#options.cluster.members.map(({ host }) => host)
      const side = (host: string): boolean => (draw >>> hosts.indexOf(host)) % 2 === 1
      return this.#block(hosts.flatMap((a) => hosts.filter((b) => side(a) !== side(b)).map((b) => [a, b])), millis)
    },
    clog: (member, { draw, millis }) => {
      const others = this.#others(member)
      const other = others[draw % others.length]!
      this.#options.cluster.network.clog(member.host, other, Math.min(millis, 5_000))
      return true
    },
    noise: (_, { draw, millis }) => {
      const { network } = this.#options.cluster
      const lossPerMille = [2, 20, 100, 300][draw % 4]!
      network.conditions = { lossPerMille, duplicationPerMille: (draw >>> 10) % 500, delayMillisMean: [1, 10, 50, 100][(draw >>> 20) % 4]! }
      this.#later(millis, () => {
        network.conditions = { lossPerMille: 0, duplicationPerMille: 0, delayMillisMean: 0 }
      })
      return true
    },
    deafLeader: (member, fault) => this.#deafen(member, fault),
    busDrop: (member, { draw }) => {
      this.#options.cluster.network.drop(member.host, draw % 1_500, busKindOf(draw))
      return true
    },
    busRestart: (_, { draw }) => {
      const { members, network } = this.#options.cluster
      for (const { host } of members) network.drop(host, 300 + draw % 2_000)
      return true
    },
    hide: (member, { millis }) => {
      const { network } = this.#options.cluster
      network.hide(member.host)
      this.#later(millis, () => network.reveal(member.host))
      return true
    },
    clientCut: (_, { draw }) => {
      const { cluster, workload: { hosts } } = this.#options
      cluster.net.cut(hosts[draw % hosts.length]!)
      return true
    },
    clientPartition: (member, { draw, millis }) => {
      const { workload: { hosts } } = this.#options
      return this.#cutOff(hosts[draw % hosts.length]!, [member.host], millis)
    },
    memberPartition: (_, { draw }) => {
      const { cluster, workload: { memberHosts } } = this.#options
      return this.#cutOff(memberHosts[draw % memberHosts.length]!, cluster.members.map(({ host }) => host), groupSessionMillis + 300 + (draw >>> 4) % 4_000)
    },
    slowFlush: (member, { draw, millis }) => {
      member.slowFlush(50 + draw % 950, disksOf(draw))
      this.#later(millis, () => member.slowFlush(undefined, disksOf(draw)))
      return true
    },
    failCommits: (member, { draw }) => {
      if (!this.#atlas.mayLoseStorage()) return false
      member.failCommits(1 + draw % 2, draw % 3 === 0 ? 1 : 0, (draw >>> 4) % 3 === 0 ? "metadata" : "data")
      return true
    },
    fillDisk: (member, { draw, millis }) => {
      if (!this.#atlas.mayLoseStorage()) return false
      member.fillDisk(disksOf(draw))
      this.#later(millis, () => member.freeDisk())
      return true
    },
    wipe: (member, { millis }) => {
      if (!this.#atlas.mayWipe(member)) return false
      this.#atlas.emptied(member)
      return this.#loseStorage(member, millis, this.#atlas.isFragile, () => member.wipe())
    },
    slowJoin: (member, fault) => this.#slowJoin(member, fault),
    staleJoin: (member, fault) => this.#staleJoin(member, fault),
    restoreOldCopy: (member, { millis }) => {
      if (!member.hasCopy) {
        member.saveCopy()
        return true
      }
      if (!this.#atlas.mayRollBack(member)) return false
      this.#atlas.rolledBack(member)
      return this.#loseStorage(member, Math.min(millis, 1_000), true, () => member.restoreOldCopy())
    },
    corrupt: (member, { draw }) => this.#corrupt(member, draw),
    jumpWall: (member, { draw }) => {
      if (member.clock === undefined) return false
      // Together less than an hour from the true time: beyond that brokers refuse what clients date (message.timestamp.after.max.ms).
      member.clock.wallJumpMillis = (draw % (2 * wallJumpMillisMax)) - wallJumpMillisMax
      return true
    },
    createTopic: (_, { draw }) => this.#administer(() => this.#options.admin.createTopic(draw)),
    deleteTopic: () => this.#administer(() => this.#options.admin.deleteTopic()),
    minIsr: (_, { draw }) => this.#administer(() => this.#options.admin.changeMinIsr(draw)),
    reassign: (_, { draw }) => this.#administer(() => this.#options.admin.reassign(draw)),
    electPreferred: () => this.#administer(() => this.#options.admin.electPreferred())
  }

  #cutOff(client: string, hosts: ReadonlyArray<string>, millis: number): boolean {
    const { net } = this.#options.cluster
    for (const host of hosts) net.partition(client, host)
    this.#later(millis, () => {
      for (const host of hosts) net.heal(client, host)
    })
    return true
  }

  #administer(call: () => void): boolean {
    call()
    return true
  }

  #crash(member: SimulatedMember, { millis }: Pick<PlannedFault, "millis">, crash: () => void): boolean {
    if (!member.isUp) return false
    crash()
    this.#later(Math.min(millis, restartMillisMax), () => this.#start(member))
    return true
  }

  #pause(member: SimulatedMember, millis: number): boolean {
    if (!member.isUp || member.isPaused || millis <= 0) return false
    this.#options.stalls.fallsAsleep(member)
    member.pause()
    this.#later(millis, () => member.resume())
    return true
  }

  /**
   * A process dies right behind one of its next writes, when that was handed to the disk or when it was durable, and is back at once; or
   * all die, and are back one after the other.
   */
  #crashAtWrite(member: SimulatedMember, { draw, millis }: PlannedFault): boolean {
    const { cluster } = this.#options
    if (!member.isUp || member.isPaused) return false
    const kind = draw % 3 === 0 ? "data" : "metadata"
    const operation = (draw >>> 4) % 2 === 0 ? "commit" : "flush"
    this.#atWrite(member, kind, operation, 1 + (draw >>> 6) % 8, (draw >>> 10) % 4 / 2, () => {
      for (const it of (draw >>> 12) % 4 === 0 ? cluster.members : [member]) {
        if (!it.isUp) continue
        it.kill((draw >>> 14) % 4 === 0)
        this.#later(5 + (draw >>> (16 + it.nodeId)) % 8 * Math.min(millis, 1_000) / 8, () => this.#start(it))
      }
    })
    return true
  }

  /** Some moments behind the process's next such operation but `count - 1`, if it is the same life then. */
  #atWrite(member: SimulatedMember, kind: "data" | "metadata", operation: "commit" | "flush", count: number, millis: number, call: () => void): void {
    const { lives } = member
    let left = count
    member.watchWrites((written, done) => {
      if (written !== kind || done !== operation || --left > 0) return false
      this.#options.cluster.clock.after(millis, () => {
        if (!this.#isHealed && !this.#atlas.isFragile && member.lives === lives && member.isUp) call()
      })
      return true
    })
  }

  /** A follower with a slow disk joins, and while it is behind, its leader dies behind a write of which nobody else knows that it is committed. */
  #slowJoin(leader: SimulatedMember, { draw, millis }: PlannedFault): boolean {
    const { members } = this.#options.cluster
    const follower = members.find((it) => it !== leader && it.isServing)
    if (follower === undefined || !leader.isServing || leader.isPaused) return false
    follower.kill()
    this.#later(300 + draw % 700, () => {
      this.#start(follower)
      follower.slowFlush(50 + (draw >>> 10) % 600, ["data"])
      this.#later(millis + 2_000, () => follower.slowFlush(undefined, ["data"]))
      this.#later(200 + (draw >>> 20) % 800, () => {
        if (leader.isServing) this.#atWrite(leader, "data", "flush", 1, (draw >>> 24) % 8 / 2, () => this.#crash(leader, { millis }, () => leader.kill()))
      })
    })
    return true
  }

  /** A follower is about to join, and what its leader asks for is held up; meanwhile the follower falls back to what it had before it came. */
  #staleJoin(leader: SimulatedMember, { draw }: PlannedFault): boolean {
    const { cluster } = this.#options
    const { controller, follower } = this.#aside(leader)
    if (controller === undefined || follower === undefined || !this.#atlas.mayLoseStorage()) return false
    const sessionMillis = leader.node?.config.get("broker.session.timeout.ms") ?? 0
    follower.kill()
    const copy = follower.disks.data.copy()
    this.#later(200 + draw % 1_500, () => {
      this.#start(follower)
      this.#later(20 + (draw >>> 12) % 500, () => {
        if (this.#isHealed) return
        cluster.network.clog(leader.host, controller.host, 0.9 * sessionMillis)
        this.#later(50 + (draw >>> 20) % 250, () => {
          if (!this.#atlas.mayWipe(follower) || cluster.controllerOf() === follower) return
          this.#atlas.rolledBack(follower)
          this.#loseStorage(follower, 5, false, () => follower.disks.data.restore(copy))
          // Nor does it get back meanwhile what it had.
          this.#block([[leader.host, follower.host]], sessionMillis, "data")
        })
      })
    })
    return true
  }

  /** A follower comes back, and while it joins, its leader does not hear the controller: what is decided and what is told part. */
  #deafen(leader: SimulatedMember, { draw, millis }: PlannedFault): boolean {
    const { controller, follower } = this.#aside(leader)
    if (controller === undefined || follower === undefined) return false
    follower.kill()
    this.#later(400 + draw % 400, () => {
      this.#start(follower)
      this.#later((draw >>> 10) % 400, () => {
        if (!this.#isHealed) this.#block([[controller.host, leader.host]], Math.min(millis, 2_500), "control")
      })
    })
    return true
  }

  /** The controller, where it is not the leader itself, and a follower that is neither. */
  #aside(leader: SimulatedMember): { readonly controller?: SimulatedMember; readonly follower?: SimulatedMember } {
    const { cluster } = this.#options
    const controller = cluster.controllerOf()
    if (controller === undefined || controller === leader) return {}
    const follower = cluster.members.find((it) => it !== leader && it !== controller && it.isServing)
    return { controller, ...(follower === undefined ? {} : { follower }) }
  }

  #loseStorage(member: SimulatedMember, millis: number, isSoleFault: boolean, lose: () => void): boolean {
    const { coverage, partitions, quorum } = this.#options
    if (member.isUp) member.kill()
    if (isSoleFault) {
      // Only now, as one that slept would wake within its last turn.
      this.#endLasting()
      // What was to end a fault of its own may have started it.
      if (member.isUp) member.kill()
    }
    lose()
    partitions.storageLost(member.nodeId)
    quorum.storageLost(member)
    coverage.add("storage lost")
    this.#later(millis, () => this.#start(member))
    return true
  }

  /** One bit of a committed batch, while all other copies are good. */
  #corrupt(member: SimulatedMember, draw: number): boolean {
    const { partitions } = this.#options
    if (!this.#atlas.mayLoseStorage()) return false
    const replicas = [...member.node!.partitions].filter(({ highWatermark, logStartOffset, topic }) =>
      highWatermark > logStartOffset && !topic.startsWith("__"))
    const actor = replicas[draw % replicas.length]
    if (actor === undefined) return false
    const { highWatermark, logStartOffset, partition, topicId } = actor
    const offset = logStartOffset + (draw >>> 4) % (highWatermark - logStartOffset)
    partitions.damaged(member.nodeId, topicId, partition)
    member.disks.data.corrupt(topicId, partition, offset, draw % bitsOfHead)
    return true
  }

  #start(member: SimulatedMember): void {
    if (member.isUp) return
    if (member.lives > 0) this.#options.coverage.add("restart")
    member.start().catch((cause: unknown) => this.#options.cluster.crashed(member, cause))
  }

  #stop(member: SimulatedMember, millis: number): void {
    const { cluster, coverage } = this.#options
    member.stop().then(() => {
      coverage.add("controlled shutdown")
      this.#later(millis, () => this.#start(member))
    }, (cause: unknown) => cluster.crashed(member, cause))
  }

  async #roll(members: ReadonlyArray<SimulatedMember>): Promise<void> {
    const { cluster, coverage } = this.#options
    for (const member of members) {
      if (this.#isHealed || this.#atlas.isFragile || !member.isServing || member.isPaused) return
      await member.stop()
      if (member.isUp) return
      coverage.add("controlled shutdown")
      this.#start(member)
      for (let waits = 0; waits < 40 && !this.#isHealed && !this.#atlas.isWhole(); waits++) {
        await sleep(cluster.clock, 250)
      }
    }
  }

  #block(links: ReadonlyArray<ReadonlyArray<string>>, millis: number, kind?: BusKind): boolean {
    const { network } = this.#options.cluster
    if (links.length === 0) return false
    for (const [from, to] of links) network.block(from!, to!, kind)
    this.#later(millis, () => {
      for (const [from, to] of links) network.unblock(from!, to!, kind)
    })
    return true
  }

  #others(member: SimulatedMember): ReadonlyArray<string> {
    return this.#options.cluster.members.filter((it) => it !== member).map(({ host }) => host)
  }

  /** After this time, or when everything is healed. */
  #later(millis: number, undo: () => void): void {
    const once = (): void => {
      if (!this.#undo.delete(once)) return
      cancel()
      undo()
    }
    this.#undo.add(once)
    const cancel = this.#options.cluster.clock.after(millis, once)
  }
}

/** Connections for control and for data break together, or one without the other. */
const busKindOf = (draw: number): BusKind | undefined => ([undefined, "control", "data"] as const)[(draw >>> 12) % 3]

const disksOf = (draw: number): ReadonlyArray<DiskKind> => ([["data"], ["metadata"], ["data", "metadata"]] as const)[(draw >>> 12) % 3]!
