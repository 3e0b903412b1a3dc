import type { PartitionImage } from "../src/index.ts"
import { BrokerConfig, BrokerSessions, brokerHeartbeat, fenceBroker, MetadataImage, registerBroker, unfenceBroker } from "../src/index.ts"
import type { Decision, DecisionContext, RegisterBrokerRequest } from "../src/index.ts"

export const uuid = (n: number): string => Buffer.from(String(n).padStart(16, "0")).toString("base64url")

/** A controller without a log: decisions take effect at once. */
export class TestCluster {
  image = new MetadataImage()
  config: BrokerConfig
  sessions = new BrokerSessions(3000)
  now = 0
  records = 0
  #uuids = 0
  limits: DecisionContext["limits"]

  constructor(brokerIds: ReadonlyArray<number> = [1], properties: Readonly<Record<string, string>> = {}, rackOf: (brokerId: number) => string | null = () => null) {
    this.config = BrokerConfig.of({ "node.id": String(brokerIds[0]), ...properties })
    for (const brokerId of brokerIds) this.register(brokerId, 1, { rack: rackOf(brokerId) })
  }

  get context(): DecisionContext {
    return { config: this.config, newUuid: () => uuid(++this.#uuids), nextOffset: this.records, ...(this.limits === undefined ? {} : { limits: this.limits }) }
  }

  apply<Response>(decision: Decision<Response>): Response {
    for (const record of decision.records) this.image.replay(record)
    this.records += decision.records.length
    return decision.response
  }

  /** A new run of a broker, unless told otherwise at once unfenced, as one that is alone. */
  register(brokerId: number, incarnation = 1, more: Partial<RegisterBrokerRequest> = {}): number {
    const response = this.apply(registerBroker(this.image, {
      brokerId, incarnationId: uuid(brokerId * 1000 + incarnation), rack: null, logDirs: [uuid(9000 + brokerId)], isCaughtUp: true,
      endPoints: [{ name: "PLAINTEXT", host: `host${brokerId}`, port: 9092, securityProtocol: 0 }], ...more
    }, this.context, this.sessions))
    return response.brokerEpoch
  }

  /** The same process again, as a broker of several comes up: fenced until it has caught up. */
  restart(brokerId: number, incarnation: number, more: Partial<RegisterBrokerRequest> = {}): number {
    return this.register(brokerId, incarnation, { isCaughtUp: false, startClass: 2, previousBrokerEpoch: this.epochOf(brokerId), commitSequence: 100, ...more })
  }

  epochOf(brokerId: number): number {
    return this.image.broker(brokerId)?.brokerEpoch ?? -1
  }

  fence(brokerId: number): number {
    return this.apply(fenceBroker(this.image, brokerId, this.epochOf(brokerId), this.context, this.sessions)).errorCode
  }

  unfence(brokerId: number): number {
    return this.apply(unfenceBroker(this.image, brokerId, this.epochOf(brokerId), this.context)).errorCode
  }

  /** Of a broker that has applied everything, with everything on disk. */
  heartbeat(brokerId: number, more: Partial<Parameters<typeof brokerHeartbeat>[2]> = {}) {
    const request = {
      brokerId, brokerEpoch: this.epochOf(brokerId), metadataOffset: this.records, commitSequence: 100, wantFence: false, wantShutDown: false, ...more
    }
    return this.apply(brokerHeartbeat(this.image, this.sessions, request, this.now, this.context))
  }

  /** Another controller: it has the metadata, and has heard nobody. */
  changeController(): void {
    this.sessions = new BrokerSessions(3000)
    this.sessions.grantAll(this.image.brokers, this.now)
  }

  partition(topic: string, partition = 0): PartitionImage {
    return this.image.topic(topic)!.partitions[partition]!
  }
}
