import { ErrorCode } from "@tailrace/kafka-protocol"
import type { MetadataRecord, UnregisterBrokerRequest, UnregisterBrokerResponseInput } from "@tailrace/kafka-protocol"
import type { BrokerSessions } from "../BrokerSessions.ts"
import type { Decision, DecisionContext } from "../Decision.ts"
import { electorateWith, electorateWithout, partitionChanges } from "../internal/partitionChanges.ts"
import { configRecord, fencingChange, noLeader } from "../internal/records.ts"
import { forgetCommits, heardCommits } from "../internal/storageCommits.ts"
import { ResourceType, storageEpochKey } from "../MetadataImage.ts"
import type { MetadataImage } from "../MetadataImage.ts"

export interface BrokerEpochResponse {
  readonly errorCode: number
  /** One run of a broker; every message between nodes carries it. -1 with an error. */
  readonly brokerEpoch: number
}

/**
 * The broker has applied its own registration and may lead: partitions without a leader get it where it is in sync or an
 * eligible leader. Its storage has this broker epoch now, and a later registration has to show it.
 */
export function unfenceBroker(image: MetadataImage, brokerId: number, brokerEpoch: number, context: DecisionContext): Decision<BrokerEpochResponse> {
  const broker = image.broker(brokerId)
  const errorCode = epochError(image, brokerId, brokerEpoch)
  if (errorCode !== ErrorCode.NONE || broker === undefined) return { records: [], response: { errorCode, brokerEpoch: -1 } }
  if (!broker.fenced) return { records: [], response: { errorCode, brokerEpoch } }
  const records = [fencingChange(brokerId, brokerEpoch, false)]
  if (image.storageEpoch(brokerId) !== brokerEpoch) {
    records.push(configRecord(ResourceType.unknown, "", storageEpochKey(brokerId), String(brokerEpoch)))
  }
  const moves = partitionChanges(image, context.config, electorateWith(image, brokerId),
    ({ leader, replicas }) => leader === noLeader && replicas.includes(brokerId) ? {} : undefined)
  return { records: [...records, ...moves], response: { errorCode, brokerEpoch } }
}

/**
 * The broker is gone or does not answer: it leads nothing and leaves every in-sync set that has another member. What `sessions`
 * have heard of its storage stays known beyond this controller, so that the next one is not shown an older copy of it.
 */
export function fenceBroker(
  image: MetadataImage, brokerId: number, brokerEpoch: number, context: DecisionContext, sessions?: BrokerSessions
): Decision<BrokerEpochResponse> {
  const broker = image.broker(brokerId)
  const errorCode = epochError(image, brokerId, brokerEpoch)
  if (errorCode !== ErrorCode.NONE || broker === undefined) return { records: [], response: { errorCode, brokerEpoch: -1 } }
  if (broker.fenced) return { records: [], response: { errorCode, brokerEpoch } }
  const heard = heardCommits(image, brokerId, sessions)
  const records = [fencingChange(brokerId, brokerEpoch, true), ...heard, ...withoutBroker(image, brokerId, context)]
  return { records, response: { errorCode, brokerEpoch } }
}

/** A broker that will not come back. Its replicas stay assigned to it until they are reassigned. */
export function unregisterBroker(
  image: MetadataImage, { brokerId }: UnregisterBrokerRequest, context: DecisionContext
): Decision<UnregisterBrokerResponseInput> {
  const broker = image.broker(brokerId)
  if (broker === undefined) {
    return { records: [], response: { errorCode: ErrorCode.BROKER_ID_NOT_REGISTERED, errorMessage: `Broker ID ${brokerId} is not currently registered` } }
  }
  const records: Array<MetadataRecord> = [{ type: "UnregisterBrokerRecord", value: { brokerId, brokerEpoch: broker.brokerEpoch } }]
  if (image.storageEpoch(brokerId) >= 0) records.push(configRecord(ResourceType.unknown, "", storageEpochKey(brokerId), null))
  records.push(...forgetCommits(image, brokerId))
  for (const name of image.config(ResourceType.broker, String(brokerId)).keys()) {
    records.push(configRecord(ResourceType.broker, String(brokerId), name, null))
  }
  return { records: [...records, ...withoutBroker(image, brokerId, context)], response: { errorCode: ErrorCode.NONE, errorMessage: null } }
}

/** NONE when the broker's registration is the one of `brokerEpoch`. */
export function epochError(image: MetadataImage, brokerId: number, brokerEpoch: number): number {
  const broker = image.broker(brokerId)
  if (broker === undefined) return ErrorCode.BROKER_ID_NOT_REGISTERED
  return broker.brokerEpoch === brokerEpoch ? ErrorCode.NONE : ErrorCode.STALE_BROKER_EPOCH
}

function withoutBroker(image: MetadataImage, brokerId: number, context: DecisionContext): Array<MetadataRecord> {
  return partitionChanges(image, context.config, electorateWithout(image, brokerId),
    ({ isr, leader }) => leader === brokerId || isr.includes(brokerId) ? { leaving: brokerId } : undefined)
}
