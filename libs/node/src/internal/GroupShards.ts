import type { GroupCallName, GroupCalls, GroupCoordinators } from "@tailrace/contracts"
import { partitionFor } from "@tailrace/coordinator"
import { ErrorCode, type MetadataRecord } from "@tailrace/kafka-protocol"
import { type MetadataImage, offsetsTopic } from "@tailrace/metadata"
import type { GroupShardActor } from "../GroupShardActor.ts"

/** Old consumers keep offsets under no name. These calls go on serving them, as Kafka's do; a group with members has a name. */
const takesEmptyId: ReadonlySet<GroupCallName> = new Set(["commitOffsets", "fetchOffsets", "describeGroup", "deleteGroup"])

/** The shards of this node by their partition of `__consumer_offsets`, and the way to them. */
export class GroupShards implements GroupCoordinators {
  readonly #metadata: () => MetadataImage
  readonly #createOffsetsTopic: () => Promise<unknown>
  readonly #shards = new Map<number, GroupShardActor>()

  constructor(metadata: () => MetadataImage, createOffsetsTopic: () => Promise<unknown>) {
    this.#metadata = metadata
    this.#createOffsetsTopic = createOffsetsTopic
  }

  get(partition: number): GroupShardActor | undefined {
    return this.#shards.get(partition)
  }

  set(partition: number, shard: GroupShardActor): void {
    this.#shards.set(partition, shard)
  }

  all(): Iterable<GroupShardActor> {
    return this.#shards.values()
  }

  /** The metadata is about to take in these records: behind them it does not know what the topics were called. */
  willApply(records: ReadonlyArray<MetadataRecord>): void {
    const topics = new Set<string>()
    for (const record of records) {
      const topic = record.type === "RemoveTopicRecord" ? this.#metadata().topicById(record.value.topicId) : undefined
      if (topic !== undefined) topics.add(topic.name)
    }
    this.#topicsDeleted(topics)
  }

  /** The metadata is about to be replaced: topics that the new one does not have, or has anew, were deleted. */
  willRestore(image: MetadataImage): void {
    const topics = new Set<string>()
    for (const { name, topicId } of this.#metadata().topics) if (image.topicById(topicId) === undefined) topics.add(name)
    this.#topicsDeleted(topics)
  }

  async find(groupIds: ReadonlyArray<string>): Promise<ReadonlyArray<number>> {
    if (this.#metadata().topic(offsetsTopic) === undefined) await this.#createOffsetsTopic()
    const partitions = this.#metadata().topic(offsetsTopic)?.partitions ?? []
    return groupIds.map((groupId) => partitions[partitionFor(groupId, partitions.length)]?.leader ?? -1)
  }

  ask<K extends GroupCallName>(
    kind: K,
    request: GroupCalls[K]["request"],
    answer: (response: GroupCalls[K]["response"] | number) => void
  ): () => void {
    if (request.groupId === "" && !takesEmptyId.has(kind)) {
      answer(ErrorCode.INVALID_GROUP_ID)
      return () => undefined
    }
    const partitions = this.#metadata().topic(offsetsTopic)?.partitions.length ?? 0
    const shard = partitions === 0 ? undefined : this.#shards.get(partitionFor(request.groupId, partitions))
    if (shard !== undefined) return shard.ask(kind, request, answer)
    answer(ErrorCode.NOT_COORDINATOR)
    return () => undefined
  }

  /** The groups of the partitions that this node leads; the others are for their leaders to list, and no error here. */
  listGroups(
    request: GroupCalls["listGroups"]["request"],
    answer: (response: GroupCalls["listGroups"]["response"] | number) => void
  ): void {
    const shards = [...this.#shards.values()]
    const groups: Array<GroupCalls["listGroups"]["response"][number]> = []
    let open = shards.length
    let errorCode: number = ErrorCode.NONE
    if (open === 0) return answer(groups)
    for (const shard of shards) {
      shard.listGroups(request, (response) => {
        // One by one: a shard may have more groups than a call takes arguments.
        if (typeof response !== "number") for (const group of response) groups.push(group)
        else if (shard.isLed) errorCode = response
        open--
        if (open === 0) answer(errorCode === ErrorCode.NONE ? groups : errorCode)
      })
    }
  }

  /** All shards, wherever the replicas of a topic were: any group may have committed offsets of it. */
  #topicsDeleted(topics: ReadonlySet<string>): void {
    if (topics.size > 0) for (const shard of this.#shards.values()) shard.topicsDeleted(topics)
  }
}
