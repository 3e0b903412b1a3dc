import type { BrokerHeartbeatRequest } from "@tailrace/kafka-protocol"
import type { BrokerRegistration, MetadataImage } from "./MetadataImage.ts"

/** Questions to a broker that is suspected to be gone, which all have to find nobody before it is taken for gone. */
export const probesMax = 3
export const probeIntervalMillis = 150

export interface ExpiredBroker {
  readonly brokerId: number
  readonly brokerEpoch: number
}

interface Session {
  readonly brokerEpoch: number
  deadlineMillis: number
  metadataOffset: number
  /** -1 until a heartbeat has told. */
  commitSequence: number
  /** As its last heartbeat said. */
  wantsFence: boolean
  /** Of the last request for other in-sync sets. */
  alterPartitionSequence: number
  /** Everybody has to have applied everything below before the broker may stop; undefined while it does not want to. */
  shutDownOffset: number | undefined
  suspicion: { probes: number; inVain: number; nextMillis: number } | undefined
}

/**
 * What the active controller knows of the brokers from hearing them, and forgets with its office: who lives, how far each
 * has applied the metadata, how many commits its storage holds. All times are monotonic milliseconds of the caller's clock.
 */
export class BrokerSessions {
  readonly #sessionMillis: number
  readonly #sessions = new Map<number, Session>()

  constructor(sessionMillis: number) {
    this.#sessionMillis = sessionMillis
  }

  /** A new controller has heard nobody, so everybody who may lead gets a fresh session. */
  grantAll(brokers: Iterable<BrokerRegistration>, nowMillis: number): void {
    for (const { brokerId, brokerEpoch, fenced } of brokers) if (!fenced) this.#renew(brokerId, brokerEpoch, nowMillis)
  }

  /**
   * Takes a heartbeat of the registered broker epoch. False for one that shows less than an earlier one did: it was late on
   * its way, and an old message proves no life, or it is of a storage that has lost commits.
   */
  heard({ brokerId, brokerEpoch, metadataOffset, commitSequence, wantFence }: BrokerHeartbeatRequest, nowMillis: number): boolean {
    const present = this.#sessions.get(brokerId)
    if (present?.brokerEpoch === brokerEpoch && (commitSequence < present.commitSequence || metadataOffset < present.metadataOffset)) return false
    const session = this.#renew(brokerId, brokerEpoch, nowMillis)
    session.metadataOffset = metadataOffset
    session.commitSequence = commitSequence
    session.wantsFence = wantFence
    session.suspicion = undefined
    return true
  }

  /** Unfenced brokers whose session is over, or where all probes found nobody. They are named until they are fenced. */
  expired(image: MetadataImage, nowMillis: number): ReadonlyArray<ExpiredBroker> {
    const expired: Array<ExpiredBroker> = []
    for (const { brokerId, brokerEpoch, fenced } of image.brokers) {
      if (fenced) continue
      const session = this.#sessions.get(brokerId)
      // Registered and unfenced at once, so that it has not been heard yet.
      if (session?.brokerEpoch !== brokerEpoch) this.#renew(brokerId, brokerEpoch, nowMillis)
      else if (nowMillis >= session.deadlineMillis || isProbedInVain(session)) expired.push({ brokerId, brokerEpoch })
    }
    return expired.toSorted((a, b) => a.brokerId - b.brokerId)
  }

  /** This process stood still: what it did not hear in that time says nothing about others. */
  stalled(millis: number): void {
    for (const session of this.#sessions.values()) {
      session.deadlineMillis += millis
      if (session.suspicion !== undefined) session.suspicion.nextMillis += millis
    }
  }

  /**
   * A hint of the bus that a broker is gone. It is asked before it is believed, in a while: its connection may only be moving
   * to another server.
   */
  suspect(brokerId: number, nowMillis: number): void {
    const session = this.#sessions.get(brokerId)
    if (session !== undefined) session.suspicion ??= { probes: 0, inVain: 0, nextMillis: nowMillis + probeIntervalMillis }
  }

  isSuspect(brokerId: number): boolean {
    return this.#sessions.get(brokerId)?.suspicion !== undefined
  }

  /** A probe found nobody. */
  probedInVain(brokerId: number): void {
    const suspicion = this.#sessions.get(brokerId)?.suspicion
    if (suspicion !== undefined) suspicion.inVain++
  }

  /** Brokers that are to be asked now. Each is named again after `probeIntervalMillis`, `probesMax` times. */
  probesDue(nowMillis: number): ReadonlyArray<number> {
    const due: Array<number> = []
    for (const [brokerId, { suspicion }] of this.#sessions) {
      if (suspicion === undefined || suspicion.probes >= probesMax || nowMillis < suspicion.nextMillis) continue
      suspicion.probes++
      suspicion.nextMillis = nowMillis + probeIntervalMillis
      due.push(brokerId)
    }
    return due
  }

  /** A probe found somebody, or may have. That ends the suspicion, and renews no session. */
  cleared(brokerId: number): void {
    const session = this.#sessions.get(brokerId)
    if (session !== undefined) session.suspicion = undefined
  }

  /** The most commits that a broker was heard to hold, in its last uptime that was heard; undefined for none. */
  commitSequenceOf(brokerId: number): number | undefined {
    const sequence = this.#sessions.get(brokerId)?.commitSequence ?? -1
    return sequence < 0 ? undefined : sequence
  }

  /** Whether a broker asks to be fenced: its disk takes nothing. */
  wantsFence(brokerId: number): boolean {
    return this.#sessions.get(brokerId)?.wantsFence === true
  }

  /** Whether a request for other in-sync sets is later than all that came before it. An older one may have been answered as lost. */
  isLatest(brokerId: number, brokerEpoch: number, sequence: number, nowMillis: number): boolean {
    const present = this.#sessions.get(brokerId)
    const session = present?.brokerEpoch === brokerEpoch ? present : this.#renew(brokerId, brokerEpoch, nowMillis)
    if (sequence <= session.alterPartitionSequence) return false
    session.alterPartitionSequence = sequence
    return true
  }

  /** Who stops may do so when everybody else has applied the metadata up to here. */
  awaitApplied(brokerId: number, endOffset: number): void {
    const session = this.#sessions.get(brokerId)
    if (session !== undefined) session.shutDownOffset = endOffset
  }

  shutDownOffset(brokerId: number): number | undefined {
    return this.#sessions.get(brokerId)?.shutDownOffset
  }

  /** Whether every unfenced broker but one has applied everything below `endOffset`. */
  haveApplied(image: MetadataImage, endOffset: number, exceptId: number): boolean {
    for (const { brokerId, brokerEpoch, fenced } of image.brokers) {
      if (fenced || brokerId === exceptId) continue
      const session = this.#sessions.get(brokerId)
      if (session?.brokerEpoch !== brokerEpoch || session.metadataOffset < endOffset) return false
    }
    return true
  }

  #renew(brokerId: number, brokerEpoch: number, nowMillis: number): Session {
    const deadlineMillis = nowMillis + this.#sessionMillis
    const present = this.#sessions.get(brokerId)
    if (present?.brokerEpoch === brokerEpoch) {
      present.deadlineMillis = deadlineMillis
      return present
    }
    const session: Session = {
      brokerEpoch, deadlineMillis, metadataOffset: -1, commitSequence: -1, wantsFence: false, alterPartitionSequence: -1,
      shutDownOffset: undefined, suspicion: undefined
    }
    this.#sessions.set(brokerId, session)
    return session
  }
}

function isProbedInVain({ suspicion }: Session): boolean {
  return suspicion !== undefined && suspicion.inVain >= probesMax
}
