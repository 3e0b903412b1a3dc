import * as protocol from "@tailrace/kafka-protocol"
import { Batch } from "@tailrace/record"
import { type Clock, type Connection, type Listener, type Net, NodeNet, SystemClock } from "@tailrace/runtime"

const { ApiKey, ErrorCode } = protocol

/** Ends the connection instead of answering. */
export const hangUp = Symbol("hangUp")
/** Never answers, so nothing behind it on this connection is answered either. */
export const silence = Symbol("silence")
/** An answer with the number of another request. */
export const misnumbered = Symbol("misnumbered")

export interface ReceivedRequest {
  readonly apiKey: number
  readonly version: number
  readonly clientId: string | null
  // The tests know which message they asked for.
  readonly body: any
  readonly connection: number
}

type Handler = (request: ReceivedRequest) => unknown

const codecs = protocol as unknown as Record<string, (...values: Array<unknown>) => unknown>
const sequenceOf = (batch: Buffer): string => `${Batch.producerId(batch, 0)}/${Batch.producerEpoch(batch, 0)}`

/** The batches of one partition, and the little that a broker checks of a producer's sequence. */
class PartitionLog {
  readonly batches: Array<Buffer> = []
  startOffset = 0
  leader = 0
  leaderEpoch = 0
  /** The broker that metadata names; the leader unless a test says otherwise. */
  announced: number | undefined
  /** The last five batches of each producer, as brokers remember them. */
  readonly #producers = new Map<string, Array<{ lastSequence: number; baseSequence: number; baseOffset: number }>>()

  get endOffset(): number {
    const last = this.batches.at(-1)
    return last === undefined ? this.startOffset : Batch.nextOffset(last, 0)
  }

  /** Another leader, whose log ends earlier: the records behind are gone, as after an unclean election. */
  elect(leader: number, keptOffsets = this.endOffset): void {
    this.leader = leader
    this.leaderEpoch++
    while (this.endOffset > keptOffsets) this.batches.pop()
  }

  /** The end of the last epoch that is not above the given one. */
  endOffsetFor(epoch: number): { leaderEpoch: number; endOffset: number } {
    const later = this.batches.find((batch) => Batch.leaderEpoch(batch, 0) > epoch)
    const last = this.batches.findLast((batch) => Batch.leaderEpoch(batch, 0) <= epoch)
    if (last === undefined) return { leaderEpoch: -1, endOffset: -1 }
    return { leaderEpoch: Batch.leaderEpoch(last, 0), endOffset: later === undefined ? this.endOffset : Batch.baseOffset(later, 0) }
  }

  append(bytes: Buffer): { errorCode: number; baseOffset: number } {
    const batch = Buffer.from(bytes)
    const baseSequence = Batch.baseSequence(batch, 0)
    if (baseSequence >= 0) {
      const known = this.#producers.get(sequenceOf(batch)) ?? []
      const duplicate = known.find((entry) => entry.baseSequence === baseSequence)
      if (duplicate !== undefined) return { errorCode: 0, baseOffset: duplicate.baseOffset }
      const last = known.at(-1)
      const expected = last === undefined ? 0 : Batch.sequenceAfter(last.lastSequence, 1)
      if (baseSequence !== expected) return { errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, baseOffset: -1 }
      known.push({ baseSequence, lastSequence: Batch.lastSequence(batch, 0), baseOffset: this.endOffset })
      this.#producers.set(sequenceOf(batch), known.slice(-5))
    }
    const baseOffset = this.endOffset
    Batch.assign(batch, 0, baseOffset, this.leaderEpoch)
    this.batches.push(batch)
    return { errorCode: 0, baseOffset }
  }
}

/** What the brokers of one test have in common. */
export class ScriptedCluster {
  readonly brokers: Array<ScriptedBroker> = []
  readonly logs = new Map<string, Array<PartitionLog>>()
  readonly committed = new Map<string, { offset: number; metadata: string }>()
  readonly #waiters = new Set<() => void>()
  readonly clock: Clock
  readonly netOf: (nodeId: number) => { readonly net: Net; readonly host: string }
  nextProducerId = 4000

  /** On real sockets, or in another world. */
  constructor(ports: { readonly clock: Clock; readonly netOf: (nodeId: number) => { readonly net: Net; readonly host: string } } | undefined = undefined) {
    this.clock = ports?.clock ?? new SystemClock()
    const net = new NodeNet()
    this.netOf = ports?.netOf ?? (() => ({ net, host: "127.0.0.1" }))
  }

  addTopic(name: string, partitions = 1): void {
    this.logs.set(name, Array.from({ length: partitions }, () => new PartitionLog()))
  }

  log(topic: string, partition = 0): PartitionLog {
    const log = this.logs.get(topic)?.[partition]
    if (log === undefined) throw new Error(`no ${topic}-${partition}`)
    return log
  }

  notify(): void {
    // Waiters take themselves out.
    this.#waiters.forEach((waiter) => waiter())
  }

  changed(millis: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel()
        this.#waiters.delete(done)
        resolve()
      }
      const cancel = this.clock.after(millis, done)
      this.#waiters.add(done)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.brokers.map((broker) => broker.stop()))
  }
}

/**
 * A broker that does what the test says: it speaks the real protocol over a real or a simulated socket, answers by handlers, and keeps what
 * it received. Without a handler it behaves well, for the requests that tests need.
 */
export class ScriptedBroker {
  readonly nodeId: number
  readonly cluster: ScriptedCluster
  readonly requests: Array<ReceivedRequest> = []
  #listener: Listener | undefined
  readonly #sockets = new Set<Connection>()
  readonly #handlers = new Map<number, Handler>()
  readonly #once = new Map<number, Array<Handler>>()
  connections = 0
  port = 0
  versions: ReadonlyArray<{ apiKey: number; minVersion: number; maxVersion: number }> =
    protocol.apis.map((api) => ({ apiKey: api.key, minVersion: api.versionMin, maxVersion: api.versionMax }))

  private constructor(cluster: ScriptedCluster) {
    this.cluster = cluster
    this.nodeId = cluster.brokers.push(this) - 1
  }

  static async start(cluster = new ScriptedCluster()): Promise<ScriptedBroker> {
    const broker = new ScriptedBroker(cluster)
    await broker.listen()
    return broker
  }

  /** Again on the same port after `stop`. */
  async listen(): Promise<void> {
    const { net, host } = this.cluster.netOf(this.nodeId)
    this.#listener = await net.listen({ host, port: this.port, connectionsMax: 1_000 }, (socket) => this.#serve(socket))
    this.port = this.#listener.port
  }

  get host(): string {
    return this.cluster.netOf(this.nodeId).host
  }

  get address(): string {
    return `${this.host}:${this.port}`
  }

  /** Answers every request of an API from now on; undefined goes on to the usual answer. */
  on(apiKey: number, handler: Handler): void {
    this.#handlers.set(apiKey, handler)
  }

  /** Answers the next request of an API; several calls answer several requests. */
  next(apiKey: number, handler: Handler): void {
    this.#once.set(apiKey, [...this.#once.get(apiKey) ?? [], handler])
  }

  /** Resolves when a request comes that is meant; it is answered as usual. */
  arrival(apiKey: number, isMeant: (request: ReceivedRequest) => boolean = () => true): Promise<void> {
    return new Promise((resolve) => {
      const look = (request: ReceivedRequest): undefined => {
        if (isMeant(request)) resolve()
        else this.next(apiKey, look)
      }
      this.next(apiKey, look)
    })
  }

  get openConnections(): number {
    return this.#sockets.size
  }

  received(apiKey: number): ReadonlyArray<ReceivedRequest> {
    return this.requests.filter((request) => request.apiKey === apiKey)
  }

  hangUpAll(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async stop(): Promise<void> {
    this.hangUpAll()
    await this.#listener?.close()
    this.#listener = undefined
  }

  #serve(socket: Connection): void {
    const connection = this.connections++
    this.#sockets.add(socket)
    socket.onClose = () => this.#sockets.delete(socket)
    const budget = new protocol.ByteBudget()
    const frames = new protocol.FrameAssembler({ budget, areChunksReused: true })
    let answered: Promise<void> = Promise.resolve()
    socket.onData = (chunk) => {
      frames.push(chunk, (frame) => {
        budget.release(frame.length)
        const reader = new protocol.Reader(frame)
        const { apiKey, apiVersion: version, correlationId, clientId } = protocol.decodeRequestHeader(reader)
        const name = protocol.apiOf(apiKey)?.name ?? ""
        const request = { apiKey, version, clientId, connection, body: codecs[`decode${name}Request`]?.(reader, version) }
        this.requests.push(request)
        // The handler runs on arrival, the answers leave in order.
        const answer = Promise.resolve(this.#answer(request))
        answered = answered.then(async () => this.#write(socket, request, correlationId, await answer))
      })
    }
  }

  async #write(socket: Connection, request: ReceivedRequest, correlationId: number, answer: unknown): Promise<void> {
    if (answer === silence) return new Promise(() => undefined)
    if (answer === hangUp) return void socket.destroy()
    if (!this.#sockets.has(socket) || (request.apiKey === ApiKey.Produce && request.body.acks === 0)) return
    const writer = new protocol.Writer()
    if (Buffer.isBuffer(answer) || answer === misnumbered) {
      const body = Buffer.isBuffer(answer) ? answer : Buffer.alloc(20)
      const head = Buffer.alloc(8)
      head.writeInt32BE(body.length + 4)
      head.writeInt32BE(answer === misnumbered ? correlationId + 1 : correlationId, 4)
      socket.write([Buffer.concat([head, body])])
      return
    }
    protocol.encodeResponseHeader(writer, request.apiKey, request.version, correlationId)
    codecs[`encode${protocol.apiOf(request.apiKey)?.name}Response`]?.(writer, request.version, answer)
    socket.write(writer.finish())
  }

  #answer(request: ReceivedRequest): unknown {
    const scripted = this.#once.get(request.apiKey)?.shift()?.(request) ?? this.#handlers.get(request.apiKey)?.(request)
    return scripted ?? this.usual(request)
  }

  /** What a healthy broker answers. */
  usual({ apiKey, version, body }: ReceivedRequest): unknown {
    switch (apiKey) {
      case ApiKey.ApiVersions: return { errorCode: 0, apiKeys: this.versions }
      case ApiKey.Metadata: return this.#metadata(body)
      case ApiKey.DescribeTopicPartitions: return this.#topicPartitions(body)
      case ApiKey.InitProducerId: return { errorCode: 0, producerId: this.cluster.nextProducerId++, producerEpoch: 0 }
      case ApiKey.Produce: return this.#produce(body)
      case ApiKey.Fetch: return this.#fetch(body)
      case ApiKey.ListOffsets: return this.#listOffsets(body)
      case ApiKey.OffsetForLeaderEpoch: return this.#endOffsets(body)
      case ApiKey.FindCoordinator: {
        const self = { nodeId: this.nodeId, host: this.host, port: this.port, errorCode: 0 }
        return version >= 4 ? { coordinators: body.coordinatorKeys.map((key: string) => ({ key, ...self })) } : self
      }
      case ApiKey.OffsetCommit: return this.#commit(body)
      case ApiKey.OffsetFetch: return this.#committed(body)
      default: return { errorCode: 0 }
    }
  }

  #metadata(body: any): unknown {
    const names: ReadonlyArray<string> = body.topics?.map((topic: any) => topic.name) ?? [...this.cluster.logs.keys()]
    return {
      clusterId: "scripted", controllerId: 0,
      brokers: this.cluster.brokers.map(({ nodeId, host, port }) => ({ nodeId, host, port })),
      topics: names.map((name) => {
        const logs = this.cluster.logs.get(name)
        return {
          name, errorCode: logs === undefined ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : 0, topicId: protocol.zeroUuid, isInternal: name.startsWith("__"),
          partitions: (logs ?? []).map((log, partitionIndex) => ({
            errorCode: 0, partitionIndex, leaderId: log.announced ?? log.leader, leaderEpoch: log.leaderEpoch,
            replicaNodes: [log.leader], isrNodes: [log.leader], offlineReplicas: []
          }))
        }
      })
    }
  }

  /** Pages as small as they can be, so that every client has to turn them. */
  #topicPartitions(body: any): unknown {
    const named = body.topics.length === 0 ? [...this.cluster.logs.keys()] : body.topics.map(({ name }: any) => name)
    const all = named.toSorted().flatMap((name: string) => {
      const logs = this.cluster.logs.get(name)
      return logs === undefined ? [{ name, partitionIndex: 0, log: undefined }] : logs.map((log, partitionIndex) => ({ name, partitionIndex, log }))
    })
    const { cursor } = body
    const at = cursor === null ? 0 : all.findIndex((it: any) => it.name === cursor.topicName && it.partitionIndex === cursor.partitionIndex)
    const { log, name, partitionIndex } = all[at]
    const next = all[at + 1]
    return {
      topics: [{
        name, errorCode: log === undefined ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : 0, topicId: protocol.zeroUuid, isInternal: false,
        partitions: log === undefined ? [] : [{
          errorCode: 0, partitionIndex, leaderId: log.leader, leaderEpoch: log.leaderEpoch, replicaNodes: [log.leader], isrNodes: [log.leader],
          eligibleLeaderReplicas: [7], lastKnownElr: [8], offlineReplicas: []
        }]
      }],
      nextCursor: next === undefined ? null : { topicName: next.name, partitionIndex: next.partitionIndex }
    }
  }

  #produce(body: any): unknown {
    const responses = body.topicData.map((topic: any) => ({
      name: topic.name,
      partitionResponses: topic.partitionData.map((data: any) => {
        const log = this.cluster.log(topic.name, data.index)
        if (log.leader !== this.nodeId) return { index: data.index, errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER, baseOffset: -1 }
        return { index: data.index, ...log.append(data.records) }
      })
    }))
    this.cluster.notify()
    return { responses }
  }

  async #fetch(body: any): Promise<unknown> {
    let answer = this.#fetchNow(body)
    if (!answer.hasData && body.maxWaitMs > 0) {
      await this.cluster.changed(body.maxWaitMs)
      answer = this.#fetchNow(body)
    }
    return { responses: answer.responses }
  }

  #fetchNow(body: any): { responses: Array<unknown>; hasData: boolean } {
    let hasData = false
    const responses = body.topics.map((topic: any) => ({
      topic: topic.topic,
      partitions: topic.partitions.map((asked: any) => {
        const log = this.cluster.log(topic.topic, asked.partition)
        const base = { partitionIndex: asked.partition, highWatermark: log.endOffset, lastStableOffset: log.endOffset, logStartOffset: log.startOffset, abortedTransactions: null, records: null }
        if (log.leader !== this.nodeId) return { ...base, errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER }
        if (asked.fetchOffset > log.endOffset || asked.fetchOffset < log.startOffset) return { ...base, errorCode: ErrorCode.OFFSET_OUT_OF_RANGE }
        const batches = log.batches.filter((batch) => Batch.lastOffset(batch, 0) >= asked.fetchOffset)
        hasData ||= batches.length > 0
        return { ...base, errorCode: 0, records: Buffer.concat(batches) }
      })
    }))
    return { responses, hasData }
  }

  #listOffsets(body: any): unknown {
    return {
      topics: body.topics.map((topic: any) => ({
        name: topic.name,
        partitions: topic.partitions.map(({ partitionIndex, timestamp }: any) => {
          const log = this.cluster.log(topic.name, partitionIndex)
          const found = log.batches.find((batch) => Batch.maxTimestamp(batch, 0) >= timestamp)
          const offset = timestamp === -2 ? log.startOffset : timestamp === -1 ? log.endOffset : found === undefined ? -1 : Batch.baseOffset(found, 0)
          return { partitionIndex, errorCode: log.leader === this.nodeId ? 0 : ErrorCode.NOT_LEADER_OR_FOLLOWER, offset, timestamp: -1, leaderEpoch: log.leaderEpoch }
        })
      }))
    }
  }

  #endOffsets(body: any): unknown {
    return {
      topics: body.topics.map((topic: any) => ({
        topic: topic.topic,
        partitions: topic.partitions.map(({ partition, currentLeaderEpoch, leaderEpoch }: any) => {
          const log = this.cluster.log(topic.topic, partition)
          const errorCode = log.leader !== this.nodeId ? ErrorCode.NOT_LEADER_OR_FOLLOWER
            : currentLeaderEpoch < log.leaderEpoch ? ErrorCode.FENCED_LEADER_EPOCH : 0
          return { partition, errorCode, ...log.endOffsetFor(leaderEpoch) }
        })
      }))
    }
  }

  #commit(body: any): unknown {
    return {
      topics: body.topics.map((topic: any) => ({
        name: topic.name,
        partitions: topic.partitions.map((item: any) => {
          this.cluster.committed.set(`${body.groupId}/${topic.name}/${item.partitionIndex}`, { offset: item.committedOffset, metadata: item.committedMetadata })
          return { partitionIndex: item.partitionIndex, errorCode: 0 }
        })
      }))
    }
  }

  #committed(body: any): unknown {
    return {
      groups: body.groups.map((group: any) => ({
        groupId: group.groupId, errorCode: 0,
        topics: (group.topics ?? []).map((topic: any) => ({
          name: topic.name,
          partitions: topic.partitionIndexes.map((partitionIndex: number) => {
            const found = this.cluster.committed.get(`${group.groupId}/${topic.name}/${partitionIndex}`)
            return { partitionIndex, committedOffset: found?.offset ?? -1, metadata: found?.metadata ?? "", errorCode: 0 }
          })
        }))
      }))
    }
  }
}
