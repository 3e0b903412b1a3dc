import { ErrorCode } from "@tailrace/kafka-protocol"
import type { MetadataRecord, RegisterBrokerRecordEndPoint, RegisterBrokerRecordFeature } from "@tailrace/kafka-protocol"
import type { Decision, DecisionContext } from "../Decision.ts"
import { fencingChange, noLeader, partitionChange, registerRecord } from "../internal/records.ts"
import type { MetadataImage, PartitionImage } from "../MetadataImage.ts"

export interface RegisterBrokerRequest {
  readonly brokerId: number
  /** One run of the broker's process. */
  readonly incarnationId: string
  readonly endPoints: ReadonlyArray<RegisterBrokerRecordEndPoint>
  readonly rack: string | null
  /** The ids of its data directories. */
  readonly logDirs: ReadonlyArray<string>
  readonly features?: ReadonlyArray<RegisterBrokerRecordFeature>
  /** A node that is controller and broker at once has the metadata already and needs no second step to be unfenced. */
  readonly isCaughtUp?: boolean
}

export interface BrokerEpochResponse {
  readonly errorCode: number
  /** One run of a broker; every message between nodes carries it. -1 with an error. */
  readonly brokerEpoch: number
}

/**
 * A broker comes up. Its broker epoch is the offset of its registration. Whatever it led before gets a new leader epoch,
 * also when it goes on leading: one writer incarnation per leader epoch. Unless it is caught up it stays fenced, and leads
 * nothing, until `unfenceBroker`.
 */
export function registerBroker(image: MetadataImage, request: RegisterBrokerRequest, context: DecisionContext): Decision<BrokerEpochResponse> {
  const { brokerId, incarnationId, endPoints, rack, logDirs, features = [], isCaughtUp = false } = request
  const present = image.broker(brokerId)
  // A repeated request of the same run: its registration stands.
  if (present?.incarnationId === incarnationId) {
    return { records: [], response: { errorCode: ErrorCode.NONE, brokerEpoch: present.brokerEpoch } }
  }
  const isSameDirectory = logDirs.some((id) => present?.logDirs.includes(id) === true)
  // The directory's lock proves that its earlier process is gone. Without that, the old one has to be fenced first.
  if (present !== undefined && !present.fenced && !isSameDirectory) {
    return { records: [], response: { errorCode: ErrorCode.DUPLICATE_BROKER_REGISTRATION, brokerEpoch: -1 } }
  }
  const brokerEpoch = context.nextOffset
  const registration = registerRecord({ brokerId, brokerEpoch, incarnationId, endPoints, rack, logDirs, features, fenced: !isCaughtUp })
  const moves = isCaughtUp ? takeLeadership(image, brokerId, true) : giveUpLeadership(image, brokerId)
  return { records: [registration, ...moves], response: { errorCode: ErrorCode.NONE, brokerEpoch } }
}

/** The broker has applied its own registration and may lead: partitions without a leader that it is in sync with get it. */
export function unfenceBroker(image: MetadataImage, brokerId: number, brokerEpoch: number): Decision<BrokerEpochResponse> {
  const broker = image.broker(brokerId)
  const errorCode = epochError(image, brokerId, brokerEpoch)
  if (errorCode !== ErrorCode.NONE || broker === undefined) return { records: [], response: { errorCode, brokerEpoch: -1 } }
  const records = broker.fenced ? [fencingChange(brokerId, brokerEpoch, false), ...takeLeadership(image, brokerId, false)] : []
  return { records, response: { errorCode, brokerEpoch } }
}

/** The broker is gone or does not answer: it leads nothing and leaves every in-sync set that has another live member. */
export function fenceBroker(image: MetadataImage, brokerId: number, brokerEpoch: number): Decision<BrokerEpochResponse> {
  const broker = image.broker(brokerId)
  const errorCode = epochError(image, brokerId, brokerEpoch)
  if (errorCode !== ErrorCode.NONE || broker === undefined) return { records: [], response: { errorCode, brokerEpoch: -1 } }
  const records = broker.fenced ? [] : [fencingChange(brokerId, brokerEpoch, true), ...giveUpLeadership(image, brokerId)]
  return { records, response: { errorCode, brokerEpoch } }
}

/** NONE when the broker's registration is the one of `brokerEpoch`. */
export function epochError(image: MetadataImage, brokerId: number, brokerEpoch: number): number {
  const broker = image.broker(brokerId)
  if (broker === undefined) return ErrorCode.BROKER_ID_NOT_REGISTERED
  return broker.brokerEpoch === brokerEpoch ? ErrorCode.NONE : ErrorCode.STALE_BROKER_EPOCH
}

function giveUpLeadership(image: MetadataImage, brokerId: number): Array<MetadataRecord> {
  return changes(image, (partition) => {
    if (!partition.isr.includes(brokerId)) return undefined
    const others = partition.isr.filter((id) => id !== brokerId && image.isAlive(id))
    // The last member stays in the ISR: only it is known to have everything that was acknowledged.
    const isr = others.length > 0 ? { isr: partition.isr.filter((id) => id !== brokerId) } : {}
    if (partition.leader !== brokerId) return others.length > 0 ? isr : undefined
    return { ...isr, leader: partition.replicas.find((id) => others.includes(id)) ?? noLeader }
  })
}

function takeLeadership(image: MetadataImage, brokerId: number, isNewRun: boolean): Array<MetadataRecord> {
  return changes(image, ({ leader, isr }) => {
    const isVacant = leader === noLeader && isr.includes(brokerId)
    return isVacant || (isNewRun && leader === brokerId) ? { leader: brokerId } : undefined
  })
}

function changes(
  image: MetadataImage, changeOf: (partition: PartitionImage) => { readonly isr?: ReadonlyArray<number>; readonly leader?: number } | undefined
): Array<MetadataRecord> {
  const records: Array<MetadataRecord> = []
  for (const { topicId, partitions } of image.topics) {
    for (const [partitionId, partition] of partitions.entries()) {
      const change = changeOf(partition)
      if (change !== undefined) records.push(partitionChange(topicId, partitionId, change))
    }
  }
  return records
}
