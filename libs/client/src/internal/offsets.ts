import type { CommittedOffset, ListedOffset, OffsetAndMetadata, OffsetSpec, TopicPartition } from "../AdminTypes.ts"
import type { Cluster } from "../Cluster.ts"
import { ClientError } from "../ClientError.ts"
import { KafkaError } from "../KafkaError.ts"
import { listOffsetsApi, offsetCommitApi, offsetFetchApi } from "./apis.ts"
import { isRetriable } from "./Timing.ts"

/** One partition as a key of maps. Topic names cannot hold a slash. */
export const partitionKey = (topic: string, partition: number): string => `${topic}/${partition}`

/** Items of one topic together, in the order in which topics first appear. */
export const byTopic = <T extends TopicPartition>(items: Iterable<T>): Map<string, Array<T>> => {
  const topics = new Map<string, Array<T>>()
  for (const item of items) {
    const list = topics.get(item.topic)
    if (list === undefined) topics.set(item.topic, [item])
    else list.push(item)
  }
  return topics
}

const timestampOf = (spec: OffsetSpec): number =>
  spec === "latest" ? -1 : spec === "earliest" ? -2 : spec === "max-timestamp" ? -3 : spec.timestampMillis

export interface OffsetQuery extends TopicPartition {
  readonly spec: OffsetSpec
}

export interface ListOffsetsOptions {
  readonly isolationLevel?: "read_uncommitted" | "read_committed" | undefined
  readonly signal?: AbortSignal | undefined
  /** Ask once and answer what there is, instead of asking again until everything is there. */
  readonly once?: boolean
}

const failed = (query: OffsetQuery, error: KafkaError): ListedOffset =>
  ({ topic: query.topic, partition: query.partition, offset: -1, timestamp: -1, leaderEpoch: -1, error })

/** Asks one leader for some partitions. */
const listAtLeader = async (
  cluster: Cluster, leader: number, queries: ReadonlyArray<OffsetQuery>, options: ListOffsetsOptions
): Promise<ReadonlyArray<ListedOffset>> => {
  const connection = await cluster.connection(leader, "main", options.signal)
  const response = await connection.request(listOffsetsApi, (version) => {
    if (version < 7 && queries.some((query) => query.spec === "max-timestamp")) {
      throw new ClientError("unsupported", "this broker cannot look up the highest timestamp")
    }
    return {
      replicaId: -1,
      ...(version >= 2 ? { isolationLevel: options.isolationLevel === "read_committed" ? 1 : 0 } : {}),
      topics: [...byTopic(queries)].map(([name, list]) => ({
        name, partitions: list.map((query) => ({
          partitionIndex: query.partition, timestamp: timestampOf(query.spec),
          ...(version >= 4 ? { currentLeaderEpoch: cluster.metadata.leaderOf(query.topic, query.partition)?.leaderEpoch ?? -1 } : {})
        }))
      })),
      timeoutMs: cluster.options.requestTimeoutMillis
    }
  }, { signal: options.signal })
  return response.topics.flatMap((topic) => topic.partitions.map((found) => ({
    topic: topic.name, partition: found.partitionIndex, offset: found.offset, timestamp: found.timestamp,
    leaderEpoch: found.leaderEpoch, error: KafkaError.of(found.errorCode, `${topic.name}-${found.partitionIndex}`)
  })))
}

/** What does not exist as far as metadata says will not be there a moment later; a leader may only not have heard of it yet. */
const isWorthAsking = (cluster: Cluster, { topic, partition }: OffsetQuery, error: KafkaError): boolean =>
  error.errorCode !== 3 || cluster.metadata.leaderOf(topic, partition) !== undefined

/**
 * Looks offsets up at the leaders, asking again while they move. Results come in the order of the queries.
 * A topic or partition that does not exist is a result with an error.
 */
export const listOffsets = async (
  cluster: Cluster, queries: ReadonlyArray<OffsetQuery>, options: ListOffsetsOptions = {}
): Promise<ReadonlyArray<ListedOffset>> => {
  const results = new Map<string, ListedOffset>()
  let rest = queries
  let isFirst = true
  const attempt = async (): Promise<void> => {
    const topics = [...new Set(rest.map((query) => query.topic))]
    if (!isFirst) await cluster.refreshStale(topics)
    else if (topics.some((topic) => cluster.freshTopic(topic) === undefined)) await cluster.refresh(topics)
    isFirst = false
    const unreached = await askLeaders(cluster, rest, results, options)
    rest = rest.filter((query) => {
      const result = results.get(partitionKey(query.topic, query.partition))
      return result === undefined || (result.error !== undefined && isRetriable(result.error) && isWorthAsking(cluster, query, result.error))
    })
    if (unreached !== undefined) throw unreached
    const first = rest[0]
    if (first !== undefined) throw results.get(partitionKey(first.topic, first.partition))?.error
  }
  try {
    await (options.once === true ? attempt() : cluster.retry(options.signal, attempt))
  } catch (error) {
    // What is left after the last attempt stays in the results with its own error.
    if (options.once === true) void cluster.refreshStale([...new Set(rest.map((query) => query.topic))]).catch(() => undefined)
    if (!isRetriable(error) || results.size === 0) throw error
  }
  return queries.map((query) => results.get(partitionKey(query.topic, query.partition)) ?? failed(query, new KafkaError(13)))
}

/** Asks each leader once, and answers why one of them could not be asked. One that cannot be reached keeps nothing back of the others. */
const askLeaders = async (
  cluster: Cluster, queries: ReadonlyArray<OffsetQuery>, results: Map<string, ListedOffset>, options: ListOffsetsOptions
): Promise<unknown> => {
  const leaders = new Map<number, Array<OffsetQuery>>()
  for (const query of queries) {
    const topic = cluster.metadata.topic(query.topic)
    const leader = cluster.metadata.leaderOf(query.topic, query.partition)
    if (leader !== undefined) {
      const list = leaders.get(leader.leader)
      if (list === undefined) leaders.set(leader.leader, [query])
      else list.push(query)
    } else {
      const code = topic?.errorCode !== 0 ? topic?.errorCode ?? 3 : topic.partitions[query.partition] === undefined ? 3 : 5
      results.set(partitionKey(query.topic, query.partition), failed(query, new KafkaError(code, `${query.topic}-${query.partition}`)))
    }
  }
  const answers = await Promise.allSettled([...leaders].map(([leader, list]) => listAtLeader(cluster, leader, list, options)))
  const asked = [...leaders.values()]
  for (const [index, answer] of answers.entries()) {
    if (answer.status === "rejected") continue
    // What the leader leaves out has to have a result too.
    for (const query of asked[index] ?? []) {
      results.set(partitionKey(query.topic, query.partition), failed(query, new KafkaError(-1, `${query.topic}-${query.partition}`)))
    }
    for (const found of answer.value) results.set(partitionKey(found.topic, found.partition), found)
  }
  return answers.find((answer) => answer.status === "rejected")?.reason
}

/** Committed offsets of a group: of the named partitions, or all that it has with null. */
export const fetchCommitted = (
  cluster: Cluster, groupId: string, partitions: ReadonlyArray<TopicPartition> | null,
  options: { readonly requireStable?: boolean; readonly signal?: AbortSignal | undefined } = {}
): Promise<ReadonlyArray<CommittedOffset>> => cluster.retry(options.signal, async () => {
  const topics = partitions === null ? null : [...byTopic(partitions)].map(([name, list]) =>
    ({ name, partitionIndexes: list.map((item) => item.partition) }))
  const response = await cluster.callCoordinator(groupId, offsetFetchApi, (version) => ({
    ...(version >= 8 ? { groups: [{ groupId, topics }] } : { groupId, topics }),
    ...(version >= 7 ? { requireStable: options.requireStable === true } : {})
  }), { signal: options.signal })
  const group = response.groups[0] ?? response
  checkCoordinator(cluster, groupId, group.errorCode)
  const found = group.topics.flatMap((topic) => topic.partitions.map((item) => ({
    topic: topic.name, partition: item.partitionIndex, offset: item.committedOffset, leaderEpoch: item.committedLeaderEpoch,
    metadata: item.metadata ?? "", error: KafkaError.of(item.errorCode, `${topic.name}-${item.partitionIndex}`)
  })))
  const unstable = found.find((item) => item.error?.isRetriable === true)
  if (unstable?.error !== undefined) throw unstable.error
  return found
})

/** Throws the error of a group, and forgets the coordinator when it is not the right one any more. */
export const checkCoordinator = (cluster: Cluster, groupId: string, errorCode: number): void => {
  if (errorCode === 15 || errorCode === 16) cluster.forgetCoordinator(groupId)
  KafkaError.check(errorCode, groupId)
}

/** What says that the coordinator, not the partition, is at fault: the same for all partitions of a commit. */
const coordinatorCodes: ReadonlySet<number> = new Set([7, 14, 15, 16])

export interface CommitIdentity {
  readonly groupId: string
  readonly generationId: number
  readonly memberId: string
  readonly groupInstanceId: string | null
}

/** Commits once and answers each partition's result; retriable failures of the whole request are thrown. */
export const commitOffsets = async (
  cluster: Cluster, identity: CommitIdentity, offsets: ReadonlyArray<TopicPartition & OffsetAndMetadata>, signal?: AbortSignal
): Promise<ReadonlyArray<TopicPartition & { readonly error: KafkaError | undefined }>> => {
  const { groupId } = identity
  const response = await cluster.callCoordinator(groupId, offsetCommitApi, (version) => ({
    groupId, generationIdOrMemberEpoch: identity.generationId, memberId: identity.memberId,
    ...(version >= 7 ? { groupInstanceId: identity.groupInstanceId } : {}),
    topics: [...byTopic(offsets)].map(([name, list]) => ({
      name, partitions: list.map((item) => ({
        partitionIndex: item.partition, committedOffset: item.offset,
        committedLeaderEpoch: item.leaderEpoch ?? -1, committedMetadata: item.metadata ?? ""
      }))
    }))
  }), { signal })
  const results = response.topics.flatMap((topic) => topic.partitions.map((item) => ({
    topic: topic.name, partition: item.partitionIndex, error: KafkaError.of(item.errorCode, `${topic.name}-${item.partitionIndex}`)
  })))
  const retriable = results.find((item) => item.error !== undefined && coordinatorCodes.has(item.error.errorCode))?.error
  if (retriable !== undefined) checkCoordinator(cluster, groupId, retriable.errorCode)
  return results
}
