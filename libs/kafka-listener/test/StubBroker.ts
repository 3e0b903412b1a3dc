import type {
  AppendOutcome,
  AppendRequest,
  Broker,
  ControllerRef,
  GroupCoordinators,
  LogDir,
  PartitionRef,
  ReadOutcome
} from "@tailrace/contracts"
import { MetadataLog } from "@tailrace/kafka-protocol"
import { BrokerConfig, MetadataImage } from "@tailrace/metadata"

export const topic = "orders"
export const topicId = "b3JkZXJzb3JkZXJzb3JkZQ"
/** A topic of which this node has no replica: one partition led by node 2, one that nobody leads. */
export const elsewhere = "payments"
export const elsewhereId = "cGF5bWVudHNwYXltZW50cw"

interface Append {
  readonly batch: Buffer
  readonly request: AppendRequest
  readonly done: (errorCode?: number) => void
}

/** One partition that does what a test says, when it says so. */
export class StubPartition implements PartitionRef {
  readonly topicId = topicId
  readonly topic = topic
  readonly partition = 0
  readonly leaderEpoch = 0
  readonly logStartOffset = 0
  highWatermark = 0
  /** Appends in the order of their arrival, not answered yet. */
  readonly appends: Array<Append> = []
  readonly waiters = new Set<() => void>()
  /** What every read finds. */
  chunks: ReadonlyArray<Buffer> = []
  /** Reads are pending, each until its function is called. */
  pendingReads: Array<() => void> | undefined
  reads = 0
  /** How many bytes each read asked for. */
  readonly asked: Array<number> = []

  append(batch: Buffer, request: AppendRequest, done: (outcome: AppendOutcome) => void): void {
    const answer = (errorCode = 0) =>
      done({ errorCode, errorMessage: null, baseOffset: 0, logAppendTimeMillis: -1, logStartOffset: 0 })
    if (request.acks === 0) return answer()
    this.appends.push({ batch, request, done: answer })
  }

  /** What reads and appends are refused with; 0 for nothing. */
  errorCode = 0
  epochEnd = { errorCode: 0, leaderEpoch: 0, endOffset: 0 }

  read(_offset?: number, _epoch?: number, bytesMax = 0): ReadOutcome | Promise<ReadOutcome> {
    this.reads++
    this.asked.push(bytesMax)
    const outcome = {
      errorCode: this.errorCode,
      chunks: this.chunks,
      bytes: this.chunks.reduce((sum, it) => sum + it.length, 0),
      highWatermark: this.highWatermark,
      lastStableOffset: this.highWatermark,
      logStartOffset: 0
    }
    return this.pendingReads === undefined ? outcome : new Promise((resolve) => this.pendingReads!.push(() => resolve(outcome)))
  }

  readableBytes(): number {
    return this.chunks.reduce((sum, it) => sum + it.length, 0)
  }

  awaitReadable(_offset: number, callback: () => void): () => void {
    this.waiters.add(callback)
    return () => this.waiters.delete(callback)
  }

  /** What every look for a timestamp finds. */
  lookup = { errorCode: 0, offset: 0, timestamp: -1, leaderEpoch: 0 }
  lookups = 0

  offsetForTimestamp() {
    this.lookups++
    return this.lookup
  }

  endOffsetForEpoch() {
    return this.epochEnd
  }

  async deleteRecords(offset: number) {
    return { errorCode: 0, lowWatermark: offset }
  }

  /** Records have come: everybody who waits looks again. */
  wake(chunks: ReadonlyArray<Buffer>): void {
    this.chunks = chunks
    for (const waiter of this.waiters) waiter()
  }
}

/** A topic whose leader, node 4, has another listener than clients come by; `addInside` makes it. */
export const inside = "inside"

const broker = (brokerId: number, fenced: boolean, listener = "PLAINTEXT") => ({
  type: "RegisterBrokerRecord",
  value: {
    brokerId, incarnationId: topicId, brokerEpoch: brokerId, features: [], rack: `r${brokerId}`, fenced,
    endPoints: [{ name: listener, host: `host${brokerId}`, port: 9_090 + brokerId, securityProtocol: 0 }]
  }
})

const partition = (id: string, partitionId: number, replicas: ReadonlyArray<number>, isr: ReadonlyArray<number>, more: object = {}) => ({
  type: "PartitionRecord",
  value: {
    topicId: id, partitionId, replicas, isr, removingReplicas: [], addingReplicas: [], directories: [],
    leader: isr[0] ?? -1, leaderEpoch: 0, partitionEpoch: 0, ...more
  }
})

/** A broker of three, the last one fenced, with one partition of its own. Calls to its actors stay open until a test answers them. */
export class StubBroker implements Broker {
  readonly nodeId = 1
  readonly clusterId = "cluster"
  readonly controllerId = 1
  readonly config = BrokerConfig.of()
  readonly metadata = MetadataImage.fromRecords([
    broker(1, false),
    broker(2, false),
    broker(3, true),
    { type: "FeatureLevelRecord", value: { name: "metadata.version", featureLevel: 25 } },
    { type: "TopicRecord", value: { name: topic, topicId } },
    partition(topicId, 0, [1], [1]),
    { type: "TopicRecord", value: { name: elsewhere, topicId: elsewhereId } },
    partition(elsewhereId, 0, [2, 3], [2], { leaderEpoch: 4, eligibleLeaderReplicas: [3] }),
    partition(elsewhereId, 1, [3], [], { leaderEpoch: 5, lastKnownElr: [3] })
  ].map((record) => MetadataLog.decode(MetadataLog.encode(record as never))))
  readonly metadataOffset = 9
  isCutOff = false
  readonly orders = new StubPartition()
  readonly controllerCalls: Array<{ readonly kind: string; readonly request: unknown; readonly resolve: (response: unknown) => void; readonly reject: (cause: unknown) => void }> = []
  readonly groupCalls: Array<{ readonly request: unknown; readonly answer: (response: unknown) => void; isAbandoned: boolean }> = []

  coordinatorId = 1
  /** The groups whose coordinators were looked for together. */
  readonly groupsFound: Array<ReadonlyArray<string>> = []
  dirs: ReadonlyArray<LogDir> = []

  readonly controller = {
    ask: (kind: string, request: unknown) => new Promise((resolve, reject) => this.controllerCalls.push({ kind, request, resolve, reject })),
    autoCreateTopics: () => Promise.resolve(new Map<string, number>())
  } as unknown as ControllerRef

  readonly groups = {
    find: (groupIds: ReadonlyArray<string>) => {
      this.groupsFound.push(groupIds)
      return Promise.resolve(groupIds.map(() => this.coordinatorId))
    },
    ask: (_kind: string, request: unknown, answer: (response: unknown) => void) => {
      const call = { request, answer, isAbandoned: false }
      this.groupCalls.push(call)
      return () => {
        call.isAbandoned = true
      }
    },
    listGroups: (_request: unknown, answer: (response: unknown) => void) => answer([])
  } as unknown as GroupCoordinators

  /** The topic `inside`, and an internal one. */
  addInside(): void {
    const [insideId, offsetsId] = ["aW5zaWRlaW5zaWRlaW5zaQ", "b2Zmc2V0c29mZnNldHNvZg"]
    for (const record of [
      broker(4, false, "INSIDE"),
      { type: "TopicRecord", value: { name: inside, topicId: insideId } },
      partition(insideId!, 0, [4], [4]),
      { type: "TopicRecord", value: { name: "__consumer_offsets", topicId: offsetsId } },
      partition(offsetsId!, 0, [1], [1])
    ]) this.metadata.replay(MetadataLog.decode(MetadataLog.encode(record as never)))
  }

  partition(id: string, partition: number): PartitionRef | undefined {
    return id === topicId && partition === 0 ? this.orders : undefined
  }

  logDirs(): ReadonlyArray<LogDir> {
    return this.dirs
  }

  nextProducerId(): Promise<number> {
    return Promise.reject(new Error("a defect"))
  }
}
