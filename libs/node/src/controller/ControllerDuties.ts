import { NotAvailable } from "@tailrace/contracts"
import {
  type AlterPartitionRequest, type AlterPartitionResponseInput, type BrokerHeartbeatRequest, type BrokerHeartbeatResponseInput,
  ErrorCode, type RegisterBrokerRequest
} from "@tailrace/kafka-protocol"
import { type BrokerConfig, type Decision, type DecisionContext, fenceBroker, type MetadataImage, nameCluster, unfenceBroker } from "@tailrace/metadata"
import type { Clock, Logger } from "@tailrace/runtime"
import type { Quorum } from "../quorum/Quorum.ts"

export interface ControllerDutiesOptions {
  readonly config: BrokerConfig
  readonly clock: Clock
  readonly logger: Logger
  readonly quorum: Quorum
  readonly isAlone: boolean
  /** The id of a cluster that has none yet. */
  readonly clusterId: () => string
  /** Runs a decision as the controller. Rejects with `NotAvailable` when this node is the controller no more. */
  readonly decide: <Response>(decide: (image: MetadataImage, context: DecisionContext) => Decision<Response>) => Promise<Response>
}

/** What the active controller does by itself, and what it remembers only as long as it is active. */
export class ControllerDuties {
  readonly #options: ControllerDutiesOptions
  #sessions = new Map<number, { epoch: number; heardMillis: number }>()
  #term = -1
  #cancel: () => void = () => undefined

  constructor(options: ControllerDutiesOptions) {
    this.#options = options
  }

  begin(term: number, image: MetadataImage): void {
    const { clock, clusterId, isAlone } = this.#options
    this.#term = term
    this.#sessions = new Map()
    for (const { brokerEpoch, brokerId } of image.brokers) this.#sessions.set(brokerId, { epoch: brokerEpoch, heardMillis: clock.monotonicMillis() })
    if (image.clusterId === "") this.#run((current) => nameCluster(current, clusterId()))
    if (!isAlone) this.#tickLater(term)
  }

  end(): void {
    this.#term = -1
    this.#cancel()
  }

  registered(request: RegisterBrokerRequest, brokerEpoch: number): void {
    this.#sessions.set(request.brokerId, { epoch: brokerEpoch, heardMillis: this.#options.clock.monotonicMillis() })
  }

  heartbeat(image: MetadataImage, request: BrokerHeartbeatRequest, _context: DecisionContext): Decision<BrokerHeartbeatResponseInput> {
    const { brokerEpoch, brokerId, metadataOffset } = request
    const broker = image.broker(brokerId)
    const answer = (errorCode: number, isFenced: boolean) => ({ errorCode, isCaughtUp: metadataOffset > brokerEpoch, isFenced, shouldShutDown: false })
    if (broker?.brokerEpoch !== brokerEpoch) return { records: [], response: answer(ErrorCode.STALE_BROKER_EPOCH, true) }
    this.#sessions.set(brokerId, { epoch: brokerEpoch, heardMillis: this.#options.clock.monotonicMillis() })
    if (!broker.fenced || metadataOffset <= brokerEpoch) return { records: [], response: answer(ErrorCode.NONE, broker.fenced) }
    return { records: unfenceBroker(image, brokerId, brokerEpoch).records, response: answer(ErrorCode.NONE, false) }
  }

  alterPartition(_image: MetadataImage, _request: AlterPartitionRequest, _context: DecisionContext): Decision<AlterPartitionResponseInput> {
    return { records: [], response: { errorCode: ErrorCode.NONE, topics: [] } }
  }

  #tickLater(term: number): void {
    const { clock, config } = this.#options
    this.#cancel = clock.after(100, () => {
      if (this.#term !== term) return
      const now = clock.monotonicMillis()
      for (const [brokerId, { epoch, heardMillis }] of this.#sessions) {
        if (now - heardMillis < config.get("broker.session.timeout.ms")) continue
        this.#sessions.delete(brokerId)
        this.#run((image) => fenceBroker(image, brokerId, epoch))
      }
      this.#tickLater(term)
    })
  }

  #run(decide: (image: MetadataImage, context: DecisionContext) => Decision<unknown>): void {
    this.#options.decide(decide).catch((cause: unknown) => {
      if (!(cause instanceof NotAvailable)) throw cause
      this.#options.logger.info("a duty of the controller is left to the next one", { cause })
    })
  }
}
