import { NotAvailable } from "@tailrace/contracts"
import { type BrokerHeartbeatResponseInput, ErrorCode, type RegisterBrokerRequest } from "@tailrace/kafka-protocol"
import { StoreError } from "@tailrace/log"
import type { Clock, Logger, Random } from "@tailrace/runtime"
import type { ControllerClient } from "../controller/ControllerClient.ts"
import type { AppliedOffsets } from "../internal/AppliedOffsets.ts"
import { MetadataMismatchError } from "../quorum/MetadataMismatchError.ts"
import type { DataStorage } from "./DataStorage.ts"
import type { Lease } from "./Lease.ts"

export interface BrokerLifecycleOptions {
  readonly nodeId: number
  readonly controller: ControllerClient
  readonly applied: AppliedOffsets
  readonly lease: Lease
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly heartbeatMillis: number
  /** How long one attempt to register may take. */
  readonly requestMillis: number
  /** A node that is alone registers and is done. */
  readonly isAlone: boolean
  /** What this node says of itself, but for the incarnation. */
  readonly describe: () => Omit<RegisterBrokerRequest, "incarnationId">
  readonly storage: Pick<DataStorage, "isAtHome" | "refused">
  readonly commitSequence: () => number
  /** Others are to lead what this node cannot write. */
  readonly wantFence: () => boolean
  /** The lease may have run out, or been renewed after it had. */
  readonly onLeaseChanged: () => void
  /** The data belongs to other metadata: the node has to end. */
  readonly onMismatch: (cause: MetadataMismatchError) => void
}

const retryMillis = 100

/** A session of another process that has ended is over by itself. */
const adviceFor = (errorCode: number): { readonly advice?: string } =>
  errorCode === ErrorCode.DUPLICATE_BROKER_REGISTRATION ? { advice: "another process has this node.id; if it has ended, its session will soon" } : {}

/**
 * One node in the eyes of the controller: registers, sends heartbeats, is unfenced when it has applied its own registration,
 * registers anew where its registration is gone. Everything here is repeated until it succeeds or the node closes.
 */
export class BrokerLifecycle {
  readonly #options: BrokerLifecycleOptions
  /** One uptime as the controller knows it; the metadata shows when its registration is applied here. */
  incarnationId = ""
  /** -1 until the registration of this uptime is applied. */
  brokerEpoch = -1
  isFenced = true
  #stored: Promise<void> = Promise.resolve()
  #mismatch: MetadataMismatchError | undefined
  #wantShutDown = false
  #isClosed = false
  #isBeating = false
  #wasExpired = true
  #cancelBeat: () => void = () => undefined
  #cancelWatch: () => void = () => undefined
  #unfenced: Array<() => void> = []
  #shutDown: Array<() => void> = []

  constructor(options: BrokerLifecycleOptions) {
    this.#options = options
  }

  /**
   * Begins an uptime. Resolves when this node may lead; rejects only where waiting does not help: for a node that is alone, and with
   * `MetadataMismatchError`.
   */
  async register(): Promise<void> {
    try {
      await this.#register()
    } catch (cause) {
      if (cause instanceof MetadataMismatchError) this.end(cause)
      throw cause
    }
    if (this.#mismatch !== undefined) throw this.#mismatch
  }

  async #register(): Promise<void> {
    this.incarnationId = this.#options.random.uuid()
    this.brokerEpoch = -1
    this.isFenced = true
    // A heartbeat of the uptime before may be on its way; nobody waits for its answer any more.
    this.#isBeating = false
    this.#cancelBeat()
    const { incarnationId } = this
    const { applied, isAlone, logger } = this.#options
    const brokerEpoch = await this.#registerUntilAccepted(incarnationId)
    if (isAlone) return
    // The registration is the record at the offset that the epoch is.
    while (this.#isCurrent(incarnationId) && !await applied.reached(brokerEpoch + 1, this.#options.requestMillis));
    // A crash between the two must not find a disk that knows only the uptime before the one that was unfenced: its storage would count as lost.
    await this.#stored
    if (this.#mismatch !== undefined) return
    if (this.#isCurrent(incarnationId) && this.brokerEpoch < 0) {
      // The directory took nothing when it was applied, or a snapshot has taken its place: this uptime has not begun, and never will.
      logger.warn("the registration came to nothing; registering anew", { brokerEpoch })
      this.#registerAnewLater()
    } else if (this.#isCurrent(incarnationId)) {
      logger.info("registered", { brokerEpoch })
      this.#watchLease()
      this.#beat()
    }
    await this.#whenUnfenced()
  }

  /** The registration of this uptime is applied here; `stored` resolves when the disk knows its epoch. */
  begin(brokerEpoch: number, stored: Promise<void>): void {
    this.brokerEpoch = brokerEpoch
    this.#stored = stored.catch((cause: unknown) => this.#options.logger.warn("the broker epoch is not stored", { brokerEpoch, cause }))
  }

  /** The node has to end: nothing more is asked of the controller. */
  end(mismatch: MetadataMismatchError): void {
    this.#mismatch = mismatch
    this.#settle(this.#unfenced.splice(0))
    this.#options.onMismatch(mismatch)
  }

  /** Another uptime may have begun while this one was waited for; there is one that registers and sends heartbeats. */
  #isCurrent(incarnationId: string): boolean {
    return !this.#isClosed && incarnationId === this.incarnationId
  }

  /**
   * Asks to lead nothing any more; resolves when others lead, or after `timeoutMillis`. Who is cut off serves nothing already, and nobody
   * may be left to take over.
   */
  shutDown(timeoutMillis: number): Promise<void> {
    const isCutOff = !this.isFenced && this.#options.lease.isExpired
    if (this.#options.isAlone || this.brokerEpoch < 0 || isCutOff) return Promise.resolve()
    this.#wantShutDown = true
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(timeoutMillis, resolve)
      this.#shutDown.push(() => {
        cancel()
        resolve()
      })
      this.#beat()
    })
  }

  close(): void {
    this.#isClosed = true
    this.#cancelBeat()
    this.#cancelWatch()
    this.#settle(this.#unfenced.splice(0))
    this.#settle(this.#shutDown.splice(0))
  }

  async #registerUntilAccepted(incarnationId: string): Promise<number> {
    const { applied, clock, controller, describe, isAlone, logger, requestMillis, storage } = this.#options
    let lastError: number = ErrorCode.NONE
    // Not even a registration may reach another cluster, which takes this node for one of its own that has lost its storage.
    while (this.#isCurrent(incarnationId) && !storage.isAtHome()) await applied.reached(applied.end + 1, requestMillis)
    // The directory may be closed, and another uptime's registration is not to be described again.
    if (!this.#isCurrent(incarnationId)) return -1
    // Once for an uptime: an attempt whose answer was lost may have begun it.
    const described = describe()
    while (this.#isCurrent(incarnationId)) {
      const errorCode = await controller.call("registerBroker", { ...described, incarnationId }, requestMillis).then(
        (response) => response.errorCode === ErrorCode.NONE ? response : response.errorCode,
        (cause: unknown) => {
          if (cause instanceof NotAvailable && !isAlone) return cause.errorCode
          throw cause
        }
      )
      if (typeof errorCode !== "number") return errorCode.brokerEpoch ?? -1
      if (errorCode === ErrorCode.INVALID_REGISTRATION) throw storage.refused()
      if (isAlone) throw new NotAvailable("controller", errorCode)
      if (errorCode !== lastError && errorCode !== ErrorCode.NOT_CONTROLLER) logger.warn("the controller does not take this node yet", { errorCode, ...adviceFor(errorCode) })
      lastError = errorCode
      await new Promise<void>((resolve) => void clock.after(retryMillis, resolve))
    }
    return -1
  }

  /** One heartbeat of an uptime is on its way, or a timer is set for the next one. */
  #beat(): void {
    if (this.#isClosed || this.#isBeating) return
    this.#isBeating = true
    this.#cancelBeat()
    const { applied, clock, commitSequence, controller, heartbeatMillis, nodeId, wantFence } = this.#options
    const { brokerEpoch, incarnationId } = this
    const sentMillis = clock.monotonicMillis()
    const request = {
      brokerId: nodeId, brokerEpoch, metadataOffset: applied.end, wantFence: wantFence(), wantShutDown: this.#wantShutDown,
      commitSequence: commitSequence()
    }
    // One that is lost must leave time for another before the session is over.
    void controller.call("brokerHeartbeat", request, 2 * heartbeatMillis).then(
      (response) => this.#answered(response, brokerEpoch, sentMillis),
      (cause: unknown) => {
        // Nobody answered: the next one tells. What else there is to know is in the lease.
        if (!(cause instanceof NotAvailable)) throw cause
      }
    ).finally(() => {
      // Who registers anew begins again when that is done.
      if (!this.#isCurrent(incarnationId)) return
      this.#isBeating = false
      // At once while there is something to wait for, so that a node serves as soon as it may.
      const pause = this.isFenced || this.#wantShutDown ? Math.min(heartbeatMillis, retryMillis) : heartbeatMillis
      this.#cancelBeat = clock.after(Math.max(0, pause - (clock.monotonicMillis() - sentMillis)), () => this.#beat())
    })
  }

  #answered(response: BrokerHeartbeatResponseInput, brokerEpoch: number, sentMillis: number): void {
    const { lease, logger } = this.#options
    if (brokerEpoch !== this.brokerEpoch || this.#isClosed) return
    if (response.errorCode === ErrorCode.STALE_BROKER_EPOCH || response.errorCode === ErrorCode.BROKER_ID_NOT_REGISTERED) {
      logger.warn("the controller does not know this uptime any more; registering anew", { brokerEpoch, errorCode: response.errorCode })
      this.#registerAnew()
      return
    }
    if (response.errorCode !== ErrorCode.NONE) return
    // What ran out since the last look has been acted on: whoever gave something up meanwhile has to hear of the end and of the renewal.
    this.#checkLease()
    if (!response.isFenced) lease.renew(sentMillis)
    this.#checkLease()
    if (this.isFenced !== response.isFenced) {
      this.isFenced = response.isFenced
      logger.info(response.isFenced ? "fenced by the controller" : "unfenced", { brokerEpoch })
    }
    if (!response.isFenced) this.#settle(this.#unfenced.splice(0))
    if (response.shouldShutDown) this.#settle(this.#shutDown.splice(0))
  }

  #registerAnew(): void {
    const registered = this.register()
    const { incarnationId } = this
    registered.catch((cause: unknown) => {
      if (cause instanceof MetadataMismatchError) return
      if (!(cause instanceof StoreError)) throw cause
      this.#options.logger.warn("the data directory cannot be read; registering anew is tried again", { cause })
      if (this.#isCurrent(incarnationId)) this.#registerAnewLater()
    })
  }

  /** Another uptime that begins meanwhile takes its place, as it does that of the next heartbeat. */
  #registerAnewLater(): void {
    this.#cancelBeat()
    this.#cancelBeat = this.#options.clock.after(retryMillis, () => this.#registerAnew())
  }

  /** Whoever waits for an acknowledgement when the lease runs out has to be told then, not when the next request comes. */
  #watchLease(): void {
    this.#cancelWatch()
    this.#cancelWatch = this.#options.clock.after(this.#options.heartbeatMillis, () => {
      this.#checkLease()
      this.#watchLease()
    })
  }

  #checkLease(): void {
    const { isExpired } = this.#options.lease
    if (isExpired === this.#wasExpired) return
    this.#wasExpired = isExpired
    if (isExpired) this.#options.logger.warn("no heartbeat was answered for one session: this node serves nothing", { brokerEpoch: this.brokerEpoch })
    this.#options.onLeaseChanged()
    if (isExpired) this.#settle(this.#shutDown.splice(0))
  }

  #whenUnfenced(): Promise<void> {
    return this.isFenced && !this.#isClosed ? new Promise((resolve) => this.#unfenced.push(resolve)) : Promise.resolve()
  }

  #settle(waiting: ReadonlyArray<() => void>): void {
    for (const resolve of waiting) resolve()
  }
}
