import { ErrorCode } from "@tailrace/kafka-protocol"
import type { MetadataRecord, RegisterBrokerRecordEndPoint, RegisterBrokerRecordFeature } from "@tailrace/kafka-protocol"
import type { BrokerSessions } from "../BrokerSessions.ts"
import type { Decision, DecisionContext } from "../Decision.ts"
import { isFeatureMissing } from "../features.ts"
import { electorateWith, electorateWithout, partitionChanges } from "../internal/partitionChanges.ts"
import { registerRecord } from "../internal/records.ts"
import { forgetCommits, heardCommits } from "../internal/storageCommits.ts"
import type { BrokerRegistration, MetadataImage } from "../MetadataImage.ts"
import type { BrokerEpochResponse } from "./brokers.ts"

/** What a broker found its storage to be when it started. */
export const StartClass = {
  /** Nothing in it. */
  new: 0,
  /** It was closed in order. */
  clean: 1,
  /** It was not, and holds everything that was ever committed to it. */
  crashed: 2,
  /** Something may be missing or wrong: an error of the disk, a checksum, an older copy. */
  suspect: 3
} as const

export interface RegisterBrokerRequest {
  readonly brokerId: number
  /** One run of the broker's process. */
  readonly incarnationId: string
  readonly endPoints: ReadonlyArray<RegisterBrokerRecordEndPoint>
  readonly rack: string | null
  /** The ids of its data directories. */
  readonly logDirs: ReadonlyArray<string>
  readonly features?: ReadonlyArray<RegisterBrokerRecordFeature>
  /** One of `StartClass`. Without it a directory that the broker had before counts as closed in order. */
  readonly startClass?: number
  /** The broker epoch that the data directory holds, -1 for none. */
  readonly previousBrokerEpoch?: number
  /** How many commits the data directory holds. */
  readonly commitSequence?: number
  /** A node that is the only controller and broker has the metadata already and needs no second step to be unfenced. */
  readonly isCaughtUp?: boolean
}

/**
 * A broker comes up. Its broker epoch is the offset of its registration. Unless it is caught up it stays fenced, and leads
 * nothing, until `unfenceBroker`. Whatever it led gets a new leader epoch, also where it goes on leading: one writer
 * incarnation per leader epoch.
 *
 * What it was in sync with or an eligible leader of it stays only when its storage is shown to be what it was: the same
 * directory, closed in order or crashed, with the last broker epoch that it served in and no commit missing of those that
 * `sessions`, or an earlier controller that fenced it, have heard of. (Kafka's "no clean shutdown: out of every set" would leave
 * a cluster that lost its power with intact logs and nobody to elect.)
 *
 * INVALID_REGISTRATION: the storage has a broker epoch that this metadata never granted, so that the metadata is an older copy,
 * or the storage was another broker's. The broker must not go on: it deletes what the metadata does not name.
 */
export function registerBroker(
  image: MetadataImage, request: RegisterBrokerRequest, context: DecisionContext, sessions?: BrokerSessions
): Decision<BrokerEpochResponse> {
  const { brokerId, incarnationId, endPoints, rack, logDirs, features = [], isCaughtUp = false } = request
  const refused = (errorCode: number): Decision<BrokerEpochResponse> => ({ records: [], response: { errorCode, brokerEpoch: -1 } })
  const present = image.broker(brokerId)
  // A repeated request of the same run: its registration stands.
  if (present?.incarnationId === incarnationId) {
    return { records: [], response: { errorCode: ErrorCode.NONE, brokerEpoch: present.brokerEpoch } }
  }
  // The directory's lock proves that its earlier process is gone. Without that, the old one has to be fenced first.
  if (present !== undefined && !present.fenced && !isSameDirectory(present, request)) return refused(ErrorCode.DUPLICATE_BROKER_REGISTRATION)
  if (isFeatureMissing(image, features)) return refused(ErrorCode.UNSUPPORTED_VERSION)
  if (isAheadOfMetadata(present, request, context)) return refused(ErrorCode.INVALID_REGISTRATION)
  const brokerEpoch = context.nextOffset
  if (present !== undefined && brokerEpoch <= present.brokerEpoch) throw new Error("assertion: broker epochs grow")
  const registration = registerRecord({ brokerId, brokerEpoch, incarnationId, endPoints, rack, logDirs, features, fenced: !isCaughtUp })
  const isKept = isStorageKept(image, request, present, sessions)
  // This uptime begins fenced, as if `fenceBroker` had ended the one before.
  const commits = isKept ? heardCommits(image, brokerId, sessions) : forgetCommits(image, brokerId)
  const records = [registration, ...commits, ...movesOf(image, request, context, isKept)]
  return { records, response: { errorCode: ErrorCode.NONE, brokerEpoch } }
}

/** A storage only ever has epochs that were committed: the one of its registration, or of one before. */
function isAheadOfMetadata(
  present: BrokerRegistration | undefined, { previousBrokerEpoch = -1 }: RegisterBrokerRequest, { nextOffset }: DecisionContext
): boolean {
  return present === undefined ? previousBrokerEpoch >= nextOffset : previousBrokerEpoch > present.brokerEpoch
}

function isSameDirectory(present: BrokerRegistration | undefined, { logDirs }: RegisterBrokerRequest): boolean {
  return logDirs.some((id) => present?.logDirs.includes(id) === true)
}

function isStorageKept(
  image: MetadataImage, request: RegisterBrokerRequest, present: BrokerRegistration | undefined, sessions: BrokerSessions | undefined
): boolean {
  const { brokerId, startClass = StartClass.clean, previousBrokerEpoch, commitSequence = 0, isCaughtUp = false } = request
  if (present === undefined || !isSameDirectory(present, request)) return false
  if (startClass !== StartClass.clean && startClass !== StartClass.crashed) return false
  // The metadata of a node that is alone is as old as its data.
  if (isCaughtUp || previousBrokerEpoch === undefined) return true
  // A broker may crash before it has stored an epoch it was given, several times. As it was not unfenced in that one, nothing
  // that counts can be missing when it comes with one before, back to the last that it was unfenced in.
  const served = image.storageEpoch(brokerId)
  const isExpected = previousBrokerEpoch === present.brokerEpoch || previousBrokerEpoch === served || served >= 0 && previousBrokerEpoch > served
  const heard = Math.max(sessions?.commitSequenceOf(brokerId) ?? 0, image.storageCommits(brokerId))
  return isExpected && commitSequence >= heard
}

function movesOf(image: MetadataImage, request: RegisterBrokerRequest, context: DecisionContext, isKept: boolean): Array<MetadataRecord> {
  const { brokerId, logDirs, startClass = StartClass.clean, isCaughtUp = false } = request
  const electorate = isCaughtUp ? electorateWith(image, brokerId) : electorateWithout(image, brokerId)
  return partitionChanges(image, context.config, electorate, (partition) => {
    const at = partition.replicas.indexOf(brokerId)
    if (at < 0) return undefined
    const isThere = logDirs.includes(partition.directories[at]!)
    const common = {
      isNewRun: partition.leader === brokerId,
      ...(isThere ? {} : { directories: partition.directories.with(at, logDirs[0]!) })
    }
    if (!isKept) return { ...common, lost: { brokerId, isWiped: !isThere || startClass === StartClass.new } }
    return isCaughtUp ? common : { ...common, leaving: brokerId }
  })
}
