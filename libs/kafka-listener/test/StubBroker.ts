import type {
  AppendOutcome,
  AppendRequest,
  Broker,
  ControllerRef,
  GroupCoordinators,
  PartitionRef,
  ReadOutcome
} from "@tailrace/contracts"
import { MetadataLog } from "@tailrace/kafka-protocol"
import { BrokerConfig, MetadataImage } from "@tailrace/metadata"

export const topic = "orders"
const topicId = "b3JkZXJzb3JkZXJzb3JkZQ"

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

  append(batch: Buffer, request: AppendRequest, done: (outcome: AppendOutcome) => void): void {
    const answer = (errorCode = 0) =>
      done({ errorCode, errorMessage: null, baseOffset: 0, logAppendTimeMillis: -1, logStartOffset: 0 })
    if (request.acks === 0) return answer()
    this.appends.push({ batch, request, done: answer })
  }

  read(): ReadOutcome | Promise<ReadOutcome> {
    this.reads++
    const outcome = {
      errorCode: 0,
      chunks: this.chunks,
      bytes: this.chunks.reduce((sum, it) => sum + it.length, 0),
      highWatermark: this.highWatermark,
      lastStableOffset: this.highWatermark,
      logStartOffset: 0
    }
    return this.pendingReads === undefined ? outcome : new Promise((resolve) => this.pendingReads!.push(() => resolve(outcome)))
  }

  awaitReadable(_offset: number, callback: () => void): () => void {
    this.waiters.add(callback)
    return () => this.waiters.delete(callback)
  }

  offsetForTimestamp() {
    return { errorCode: 0, offset: 0, timestamp: -1, leaderEpoch: 0 }
  }

  endOffsetForEpoch() {
    return { errorCode: 0, leaderEpoch: 0, endOffset: this.highWatermark }
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

/** A broker with one topic. Calls to its actors stay open until a test answers them. */
export class StubBroker implements Broker {
  readonly nodeId = 1
  readonly clusterId = "cluster"
  readonly controllerId = 1
  readonly config = BrokerConfig.of()
  readonly metadata = MetadataImage.fromRecords([
    { type: "TopicRecord", value: { name: topic, topicId } },
    {
      type: "PartitionRecord",
      value: { topicId, partitionId: 0, replicas: [1], isr: [1], removingReplicas: [], addingReplicas: [], leader: 1, leaderEpoch: 0, partitionEpoch: 0 }
    }
  ].map((record) => MetadataLog.decode(MetadataLog.encode(record as never))))
  readonly orders = new StubPartition()
  readonly controllerCalls: Array<{ readonly resolve: (response: unknown) => void; readonly reject: (cause: unknown) => void }> = []
  readonly groupCalls: Array<{ readonly answer: (response: unknown) => void; isAbandoned: boolean }> = []

  readonly controller = {
    ask: () => new Promise((resolve, reject) => this.controllerCalls.push({ resolve, reject })),
    autoCreateTopics: () => Promise.resolve(new Map<string, number>())
  } as unknown as ControllerRef

  readonly groups = {
    find: () => Promise.resolve(1),
    ask: (_kind: string, _request: unknown, answer: (response: unknown) => void) => {
      const call = { answer, isAbandoned: false }
      this.groupCalls.push(call)
      return () => {
        call.isAbandoned = true
      }
    },
    listGroups: (_request: unknown, answer: (response: unknown) => void) => answer([])
  } as unknown as GroupCoordinators

  partition(id: string, partition: number): PartitionRef | undefined {
    return id === topicId && partition === 0 ? this.orders : undefined
  }

  nextProducerId(): Promise<number> {
    return Promise.reject(new Error("a defect"))
  }
}
