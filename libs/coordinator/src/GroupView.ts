/** A group at a moment, for tests, simulators and consoles. Not part of any decision. */
export interface GroupView {
  readonly state: string
  readonly generationId: number
  readonly leaderId: string | null
  readonly protocolName: string | null
  readonly pendingMemberIds: ReadonlyArray<string>
  /** Infinity while no join, or sync, phase runs. */
  readonly joinDeadlineMillis: number
  readonly syncDeadlineMillis: number
  readonly members: ReadonlyArray<MemberView>
}

export interface MemberView {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly isWaiting: boolean
  readonly hasJoined: boolean
  readonly needsSync: boolean
  readonly bytes: number
  /** Infinity where the session does not run, as for a member that waits for an answer. */
  readonly sessionDeadlineMillis: number
}
