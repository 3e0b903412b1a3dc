import { NotAvailable } from "@tailrace/contracts"
import { type AlterPartitionRequest, type AlterPartitionResponseInput, ErrorCode } from "@tailrace/kafka-protocol"
import type { Clock, Logger } from "@tailrace/runtime"
import type { ControllerClient } from "../controller/ControllerClient.ts"
import type { PartitionActor } from "../PartitionActor.ts"

export interface IsrKeeperOptions {
  readonly nodeId: number
  readonly brokerEpoch: () => number
  readonly partitions: () => Iterable<PartitionActor>
  readonly controller: ControllerClient
  /** The term of the quorum's leader. */
  readonly controllerEpoch: () => number
  readonly clock: Clock
  readonly logger: Logger
  readonly lagMillisMax: number
  readonly requestMillis: number
}

interface Open {
  readonly actor: PartitionActor
  readonly leaderEpoch: number
  readonly partitionEpoch: number
  readonly isr: ReadonlyArray<{ readonly brokerId: number; readonly brokerEpoch: number }>
}

/** Partitions in one request; the others follow in the next. */
const partitionsPerRequestMax = 5_000

/**
 * Asks the controller for the in-sync replicas that this node's leaders want. One request is in flight; a proposal stays
 * open, and its members in the maximal ISR, until the metadata shows a later partition epoch or the controller refuses it.
 * A time-out proves nothing: the same proposal is sent again.
 */
export class IsrKeeper {
  readonly #options: IsrKeeperOptions
  readonly #open = new Map<PartitionActor, Open>()
  #sequence = 0
  #isInFlight = false
  #isClosed = false
  #lastCheckMillis: number
  #cancel: () => void = () => undefined

  constructor(options: IsrKeeperOptions) {
    this.#options = options
    this.#lastCheckMillis = options.clock.monotonicMillis()
  }

  start(): void {
    const { clock, lagMillisMax } = this.#options
    const periodMillis = Math.max(50, Math.floor(lagMillisMax / 4))
    const check = (): void => {
      if (this.#isClosed) return
      this.#cancel = clock.after(periodMillis, check)
      this.#check(periodMillis)
    }
    this.#cancel = clock.after(periodMillis, check)
  }

  close(): void {
    this.#isClosed = true
    this.#cancel()
  }

  #check(periodMillis: number): void {
    const { clock, lagMillisMax, partitions } = this.#options
    const now = clock.monotonicMillis()
    // This process slept: nobody could fetch from it, so nobody lags for it.
    const stalledMillis = now - this.#lastCheckMillis - periodMillis
    this.#lastCheckMillis = now
    for (const actor of partitions()) {
      if (!actor.isLeader) continue
      if (stalledMillis > periodMillis) actor.stalled(stalledMillis)
      const proposal = actor.proposeIsr(now, lagMillisMax)
      if (proposal !== undefined) this.#open.set(actor, { actor, ...proposal })
    }
    this.#send()
  }

  #send(): void {
    const { brokerEpoch, controller, controllerEpoch, nodeId, requestMillis } = this.#options
    for (const [actor, { leaderEpoch, partitionEpoch }] of this.#open) {
      // The metadata has moved on, so the proposal is settled.
      if (!actor.isLeader || actor.leaderEpoch !== leaderEpoch || actor.partitionEpoch !== partitionEpoch) this.#open.delete(actor)
    }
    if (this.#isInFlight || this.#open.size === 0 || this.#isClosed) return
    this.#isInFlight = true
    const sent = [...this.#open.values()].slice(0, partitionsPerRequestMax)
    const request = {
      brokerId: nodeId, brokerEpoch: brokerEpoch(), controllerEpoch: controllerEpoch(), sequence: ++this.#sequence,
      topics: topicsOf(sent, brokerEpoch())
    }
    void controller.call("alterPartition", request, requestMillis).then(
      (response) => this.#answered(sent, response),
      (cause: unknown) => {
        if (!(cause instanceof NotAvailable)) throw cause
      }
    ).finally(() => {
      this.#isInFlight = false
    })
  }

  #answered(sent: ReadonlyArray<Open>, response: AlterPartitionResponseInput): void {
    // Refused as a whole: the proposals may have been taken by an earlier request, so they stay open.
    if (response.errorCode !== ErrorCode.NONE) return
    const codes = new Map(response.topics.flatMap(({ partitions, topicId }) =>
      partitions.map(({ errorCode, partitionIndex }) => [`${topicId}/${partitionIndex}`, errorCode])))
    for (const proposal of sent) {
      const { actor, isr, partitionEpoch } = proposal
      const errorCode = codes.get(`${actor.topicId}/${actor.partition}`)
      if (errorCode === undefined || errorCode === ErrorCode.NONE) continue
      this.#options.logger.info("the controller did not take the in-sync replicas", {
        topic: actor.topic, partition: actor.partition, isr: isr.map(({ brokerId }) => brokerId), errorCode
      })
      if (provesRefusal(errorCode)) {
        // Another one may have been made since the metadata settled this one.
        if (this.#open.get(actor) === proposal) this.#open.delete(actor)
        actor.isrRefused(partitionEpoch)
      }
    }
  }
}

/**
 * That the proposal will never be applied as it was sent: a controller takes neither requests that were meant for another
 * one nor any that was sent before one that it has answered. Another epoch than the sent one may be this very proposal, taken by
 * an earlier request whose answer was lost: the metadata will show it.
 */
function provesRefusal(errorCode: number): boolean {
  return errorCode === ErrorCode.INELIGIBLE_REPLICA || errorCode === ErrorCode.INVALID_REQUEST ||
    errorCode === ErrorCode.UNKNOWN_TOPIC_ID || errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
}

function topicsOf(proposals: ReadonlyArray<Open>, ownEpoch: number): AlterPartitionRequest["topics"] {
  return [...Map.groupBy(proposals, ({ actor }) => actor.topicId)].map(([topicId, partitions]) => ({
    topicId,
    partitions: partitions.map(({ actor, isr, leaderEpoch, partitionEpoch }) => ({
      partitionIndex: actor.partition, leaderEpoch, partitionEpoch,
      newIsr: isr.map(({ brokerEpoch, brokerId }) => ({ brokerId, brokerEpoch: brokerEpoch < 0 ? ownEpoch : brokerEpoch }))
    }))
  }))
}
