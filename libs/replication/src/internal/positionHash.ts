import type { FetchEntry, PartitionName } from "../ReplicaMessage.ts"

const two32 = 0x1_0000_0000

const mix = (hash: number, value: number): number => {
  const mixed = Math.imul(hash ^ value, 0x85eb_ca6b)
  return (mixed ^ (mixed >>> 15)) >>> 0
}

const mixWide = (hash: number, value: number): number => mix(mix(hash, Math.floor(value / two32)), value >>> 0)

export function nameHash({ partition, topicId }: PartitionName): number {
  let hash = mix(0x9e37_79b9, partition)
  for (let i = 0; i < topicId.length; i++) hash = mix(hash, topicId.charCodeAt(i))
  return hash
}

/** One slot's part in the checksum of a session, which is the XOR over all slots: a change costs only what changed. */
export function positionHash(name: number, entry: Omit<FetchEntry, "name">): number {
  let hash = mix(mix(name, entry.slot), entry.leaderEpoch)
  hash = mixWide(mixWide(mixWide(hash, entry.fetchOffset), entry.durableEnd), entry.logStartOffset)
  return mix(mix(hash, entry.lastFetchedEpoch), entry.fragmentPosition)
}
