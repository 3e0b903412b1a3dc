import { ErrorCode } from "@tailrace/kafka-protocol"
import type { BrokerHeartbeatRequest, BrokerHeartbeatResponseInput, MetadataRecord } from "@tailrace/kafka-protocol"
import type { BrokerSessions } from "../BrokerSessions.ts"
import { limitsOf } from "../Decision.ts"
import type { Decision, DecisionContext } from "../Decision.ts"
import { replicationFactor } from "../internal/changePartition.ts"
import type { PartitionRules, PartitionWish } from "../internal/changePartition.ts"
import { partitionChanges } from "../internal/partitionChanges.ts"
import { shutdownChange } from "../internal/records.ts"
import type { BrokerRegistration, MetadataImage, PartitionImage } from "../MetadataImage.ts"
import { epochError, fenceBroker, unfenceBroker } from "./brokers.ts"

/**
 * A broker reports. It is unfenced when it has applied its own registration, fenced when it asks for it, and led out of
 * office when it wants to stop. One that asks to be fenced and holds the last copy of something stays, or comes, for that
 * alone. `sessions` hear it at once, whatever becomes of the records.
 *
 * STALE_BROKER_EPOCH makes the broker register again. That is also the answer to a heartbeat that shows fewer commits than
 * an earlier one: when it was only late nobody waits for the answer, and when the storage has lost commits the registration
 * says so (see `registerBroker`).
 */
export function brokerHeartbeat(
  image: MetadataImage, sessions: BrokerSessions, request: BrokerHeartbeatRequest, nowMillis: number, context: DecisionContext
): Decision<BrokerHeartbeatResponseInput> {
  const { brokerId, brokerEpoch, metadataOffset, wantFence, wantShutDown } = request
  const errorCode = epochError(image, brokerId, brokerEpoch)
  const broker = image.broker(brokerId)
  if (errorCode !== ErrorCode.NONE || broker === undefined) return refused(errorCode)
  if (!sessions.heard(request, nowMillis)) return refused(ErrorCode.STALE_BROKER_EPOCH)
  // The registration is the record at the offset that is the broker epoch.
  const isCaughtUp = metadataOffset > brokerEpoch
  const answer = (records: ReadonlyArray<MetadataRecord>, isFenced: boolean, shouldShutDown: boolean): Decision<BrokerHeartbeatResponseInput> =>
    ({ records, response: { errorCode: ErrorCode.NONE, isCaughtUp, isFenced, shouldShutDown } })
  if (broker.fenced) {
    const stays = !isCaughtUp || wantShutDown || broker.inControlledShutdown || wantFence && !holdsLast(image, brokerId)
    return stays ? answer([], true, wantShutDown) : answer(unfenceBroker(image, brokerId, brokerEpoch, context).records, false, false)
  }
  if (wantFence) {
    if (!holdsLast(image, brokerId)) return answer(fenceBroker(image, brokerId, brokerEpoch, context, sessions).records, true, wantShutDown)
    if (!wantShutDown) return answer(leaveToOthers(image, brokerId, context), false, false)
  }
  if (!wantShutDown && !broker.inControlledShutdown) return answer([], false, false)
  const { records, isWaiting } = leadOut(image, broker, context)
  if (records.length > 0 || sessions.shutDownOffset(brokerId) === undefined) {
    sessions.awaitApplied(brokerId, context.nextOffset + records.length)
  }
  const isOver = records.length === 0 && !isWaiting && sessions.haveApplied(image, sessions.shutDownOffset(brokerId)!, brokerId)
  return isOver ? answer(fenceBroker(image, brokerId, brokerEpoch, context, sessions).records, true, true) : answer(records, false, false)
}

interface LeadingOut {
  readonly records: ReadonlyArray<MetadataRecord>
  /** Some partition needs the broker until another replica is in sync. */
  readonly isWaiting: boolean
}

/** One portion of a controlled shutdown: the broker hands over what it leads and leaves the in-sync sets. */
function leadOut(image: MetadataImage, { brokerId, brokerEpoch, inControlledShutdown }: BrokerRegistration, context: DecisionContext): LeadingOut {
  const electorate = { mayLead: (id: number) => id !== brokerId && image.isAlive(id), isUnfenced: (id: number) => image.isUnfenced(id) }
  let isWaiting = false
  const wishOf = (partition: PartitionImage, rules: PartitionRules): PartitionWish | undefined => {
    if (!partition.isr.includes(brokerId)) return undefined
    if (!isNeeded(partition, brokerId, rules)) return { leaving: brokerId }
    isWaiting = true
    return partition.leader === brokerId ? {} : undefined
  }
  const moves = partitionChanges(image, context.config, electorate, wishOf, limitsOf(context).movesPerDecisionMax)
  return { isWaiting, records: inControlledShutdown ? moves : [shutdownChange(brokerId, brokerEpoch), ...moves] }
}

/** Nobody else could answer for some partition. */
function holdsLast(image: MetadataImage, brokerId: number): boolean {
  for (const { partitions } of image.topics) {
    if (partitions.some(({ isr }) => isr.includes(brokerId) && !hasOther(image, isr, brokerId))) return true
  }
  return false
}

function hasOther(image: MetadataImage, isr: ReadonlyArray<number>, brokerId: number): boolean {
  return isr.some((id) => id !== brokerId && image.isUnfenced(id))
}

/** One portion: the broker leaves every in-sync set that others are in, and so leads nothing that they can lead. */
function leaveToOthers(image: MetadataImage, brokerId: number, context: DecisionContext): ReadonlyArray<MetadataRecord> {
  const electorate = { mayLead: (id: number) => id !== brokerId && image.isAlive(id), isUnfenced: (id: number) => image.isUnfenced(id) }
  const wishOf = ({ isr }: PartitionImage): PartitionWish | undefined =>
    isr.includes(brokerId) && hasOther(image, isr, brokerId) ? { leaving: brokerId } : undefined
  return partitionChanges(image, context.config, electorate, wishOf, limitsOf(context).movesPerDecisionMax)
}

/** Without the broker too few would be in sync, and somebody is there who may catch up: it is worth waiting for. */
function isNeeded(partition: PartitionImage, brokerId: number, rules: PartitionRules): boolean {
  const others = partition.isr.filter((id) => id !== brokerId)
  if (others.length >= rules.minIsr(replicationFactor(partition))) return false
  return partition.replicas.some((id) => !partition.isr.includes(id) && rules.mayLead(id))
}

function refused(errorCode: number): Decision<BrokerHeartbeatResponseInput> {
  return { records: [], response: { errorCode, isCaughtUp: false, isFenced: true, shouldShutDown: false } }
}
