import { tryDecodeAssignment } from "./internal/consumerProtocol.ts"
import {
  type AlterConfig, AlterConfigOperation, type AlteredConfig, type ClusterDescription, type CommittedOffset, type ConfigEntry,
  type ConfigResource, ConfigResourceType, configSourceNames, type CreatedTopic, type DescribedConfig, type ElectionType,
  type GroupDescription, type GroupListing, type ListedOffset, type LogDirDescription, type NamedResult, type NewTopic,
  type OffsetAndMetadata, type OffsetSpec, type PartitionResult, type QuorumDescription, type Reassignment, type ReassignmentUnderWay,
  type TopicDescription, type TopicListing, type TopicPartition
} from "./AdminTypes.ts"
import { ClientError } from "./ClientError.ts"
import { Cluster } from "./Cluster.ts"
import type { ClientOptions } from "./ClientOptions.ts"
import {
  createPartitionsApi, createTopicsApi, deleteGroupsApi, deleteTopicsApi, describeClusterApi, describeConfigsApi, describeGroupsApi,
  incrementalAlterConfigsApi, listGroupsApi
} from "./internal/apis.ts"
import { describeTopics } from "./internal/describeTopics.ts"
import { checkCoordinator, commitOffsets, fetchCommitted, listOffsets } from "./internal/offsets.ts"
import {
  alterReassignments, changeVoter, describeLogDirs, describeQuorum, electLeaders, listReassignments, unregisterBroker
} from "./internal/clusterCalls.ts"
import { KafkaError } from "./KafkaError.ts"

export interface AdminCallOptions {
  readonly signal?: AbortSignal
}

const notController = 41
const configTypeNames = new Map(Object.entries(ConfigResourceType).map(([name, code]) => [code as number, name as ConfigResourceType]))
const sourceName = (source: number): string => configSourceNames[source] ?? "UNKNOWN"

/**
 * Topics, configurations, groups and offsets of a cluster. Calls answer one result per thing asked for, and throw only when the
 * whole request failed. Requests are repeated after lost connections, so a topic that was created just before the connection
 * was lost can come back as TOPIC_ALREADY_EXISTS.
 */
export class Admin {
  readonly cluster: Cluster
  readonly #ownsCluster: boolean

  constructor(options: ClientOptions | { readonly cluster: Cluster }) {
    this.#ownsCluster = !("cluster" in options)
    this.cluster = "cluster" in options ? options.cluster : new Cluster(options)
  }

  /** Creates topics, or only says whether they could be created with `validateOnly`. */
  createTopics(
    topics: ReadonlyArray<NewTopic>, options: AdminCallOptions & { readonly validateOnly?: boolean } = {}
  ): Promise<ReadonlyArray<CreatedTopic>> {
    return this.#atController(options.signal, async (timeoutMs) => {
      const response = await this.cluster.call(createTopicsApi, "controller", {
        timeoutMs,
        ...(options.validateOnly === true ? { validateOnly: true } : {}),
        topics: topics.map((topic) => ({
          name: topic.name, numPartitions: topic.numPartitions ?? -1, replicationFactor: topic.replicationFactor ?? -1,
          assignments: topic.replicasAssignments?.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds })) ?? [],
          configs: Object.entries(topic.configs ?? {}).map(([name, value]) => ({ name, value }))
        }))
      }, options)
      return response.topics.map((topic) => ({
        name: topic.name, topicId: topic.topicId, numPartitions: topic.numPartitions, replicationFactor: topic.replicationFactor,
        error: KafkaError.of(topic.errorCode, topic.name, topic.errorMessage)
      }))
    })
  }

  deleteTopics(names: ReadonlyArray<string>, options: AdminCallOptions = {}): Promise<ReadonlyArray<NamedResult>> {
    return this.#atController(options.signal, async (timeoutMs) => {
      const zeroTopicId = "AAAAAAAAAAAAAAAAAAAAAA"
      const response = await this.cluster.call(deleteTopicsApi, "controller", (version) => ({
        timeoutMs, ...(version >= 6 ? { topics: names.map((name) => ({ name, topicId: zeroTopicId })) } : { topicNames: names })
      }), options)
      for (const name of names) this.cluster.metadata.topics.delete(name)
      return response.responses.map((topic) => ({
        name: topic.name ?? "", error: KafkaError.of(topic.errorCode, topic.name ?? topic.topicId, topic.errorMessage)
      }))
    })
  }

  /** Raises the number of partitions of topics to the given totals. */
  createPartitions(
    totals: Readonly<Record<string, number>>, options: AdminCallOptions & { readonly validateOnly?: boolean } = {}
  ): Promise<ReadonlyArray<NamedResult>> {
    return this.#atController(options.signal, async (timeoutMs) => {
      const response = await this.cluster.call(createPartitionsApi, "controller", {
        timeoutMs, validateOnly: options.validateOnly === true,
        topics: Object.entries(totals).map(([name, count]) => ({ name, count, assignments: null }))
      }, options)
      return response.results.map((topic) => ({
        name: topic.name, error: KafkaError.of(topic.errorCode, topic.name, topic.errorMessage)
      }))
    })
  }

  /** All topics, ordered by name; without Kafka's internal ones unless asked for. */
  async listTopics(options: AdminCallOptions & { readonly listInternal?: boolean } = {}): Promise<ReadonlyArray<TopicListing>> {
    await this.cluster.retry(options.signal, () => this.cluster.refresh(null))
    return [...this.cluster.metadata.topics.values()]
      .filter((topic) => options.listInternal === true || !topic.isInternal)
      .map(({ name, topicId, isInternal }) => ({ name, topicId, isInternal }))
      .toSorted((a, b) => a.name < b.name ? -1 : 1)
  }

  /** Topics with their partitions, in the order of the names; all topics with null. */
  describeTopics(names: ReadonlyArray<string> | null, options: AdminCallOptions = {}): Promise<ReadonlyArray<TopicDescription>> {
    return describeTopics(this.cluster, names, options.signal)
  }

  /** The nodes, with `includeFenced` also those that are registered and away; brokers before Kafka 4.0 do not tell these. */
  async describeCluster(options: AdminCallOptions & { readonly includeFenced?: boolean } = {}): Promise<ClusterDescription> {
    const response = await this.cluster.call(describeClusterApi, "any", (version) => ({
      includeClusterAuthorizedOperations: false, ...(version >= 2 ? { includeFencedBrokers: options.includeFenced === true } : {})
    }), options)
    KafkaError.check(response.errorCode, undefined, response.errorMessage)
    return {
      clusterId: response.clusterId, controllerId: response.controllerId,
      nodes: response.brokers.map(({ brokerId, host, isFenced, port, rack }) => ({ id: brokerId, host, port, rack, isFenced }))
        .toSorted((a, b) => a.id - b.id)
    }
  }

  /** Elects leaders of partitions, of all that need it with null. `unclean` may lose acknowledged records. */
  electLeaders(
    type: ElectionType, partitions: ReadonlyArray<TopicPartition> | null, options: AdminCallOptions = {}
  ): Promise<ReadonlyArray<PartitionResult>> {
    return electLeaders(this.cluster, type, partitions, options.signal)
  }

  /** Begins or ends the move of partitions to other replicas; it answers when that is decided, not when the replicas have moved. */
  alterPartitionReassignments(
    changes: ReadonlyArray<Reassignment>, options: AdminCallOptions = {}
  ): Promise<ReadonlyArray<PartitionResult>> {
    return alterReassignments(this.cluster, changes, options.signal)
  }

  /** The reassignments that are under way, of the given partitions or of all. */
  listPartitionReassignments(
    options: AdminCallOptions & { readonly partitions?: ReadonlyArray<TopicPartition> } = {}
  ): Promise<ReadonlyArray<ReassignmentUnderWay>> {
    return listReassignments(this.cluster, options.partitions ?? null, options.signal)
  }

  describeQuorum(options: AdminCallOptions = {}): Promise<QuorumDescription> {
    return describeQuorum(this.cluster, options.signal)
  }

  /** Lets a node vote; it resolves when the node has caught up and the change is committed. */
  addVoter(nodeId: number, directoryId: string, options: AdminCallOptions = {}): Promise<void> {
    return changeVoter(this.cluster, "add", nodeId, directoryId, options.signal)
  }

  removeVoter(nodeId: number, directoryId: string, options: AdminCallOptions = {}): Promise<void> {
    return changeVoter(this.cluster, "remove", nodeId, directoryId, options.signal)
  }

  /** Forgets a node that will not come back. */
  unregisterBroker(nodeId: number, options: AdminCallOptions = {}): Promise<void> {
    return unregisterBroker(this.cluster, nodeId, options.signal)
  }

  /** What the data directories of nodes hold, of all nodes without `brokerIds`. */
  describeLogDirs(
    options: AdminCallOptions & { readonly brokerIds?: ReadonlyArray<number> } = {}
  ): Promise<ReadonlyArray<LogDirDescription>> {
    return describeLogDirs(this.cluster, options.brokerIds, options.signal)
  }

  /** All configurations of resources, or the named ones with `names`. */
  async describeConfigs(
    resources: ReadonlyArray<ConfigResource>,
    options: AdminCallOptions & {
      readonly names?: ReadonlyArray<string>; readonly includeSynonyms?: boolean; readonly includeDocumentation?: boolean
    } = {}
  ): Promise<ReadonlyArray<DescribedConfig>> {
    const answers = await Promise.all(this.#byBroker(resources).map(([target, list]) =>
      this.cluster.call(describeConfigsApi, target, (version) => ({
        resources: list.map((resource) => ({
          resourceType: ConfigResourceType[resource.type], resourceName: resource.name, configurationKeys: options.names ?? null
        })),
        ...(version >= 1 ? { includeSynonyms: options.includeSynonyms === true } : {}),
        ...(version >= 3 ? { includeDocumentation: options.includeDocumentation === true } : {})
      }), options)))
    return answers.flatMap((answer) => answer.results.map((result) => ({
      type: configTypeNames.get(result.resourceType) ?? "topic", name: result.resourceName,
      error: KafkaError.of(result.errorCode, result.resourceName, result.errorMessage),
      entries: result.configs.map((config): ConfigEntry => ({
        name: config.name, value: config.value, source: sourceName(config.configSource),
        isDefault: config.isDefault || config.configSource === 5, isReadOnly: config.readOnly, isSensitive: config.isSensitive,
        documentation: config.documentation,
        synonyms: config.synonyms.map((synonym) => ({ name: synonym.name, value: synonym.value, source: sourceName(synonym.source) }))
      }))
    })))
  }

  /** Changes single configurations and leaves all others as they are. */
  async incrementalAlterConfigs(
    changes: ReadonlyArray<AlterConfig>, options: AdminCallOptions & { readonly validateOnly?: boolean } = {}
  ): Promise<ReadonlyArray<AlteredConfig>> {
    const answers = await Promise.all(this.#byBroker(changes).map(([target, list]) =>
      this.cluster.call(incrementalAlterConfigsApi, target, {
        validateOnly: options.validateOnly === true,
        resources: list.map((change) => ({
          resourceType: ConfigResourceType[change.type], resourceName: change.name,
          configs: change.operations.map((operation) => ({
            name: operation.name, configOperation: AlterConfigOperation[operation.operation], value: operation.value ?? null
          }))
        }))
      }, options)))
    return answers.flatMap((answer) => answer.responses.map((result) => ({
      type: configTypeNames.get(result.resourceType) ?? "topic", name: result.resourceName,
      error: KafkaError.of(result.errorCode, result.resourceName, result.errorMessage)
    })))
  }

  /** The groups of all brokers, ordered by id. */
  async listGroups(
    options: AdminCallOptions & { readonly states?: ReadonlyArray<string>; readonly types?: ReadonlyArray<string> } = {}
  ): Promise<ReadonlyArray<GroupListing>> {
    const { signal } = options
    // Tried again as a whole: the groups of a broker that has gone meanwhile are at others then.
    const answers = await this.cluster.retry(signal, async () => {
      await this.cluster.refresh([])
      return Promise.all((await this.cluster.brokerIds(signal)).map(async (id) => {
        const response = await (await this.cluster.connection(id, "main", signal)).request(listGroupsApi, (version) => ({
          ...(version >= 4 ? { statesFilter: options.states ?? [] } : {}),
          ...(version >= 5 ? { typesFilter: options.types ?? [] } : {})
        }), options)
        KafkaError.check(response.errorCode)
        return response.groups
      }))
    })
    return answers.flat()
      .map(({ groupId, protocolType, groupState, groupType }) => ({ groupId, protocolType, state: groupState, type: groupType }))
      .toSorted((a, b) => a.groupId < b.groupId ? -1 : 1)
  }

  describeGroups(groupIds: ReadonlyArray<string>, options: AdminCallOptions = {}): Promise<ReadonlyArray<GroupDescription>> {
    return this.#eachGroup(groupIds, (groupId) => this.cluster.retry(options.signal, async () => {
      const response = await this.cluster.callCoordinator(groupId, describeGroupsApi, { groups: [groupId] }, options)
      const group = response.groups[0]
      if (group === undefined) throw new KafkaError(-1, groupId)
      const error = KafkaError.of(group.errorCode, groupId, group.errorMessage)
      if (error?.isRetriable === true) checkCoordinator(this.cluster, groupId, error.errorCode)
      return {
        groupId, error, state: group.groupState, protocolType: group.protocolType, partitionAssignor: group.protocolData,
        coordinator: await this.cluster.coordinator(groupId, options.signal),
        members: group.members.map((member) => ({
          memberId: member.memberId, groupInstanceId: member.groupInstanceId, clientId: member.clientId, host: member.clientHost,
          assignment: group.protocolType === "consumer" ? tryDecodeAssignment(member.memberAssignment) : []
        }))
      }
    }))
  }

  deleteGroups(groupIds: ReadonlyArray<string>, options: AdminCallOptions = {}): Promise<ReadonlyArray<NamedResult>> {
    return this.#eachGroup(groupIds, (groupId) => this.cluster.retry(options.signal, async () => {
      const response = await this.cluster.callCoordinator(groupId, deleteGroupsApi, { groupsNames: [groupId] }, options)
      const error = KafkaError.of(response.results[0]?.errorCode ?? -1, groupId)
      if (error?.isRetriable === true) checkCoordinator(this.cluster, groupId, error.errorCode)
      return { name: groupId, error }
    }))
  }

  /** Looks up offsets at the leaders; results come in the order of the queries. */
  listOffsets(
    queries: ReadonlyArray<TopicPartition & { readonly spec: OffsetSpec }>,
    options: AdminCallOptions & { readonly isolationLevel?: "read_uncommitted" | "read_committed" } = {}
  ): Promise<ReadonlyArray<ListedOffset>> {
    return listOffsets(this.cluster, queries, options)
  }

  /** The committed offsets of a group: all of them, or those of the given partitions. */
  listGroupOffsets(
    groupId: string, options: AdminCallOptions & { readonly partitions?: ReadonlyArray<TopicPartition>; readonly requireStable?: boolean } = {}
  ): Promise<ReadonlyArray<CommittedOffset>> {
    return fetchCommitted(this.cluster, groupId, options.partitions ?? null, options)
  }

  /** Sets committed offsets of a group that has no members; otherwise the results carry UNKNOWN_MEMBER_ID. */
  alterGroupOffsets(
    groupId: string, offsets: ReadonlyArray<TopicPartition & OffsetAndMetadata>, options: AdminCallOptions = {}
  ): Promise<ReadonlyArray<TopicPartition & { readonly error: KafkaError | undefined }>> {
    return this.cluster.retry(options.signal, () => commitOffsets(
      this.cluster, { groupId, generationId: -1, memberId: "", groupInstanceId: null }, offsets, options.signal))
  }

  /** Ends the connections, unless they belong to a shared `Cluster`. */
  close(): Promise<void> {
    if (this.#ownsCluster) this.cluster.close()
    return Promise.resolve()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Repeats a call until it reached the controller. Topics that another try may still help with are tried again too. */
  #atController<T extends NamedResult>(
    signal: AbortSignal | undefined, run: (timeoutMs: number) => Promise<ReadonlyArray<T>>
  ): Promise<ReadonlyArray<T>> {
    return this.cluster.retry(signal, async (remainingMillis) => {
      const results = await run(Math.ceil(Math.min(remainingMillis, this.cluster.options.requestTimeoutMillis)))
      const moved = results.find((result) => result.error?.errorCode === notController)?.error
      if (moved !== undefined) throw moved
      return results
    })
  }

  /** Answers in the order of the groups. Only so many are asked for at once that a connection has room for others too. */
  async #eachGroup<T>(groupIds: ReadonlyArray<string>, run: (groupId: string) => Promise<T>): Promise<ReadonlyArray<T>> {
    const results: Array<T> = []
    const rest = groupIds.entries()
    const work = async (): Promise<void> => {
      for (const [at, groupId] of rest) results[at] = await run(groupId)
    }
    const workers = Math.min(groupIds.length, Math.ceil(this.cluster.options.pendingRequestsMax / 10))
    await Promise.all(Array.from({ length: workers }, work))
    return results
  }

  /** Configurations of a broker are known and changed at that broker; all others anywhere. */
  #byBroker<T extends ConfigResource>(resources: ReadonlyArray<T>): Array<[number | "any", Array<T>]> {
    const targets = new Map<number | "any", Array<T>>()
    for (const resource of resources) {
      const isAtBroker = (resource.type === "broker" && resource.name !== "") || resource.type === "brokerLogger"
      if (isAtBroker && !/^\d{1,10}$/.test(resource.name)) {
        throw new ClientError("configuration", `${resource.type}: "${resource.name}" is not the number of a broker`)
      }
      const target = isAtBroker ? Number(resource.name) : "any"
      const list = targets.get(target)
      if (list === undefined) targets.set(target, [resource])
      else list.push(resource)
    }
    return [...targets]
  }
}
