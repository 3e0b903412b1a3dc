import { noBytes } from "./ownBytes.ts"
import { Timer } from "./TimerQueue.ts"

/** A way to assign partitions which a member offers, with what it has to say for it. The bytes are opaque. */
export interface Protocol {
  readonly name: string
  readonly metadata: Buffer
}

/** What the objects around a protocol take, about. Without it a great many protocols without content would cost nothing. */
const protocolOverheadBytes = 64

/** Bytes that a protocol keeps alive. */
export const protocolBytes = ({ metadata, name }: Protocol): number => protocolOverheadBytes + name.length + metadata.length

/** A JoinGroup that has not been answered. */
export interface WaitingJoin {
  readonly token: unknown
  readonly apiVersion: number
}

/** A SyncGroup that has not been answered. */
export interface WaitingSync {
  readonly token: unknown
}

export interface MemberFields {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly rebalanceTimeoutMillis: number
  readonly sessionTimeoutMillis: number
  readonly protocols: ReadonlyArray<Protocol>
  readonly assignment?: Buffer
}

/** A member of a classic group as its coordinator sees it now. Changed only by its ClassicGroup. */
export class Member {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  rebalanceTimeoutMillis: number
  sessionTimeoutMillis: number
  protocols: ReadonlyArray<Protocol>
  assignment: Buffer
  /** It has not been in a generation yet, so it cannot send heartbeats: its join itself may expire. */
  isNew = false
  /** It has joined the round that is being prepared. Stays true when the connection closes meanwhile. */
  hasJoined = false
  /** It owes the SyncGroup of the current generation. */
  needsSync = false
  join: WaitingJoin | undefined = undefined
  sync: WaitingSync | undefined = undefined
  /** Due when the session ends; a member that waits for an answer does not have to send heartbeats. */
  readonly session: Timer

  constructor(fields: MemberFields, onSessionEnd: (member: Member) => void) {
    this.memberId = fields.memberId
    this.groupInstanceId = fields.groupInstanceId
    this.clientId = fields.clientId
    this.clientHost = fields.clientHost
    this.rebalanceTimeoutMillis = fields.rebalanceTimeoutMillis
    this.sessionTimeoutMillis = fields.sessionTimeoutMillis
    this.protocols = fields.protocols
    this.assignment = fields.assignment ?? noBytes
    this.session = new Timer(() => onSessionEnd(this))
  }

  get isStatic(): boolean {
    return this.groupInstanceId !== null
  }

  /** Bytes it keeps alive, whatever it offers and is assigned. */
  get idBytes(): number {
    return this.memberId.length + (this.groupInstanceId?.length ?? 0) + this.clientId.length + this.clientHost.length
  }

  /** Bytes it keeps alive. */
  get bytes(): number {
    return this.protocols.reduce((sum, protocol) => sum + protocolBytes(protocol), this.idBytes + this.assignment.length)
  }

  /** What it said for the protocol; a protocol it does not know is an error of this room. */
  metadata(protocolName: string | null): Buffer {
    return this.protocols.find((protocol) => protocol.name === protocolName)?.metadata ?? noBytes
  }

  /** Whether a rejoin brings nothing new: the same protocols in the same order with the same bytes. */
  offersTheSame(protocols: ReadonlyArray<Protocol>): boolean {
    return protocols.length === this.protocols.length && protocols.every((protocol, index) => {
      const mine = this.protocols[index]
      return mine !== undefined && mine.name === protocol.name && mine.metadata.equals(protocol.metadata)
    })
  }

  /** Its first choice among the candidates. */
  vote(candidates: ReadonlySet<string>): string | undefined {
    return this.protocols.find((protocol) => candidates.has(protocol.name))?.name
  }
}
