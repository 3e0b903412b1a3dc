import { ErrorCode } from "@tailrace/kafka-protocol"
import type { Decision } from "../Decision.ts"
import type { MetadataImage } from "../MetadataImage.ts"
import { epochError } from "./brokers.ts"

/** How many ids a broker gets at once. What it has not used when it stops is lost, which no one misses. */
export const producerIdBlockSize = 1_000

export interface ProducerIdBlock {
  readonly errorCode: number
  readonly producerIdStart: number
  readonly producerIdLen: number
}

/** A block of producer ids for one run of a broker. No id is ever given twice. */
export function allocateProducerIds(image: MetadataImage, brokerId: number, brokerEpoch: number): Decision<ProducerIdBlock> {
  const errorCode = epochError(image, brokerId, brokerEpoch)
  if (errorCode !== ErrorCode.NONE) return { records: [], response: { errorCode, producerIdStart: -1, producerIdLen: 0 } }
  const producerIdStart = image.nextProducerId
  const nextProducerId = producerIdStart + producerIdBlockSize
  if (nextProducerId > Number.MAX_SAFE_INTEGER) throw new Error("producer ids are used up")
  return {
    records: [{ type: "ProducerIdsRecord", value: { brokerId, brokerEpoch, nextProducerId } }],
    response: { errorCode, producerIdStart, producerIdLen: producerIdBlockSize }
  }
}
