import type { Broker } from "@tailrace/contracts"
import type { TopicImage } from "@tailrace/metadata"
import { type BrokerAddress, brokersOn } from "./brokersOn.ts"

export interface LeaderIdAndEpoch {
  readonly leaderId: number
  readonly leaderEpoch: number
}

export interface NodeEndpoint {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
}

/**
 * Says beside an error who leads a partition instead, so that a client goes there without asking for metadata first
 * (KIP-951). One object serves one answer, which names every node once.
 */
export class LeaderHints {
  readonly #broker: Broker
  readonly #listenerName: string
  readonly #endpoints = new Map<number, NodeEndpoint>()
  #addresses: ReadonlyArray<BrokerAddress> | undefined

  constructor(broker: Broker, listenerName: string) {
    this.#broker = broker
    this.#listenerName = listenerName
  }

  /** The nodes that were named. */
  get nodeEndpoints(): ReadonlyArray<NodeEndpoint> {
    return [...this.#endpoints.values()]
  }

  /**
   * undefined where there is nothing to say: nobody leads, or nobody that this listener's clients can reach. A node that has
   * just said that it does not lead does not name itself.
   */
  leaderOf(topic: TopicImage | undefined, partition: number, orThisNode: boolean): LeaderIdAndEpoch | undefined {
    const image = topic?.partitions[partition]
    if (image === undefined || image.leader < 0 || image.leader === this.#broker.nodeId && !orThisNode) return undefined
    this.#addresses ??= brokersOn(this.#broker, this.#listenerName)
    const address = this.#addresses.find(({ brokerId }) => brokerId === image.leader)
    if (address === undefined) return undefined
    const { brokerId, host, port, rack } = address
    this.#endpoints.set(brokerId, { nodeId: brokerId, host, port, rack })
    return { leaderId: image.leader, leaderEpoch: image.leaderEpoch }
  }
}
