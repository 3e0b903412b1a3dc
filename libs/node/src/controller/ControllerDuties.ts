import type { Bus } from "@tailrace/bus"
import { NotAvailable } from "@tailrace/contracts"
import {
  type AlterPartitionRequest, type AlterPartitionResponseInput, type BrokerHeartbeatRequest, type BrokerHeartbeatResponseInput, ErrorCode
} from "@tailrace/kafka-protocol"
import {
  alterPartition, balanceLeaders, type BrokerConfig, type BrokerEpochResponse, brokerHeartbeat, BrokerSessions, type Decision, type DecisionContext,
  fenceBroker, LeaderMoves, type MetadataImage, nameCluster, noteCommits, noteCommitsMillis, probeIntervalMillis, registerBroker, type RegisterBrokerRequest
} from "@tailrace/metadata"
import type { Clock, Logger } from "@tailrace/runtime"
import { probe, type ProbeResult } from "../lifecycle/probe.ts"
import type { Quorum } from "../quorum/Quorum.ts"

export interface ControllerDutiesOptions {
  /** Undefined for a node that is alone. */
  readonly bus: Bus | undefined
  readonly config: BrokerConfig
  readonly clock: Clock
  readonly logger: Logger
  readonly quorum: Quorum
  readonly isAlone: boolean
  readonly committed: () => MetadataImage
  /** The id of a cluster that has none yet. */
  readonly clusterId: () => string
  /** Runs a decision as the controller. Rejects with `NotAvailable` when this node is the controller no more. */
  readonly decide: <Response>(decide: (image: MetadataImage, context: DecisionContext) => Decision<Response>) => Promise<Response>
}

/** How often the controller looks who is silent, and at how many brokers each time. */
const watchMillisDefault = 50
const looksMax = 5

/** What the active controller does by itself, and what it remembers only as long as it is active. */
export class ControllerDuties {
  readonly #options: ControllerDutiesOptions
  readonly #watchMillis: number
  #sessions: BrokerSessions
  #moves: LeaderMoves
  /** The term in which this node is the controller; -1 while it is not. */
  #term = -1
  #lastWatchMillis = 0
  #nextBalanceMillis = Infinity
  #nextNoteMillis = Infinity
  #looked = 0
  readonly #fencing = new Set<number>()
  #cancel: () => void = () => undefined

  constructor(options: ControllerDutiesOptions) {
    const { config } = options
    this.#options = options
    this.#watchMillis = Math.min(watchMillisDefault, Math.ceil(config.get("broker.heartbeat.interval.ms") / 2))
    this.#sessions = new BrokerSessions(config.get("broker.session.timeout.ms"))
    this.#moves = this.#newMoves()
  }

  /** Nothing that an earlier controller heard is known here, so everybody gets a fresh session. */
  begin(term: number, image: MetadataImage): void {
    const { clock, clusterId, config, isAlone } = this.#options
    const now = clock.monotonicMillis()
    this.#term = term
    this.#sessions = new BrokerSessions(config.get("broker.session.timeout.ms"))
    this.#moves = this.#newMoves()
    this.#fencing.clear()
    this.#sessions.grantAll(image.brokers, now)
    if (image.clusterId === "") this.#run((current, context) => nameCluster(current, clusterId(), context))
    if (isAlone) return
    this.#lastWatchMillis = now
    this.#nextBalanceMillis = now + this.#balanceMillis
    this.#nextNoteMillis = now + noteCommitsMillis
    this.#watchLater(term)
  }

  end(): void {
    this.#term = -1
    this.#cancel()
  }

  register(image: MetadataImage, request: RegisterBrokerRequest, context: DecisionContext): Decision<BrokerEpochResponse> {
    const { isAlone } = this.#options
    return registerBroker(image, { ...request, isCaughtUp: isAlone }, context, isAlone ? undefined : this.#sessions)
  }

  heartbeat(image: MetadataImage, request: BrokerHeartbeatRequest, context: DecisionContext): Decision<BrokerHeartbeatResponseInput> {
    return brokerHeartbeat(image, this.#sessions, request, this.#options.clock.monotonicMillis(), context)
  }

  /** A request that was meant for another controller is refused: what that one refused must not be carried out here. */
  alterPartition(image: MetadataImage, request: AlterPartitionRequest, context: DecisionContext): Decision<AlterPartitionResponseInput> {
    if (request.controllerEpoch !== this.#term) return { records: [], response: { errorCode: ErrorCode.NOT_CONTROLLER, topics: [] } }
    const nowMillis = this.#options.clock.monotonicMillis()
    return alterPartition(image, request, context, { sessions: this.#sessions, nowMillis, moves: this.#moves })
  }

  #newMoves(): LeaderMoves {
    return new LeaderMoves(10 * this.#options.config.get("replica.lag.time.max.ms"))
  }

  get #balanceMillis(): number {
    return 1_000 * this.#options.config.get("leader.imbalance.check.interval.seconds")
  }

  /** Leaders go back to the preferred replicas, portion after portion. */
  #balance(): void {
    const { clock, decide, logger } = this.#options
    this.#nextBalanceMillis = clock.monotonicMillis() + this.#balanceMillis
    this.#handle(decide(balanceLeaders).then(({ hasMore, moved }) => {
      if (moved > 0) logger.info("leaders go back to the preferred replicas", { moved })
      if (hasMore) this.#nextBalanceMillis = clock.monotonicMillis()
    }))
  }

  #noteCommits(nowMillis: number): void {
    const sessions = this.#sessions
    this.#nextNoteMillis = nowMillis + noteCommitsMillis
    this.#run((image) => noteCommits(image, sessions))
  }

  #watchLater(term: number): void {
    this.#cancel = this.#options.clock.after(this.#watchMillis, () => {
      if (this.#term !== term) return
      this.#watch()
      this.#watchLater(term)
    })
  }

  #watch(): void {
    const now = this.#options.clock.monotonicMillis()
    const stalledMillis = this.#stalledMillis(now)
    this.#lastWatchMillis = now
    // What waits in the inbox of a process that slept is heard first.
    if (stalledMillis > 0) return this.#sessions.stalled(stalledMillis)
    for (const brokerId of this.#nextLooks()) this.#look(brokerId)
    for (const brokerId of this.#sessions.probesDue(now)) this.#probe(brokerId)
    if (now >= this.#nextBalanceMillis) this.#balance()
    if (now >= this.#nextNoteMillis) this.#noteCommits(now)
    this.#fenceExpired()
  }

  /** For how long this process has not looked although it was time to; 0 where that is no longer than a broker may be silent. */
  #stalledMillis(nowMillis: number): number {
    const millis = nowMillis - this.#lastWatchMillis - this.#watchMillis
    return millis > this.#options.config.get("broker.heartbeat.interval.ms") ? millis : 0
  }

  #fenceExpired(): void {
    const { clock, committed, logger } = this.#options
    const now = clock.monotonicMillis()
    const sessions = this.#sessions
    // A probe may be answered before the timer that notices that this process slept.
    if (this.#stalledMillis(now) > 0) return
    for (const { brokerEpoch, brokerId } of sessions.expired(committed(), now)) {
      if (this.#fencing.has(brokerId)) continue
      this.#fencing.add(brokerId)
      logger.warn("a broker is silent and is fenced", { brokerId, brokerEpoch })
      this.#run((image, context) => {
        // Its heartbeat may have waited in front of this, and was promised a session.
        const isSilent = sessions.expired(image, clock.monotonicMillis()).some((it) => it.brokerId === brokerId)
        return isSilent ? fenceBroker(image, brokerId, brokerEpoch, context, sessions) : { records: [], response: undefined }
      }, () => this.#fencing.delete(brokerId))
    }
  }

  /** Some of the brokers, in turn: a process that ended is missed at once, whatever the size of the cluster. */
  #nextLooks(): ReadonlyArray<number> {
    const unfenced = [...this.#options.committed().brokers].filter(({ fenced }) => !fenced).map(({ brokerId }) => brokerId)
    const others = unfenced.filter((brokerId) => brokerId !== this.#options.config.nodeId)
    const looks = Math.min(looksMax, others.length)
    const from = this.#looked
    this.#looked = others.length === 0 ? 0 : (from + looks) % others.length
    return Array.from({ length: looks }, (_, i) => others[(from + i) % others.length]!)
  }

  /** That the bus finds nobody is a hint; that it found somebody says nothing. */
  #look(brokerId: number): void {
    const { clock } = this.#options
    const sessions = this.#sessions
    if (sessions.isSuspect(brokerId)) return
    void this.#ask(brokerId).then((result) => {
      if (result === "gone") sessions.suspect(brokerId, clock.monotonicMillis())
    })
  }

  /** Only that the bus finds nobody counts against a broker; silence is what the session is for. */
  #probe(brokerId: number): void {
    const sessions = this.#sessions
    void this.#ask(brokerId).then((result) => {
      if (result !== "gone") return sessions.cleared(brokerId)
      sessions.probedInVain(brokerId)
      if (sessions === this.#sessions && this.#term >= 0) this.#fenceExpired()
    })
  }

  #ask(brokerId: number): Promise<ProbeResult> {
    const { bus, config } = this.#options
    if (bus === undefined) return Promise.resolve("silent")
    return probe({ bus, clusterName: config.get("cluster.name"), nodeId: brokerId }, probeIntervalMillis)
  }

  #run(decide: (image: MetadataImage, context: DecisionContext) => Decision<unknown>, settled: () => void = () => undefined): void {
    this.#handle(this.#options.decide(decide).finally(settled))
  }

  #handle(duty: Promise<unknown>): void {
    duty.catch((cause: unknown) => {
      if (!(cause instanceof NotAvailable)) throw cause
      this.#options.logger.info("a duty of the controller is left to the next one", { cause })
    })
  }
}
