import { BrokerConfig, MetadataImage, registerBroker } from "../src/index.ts"
import type { Decision, DecisionContext } from "../src/index.ts"

export const uuid = (n: number): string => Buffer.from(String(n).padStart(16, "0")).toString("base64url")

/** A controller without a log: decisions take effect at once. */
export class TestCluster {
  image = new MetadataImage()
  config: BrokerConfig
  records = 0
  #uuids = 0
  limits: DecisionContext["limits"]

  constructor(brokerIds: ReadonlyArray<number> = [1], properties: Readonly<Record<string, string>> = {}) {
    this.config = BrokerConfig.of({ "node.id": String(brokerIds[0]), ...properties })
    for (const brokerId of brokerIds) this.register(brokerId)
  }

  get context(): DecisionContext {
    return { config: this.config, newUuid: () => uuid(++this.#uuids), nextOffset: this.records, ...(this.limits === undefined ? {} : { limits: this.limits }) }
  }

  apply<Response>(decision: Decision<Response>): Response {
    for (const record of decision.records) this.image.replay(record)
    this.records += decision.records.length
    return decision.response
  }

  register(brokerId: number, incarnation = 1, isCaughtUp = true): number {
    const response = this.apply(registerBroker(this.image, {
      brokerId, incarnationId: uuid(brokerId * 1000 + incarnation), rack: null, logDirs: [uuid(9000 + brokerId)], isCaughtUp,
      endPoints: [{ name: "PLAINTEXT", host: `host${brokerId}`, port: 9092, securityProtocol: 0 }]
    }, this.context))
    return response.brokerEpoch
  }
}
