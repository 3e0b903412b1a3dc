import type { PartitionChangeRecord } from "@tailrace/kafka-protocol"
import type { PartitionImage } from "../MetadataImage.ts"
import { noLeader } from "./records.ts"

/** Who may do what, as it will be once the records that are being decided are applied. */
export interface Electorate {
  /** Registered, unfenced, and not on its way out. */
  readonly mayLead: (brokerId: number) => boolean
  readonly isUnfenced: (brokerId: number) => boolean
}

export interface PartitionRules extends Electorate {
  /** The effective minimum of in-sync replicas with a replication factor. */
  readonly minIsr: (replicationFactor: number) => number
  /** The topic has opted into losing data rather than being offline. */
  readonly isUncleanAllowed: boolean
}

export interface Assignment {
  /** Those that were there before and those that come, the wanted leader first. */
  readonly replicas: ReadonlyArray<number>
  readonly addingReplicas: ReadonlyArray<number>
  readonly removingReplicas: ReadonlyArray<number>
}

/** What is to happen to a partition. Everything that follows from it is `changePartition`'s. */
export interface PartitionWish {
  readonly isr?: ReadonlyArray<number>
  readonly assignment?: Assignment
  /** A broker that is gone or goes, with its storage intact: it leaves the in-sync set unless it is the last one in it. */
  readonly leaving?: number
  /** A broker whose storage may have lost something, or (wiped) has nothing at all: it is no candidate for anything any more. */
  readonly lost?: { readonly brokerId: number; readonly isWiped: boolean }
  readonly election?: "preferred" | "unclean"
  /** A leader that somebody else in the in-sync set shall replace. */
  readonly moveFrom?: number
  /** A new leader epoch also where the leader stays. */
  readonly isNewRun?: boolean
  readonly directories?: ReadonlyArray<string>
}

/** How many replicas a partition has apart from those that a reassignment still adds. */
export function replicationFactor({ replicas, addingReplicas }: Pick<PartitionImage, "replicas" | "addingReplicas">): number {
  return replicas.length - addingReplicas.length
}

interface Draft {
  replicas: ReadonlyArray<number>
  addingReplicas: ReadonlyArray<number>
  removingReplicas: ReadonlyArray<number>
  isr: ReadonlyArray<number>
  eligibleLeaderReplicas: ReadonlyArray<number>
  lastKnownElr: ReadonlyArray<number>
  leader: number
  leaderRecoveryState: number
  isNewRun: boolean
}

/**
 * The one place where in-sync sets, eligible leader replicas (KIP-966) and leaders are decided. Answers the fields that
 * change, undefined when none does. What it guarantees:
 *
 * - A leader is unfenced and in sync. Without an unclean election it had been in every in-sync set under which the high
 *   watermark could move, so it has everything that was acknowledged.
 * - Below the minimum of in-sync replicas the high watermark stands still, so who leaves stays complete and is an eligible
 *   leader. At or above the minimum nobody is one. No replica is in both sets.
 * - The last in-sync replica stays in the set when it is gone, as long as its storage is intact.
 * - An eligible leader that is elected is the whole in-sync set: the others may have records behind its own.
 */
export function changePartition(partition: PartitionImage, wish: PartitionWish, rules: PartitionRules): Partial<PartitionChangeRecord> | undefined {
  const { replicas, addingReplicas, removingReplicas } = wish.assignment ?? partition
  const draft: Draft = {
    replicas, addingReplicas, removingReplicas,
    isr: wantedIsr(partition, wish, replicas),
    eligibleLeaderReplicas: [], lastKnownElr: [],
    leader: partition.leader, leaderRecoveryState: partition.leaderRecoveryState, isNewRun: wish.isNewRun ?? false
  }
  finishReassignment(draft)
  // Who is no replica any more must not fetch in the present epoch, and may come back with nothing before it was missed.
  if (!partition.replicas.every((id) => draft.replicas.includes(id))) draft.isNewRun = true
  settleEligible(draft, partition, wish, rules)
  elect(draft, partition, wish, rules)
  // Nobody is left who may hold as committed what an unclean election gave up. Who was away until now has to be told of it.
  const isWhole = draft.replicas.every((id) => draft.isr.includes(id))
  if (wish.isr !== undefined && draft.leader === partition.leader && isWhole) draft.leaderRecoveryState = 0
  return difference(partition, draft, wish)
}

function wantedIsr(partition: PartitionImage, wish: PartitionWish, replicas: ReadonlyArray<number>): ReadonlyArray<number> {
  const isr = (wish.isr ?? partition.isr).filter((id) => replicas.includes(id) && id !== wish.lost?.brokerId)
  const others = isr.filter((id) => id !== wish.leaving)
  return others.length > 0 ? others : isr
}

/** A reassignment is over when everybody who is to stay is in sync: whoever goes may be what makes up for one that is not. */
function finishReassignment(draft: Draft): void {
  const { addingReplicas, removingReplicas } = draft
  if (addingReplicas.length === 0 && removingReplicas.length === 0) return
  const replicas = draft.replicas.filter((id) => !removingReplicas.includes(id))
  const isr = draft.isr.filter((id) => !removingReplicas.includes(id))
  if (!replicas.every((id) => isr.includes(id))) return
  draft.replicas = replicas
  draft.isr = isr
  draft.addingReplicas = []
  draft.removingReplicas = []
}

function settleEligible(draft: Draft, partition: PartitionImage, wish: PartitionWish, rules: PartitionRules): void {
  if (draft.isr.length >= rules.minIsr(replicationFactor(draft))) {
    draft.eligibleLeaderReplicas = []
    draft.lastKnownElr = []
    return
  }
  const complete = [...partition.isr, ...(partition.eligibleLeaderReplicas ?? [])]
  draft.eligibleLeaderReplicas = draft.replicas
    .filter((id) => complete.includes(id) && !draft.isr.includes(id) && id !== wish.lost?.brokerId)
  // Who once had everything and may have lost some of it, the last leader first.
  const known = new Set([partition.leader, ...(partition.lastKnownElr ?? []), ...complete])
  if (wish.lost?.isWiped === true) {
    known.delete(wish.lost.brokerId)
    // The last one that had everything has nothing now, and must not be chosen before those that have some of it.
    const isOver = ![...draft.isr, ...draft.eligibleLeaderReplicas, ...known].some((id) => draft.replicas.includes(id))
    if (isOver) for (const id of draft.replicas) if (id !== wish.lost.brokerId) known.add(id)
  }
  draft.lastKnownElr = [...known]
    .filter((id) => draft.replicas.includes(id) && !draft.isr.includes(id) && !draft.eligibleLeaderReplicas.includes(id))
}

function elect(draft: Draft, partition: PartitionImage, wish: PartitionWish, rules: PartitionRules): void {
  const { replicas, isr, eligibleLeaderReplicas } = draft
  const present = isr.includes(partition.leader) ? [partition.leader] : []
  const preferred = wish.election === "preferred" ? replicas.slice(0, 1) : []
  const inSync = [...preferred, ...present, ...replicas].filter((id) => isr.includes(id))
  draft.leader = inSync.find((id) => rules.mayLead(id) && id !== wish.moveFrom)
    // Better one that is on its way out than none.
    ?? [...present, ...inSync].find((id) => rules.isUnfenced(id))
    ?? noLeader
  if (draft.leader !== noLeader) return
  const eligible = replicas.find((id) => eligibleLeaderReplicas.includes(id) && rules.mayLead(id))
  if (eligible !== undefined) {
    draft.leader = eligible
    draft.isr = [eligible]
    settleEligible(draft, partition, wish, rules)
    return
  }
  const unclean = uncleanCandidates(draft, wish, rules).find((id) => rules.mayLead(id))
  if (unclean === undefined) return
  draft.leader = unclean
  draft.isr = [unclean]
  draft.eligibleLeaderReplicas = []
  draft.lastKnownElr = []
  draft.leaderRecoveryState = 1
}

/** Who may lead without being known to have everything, the likeliest to have it first. */
function uncleanCandidates({ replicas, isr, lastKnownElr }: Draft, wish: PartitionWish, rules: PartitionRules): ReadonlyArray<number> {
  if (rules.isUncleanAllowed || wish.election === "unclean") return [...lastKnownElr, ...replicas]
  // Nobody else has a copy: what is left of the only one is the longest log there can be.
  return replicas.length === 1 && isr.length === 0 ? lastKnownElr : []
}

function difference(partition: PartitionImage, draft: Draft, wish: PartitionWish): Partial<PartitionChangeRecord> | undefined {
  const change: { -readonly [Key in keyof PartitionChangeRecord]?: PartitionChangeRecord[Key] } = {}
  const lists = ["replicas", "addingReplicas", "removingReplicas", "isr", "eligibleLeaderReplicas", "lastKnownElr"] as const
  for (const name of lists) {
    if (!isEqual(draft[name], partition[name] ?? [])) change[name] = draft[name]
  }
  const directories = directoriesOf(partition, draft, wish)
  if (!isEqual(directories, partition.directories)) change.directories = directories
  if (draft.leader !== partition.leader || (draft.isNewRun && draft.leader !== noLeader)) change.leader = draft.leader
  if (draft.leaderRecoveryState !== partition.leaderRecoveryState) change.leaderRecoveryState = draft.leaderRecoveryState
  return Object.keys(change).length === 0 ? undefined : change
}

/** They go along with the replicas: the same number, in the same order. */
function directoriesOf(partition: PartitionImage, { replicas }: Draft, wish: PartitionWish): ReadonlyArray<string> {
  const from = wish.assignment?.replicas ?? partition.replicas
  const directories = wish.directories ?? partition.directories
  return replicas === from ? directories : replicas.map((id) => directories[from.indexOf(id)]!)
}

function isEqual<Value>(one: ReadonlyArray<Value>, other: ReadonlyArray<Value>): boolean {
  return one.length === other.length && one.every((value, at) => value === other[at])
}
