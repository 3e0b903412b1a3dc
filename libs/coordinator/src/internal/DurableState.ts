import type { GroupMetadataValue } from "@tailrace/kafka-protocol"
import { readRecord } from "./records.ts"
import type { CommittedOffset } from "./records.ts"

export interface StoredGroup {
  /** Undefined for a group that only ever committed offsets (a "simple" group). */
  metadata: GroupMetadataValue | undefined
  /** By topic and partition. */
  readonly offsets: Map<string, Map<number, CommittedOffset>>
}

/**
 * What the records of one partition of `__consumer_offsets` say. `replay` is the only way in, so a coordinator,
 * a follower and a restart come to the same state. A group exists while it has metadata or an offset.
 */
export class DurableState {
  readonly groups = new Map<string, StoredGroup>()
  /** Records of kinds that belong to newer group protocols. */
  ignoredRecords = 0
  offsetsCount = 0

  replay(key: Buffer | null, value: Buffer | null): void {
    const change = readRecord(key, value)
    if (change === undefined) this.ignoredRecords += 1
    else if (change.kind === "group") this.#setMetadata(change.groupId, change.metadata ?? undefined)
    else if (change.committed === null) this.#removeOffset(change.groupId, change.topic, change.partition)
    else this.#setOffset(change.groupId, change.topic, change.partition, change.committed)
  }

  offset(groupId: string, topic: string, partition: number): CommittedOffset | undefined {
    return this.groups.get(groupId)?.offsets.get(topic)?.get(partition)
  }

  #setMetadata(groupId: string, metadata: GroupMetadataValue | undefined): void {
    if (metadata !== undefined) this.#ensure(groupId).metadata = metadata
    const group = this.groups.get(groupId)
    if (group === undefined) return
    group.metadata = metadata
    this.#dropIfGone(groupId, group)
  }

  #setOffset(groupId: string, topic: string, partition: number, committed: CommittedOffset): void {
    const group = this.#ensure(groupId)
    let partitions = group.offsets.get(topic)
    if (partitions === undefined) group.offsets.set(topic, partitions = new Map())
    if (!partitions.has(partition)) this.offsetsCount += 1
    partitions.set(partition, committed)
  }

  #removeOffset(groupId: string, topic: string, partition: number): void {
    const group = this.groups.get(groupId)
    const partitions = group?.offsets.get(topic)
    if (group === undefined || partitions === undefined || !partitions.delete(partition)) return
    this.offsetsCount -= 1
    if (partitions.size === 0) group.offsets.delete(topic)
    this.#dropIfGone(groupId, group)
  }

  #ensure(groupId: string): StoredGroup {
    let group = this.groups.get(groupId)
    if (group === undefined) this.groups.set(groupId, group = { metadata: undefined, offsets: new Map() })
    return group
  }

  #dropIfGone(groupId: string, group: StoredGroup): void {
    if (group.metadata === undefined && group.offsets.size === 0) this.groups.delete(groupId)
  }
}
