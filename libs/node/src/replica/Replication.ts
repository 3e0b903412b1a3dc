import { BusClosed, type MessageBytes } from "@tailrace/bus"
import { decodeBatchesMessage, decodeFetchMessage, ReplicaMessageError, type ReplicaEnvelope } from "@tailrace/replication/sessions"
import { Complaint } from "../internal/Complaint.ts"
import { subjectOf } from "../internal/subjectOf.ts"
import type { PartitionActor } from "../PartitionActor.ts"
import { ReplicaFetcher } from "./ReplicaFetcher.ts"
import type { ReplicaListener } from "./ReplicaListener.ts"
import { ReplicaServer } from "./ReplicaServer.ts"
import { replicationLimitsDefault } from "./ReplicationLimits.ts"
import type { ReplicationContext, ReplicationCounters, ReplicationOptions } from "./ReplicationOptions.ts"

/**
 * What one node replicates: it fetches what it follows, one session per leader's node, and serves what it leads. The bus may
 * lose, repeat and reorder everything; logs take only what continues them in their own epoch.
 */
export class Replication implements ReplicaListener {
  readonly counters: ReplicationCounters = { bytesIn: 0, bytesOut: 0, resyncs: 0, truncations: 0, malformed: 0 }
  readonly #malformed: Complaint
  readonly #context: ReplicationContext
  readonly #server: ReplicaServer
  readonly #fetchers = new Map<number, ReplicaFetcher>()
  readonly #fetcherOf = new Map<PartitionActor, ReplicaFetcher>()
  readonly #unsubscribe: ReadonlyArray<() => void>
  #lastSessionId = 0
  #isClosed = false

  constructor(options: ReplicationOptions) {
    const { bus, clusterName, nodeId } = options
    this.#malformed = new Complaint(options, "a message of another node's replication is malformed")
    this.#context = {
      ...options,
      limits: { ...replicationLimitsDefault, ...options.limits },
      counters: this.counters,
      send: (to, kind, payload) => this.#send(subjectOf(clusterName, to, kind), payload)
    }
    this.#server = new ReplicaServer(this.#context)
    this.#unsubscribe = [
      bus.subscribe(subjectOf(clusterName, nodeId, "fetch"), (payload) => this.#receive(payload, decodeFetchMessage, (it) => this.#server.receive(it))),
      bus.subscribe(subjectOf(clusterName, nodeId, "batches"), (payload) =>
        this.#receive(payload, decodeBatchesMessage, (it) => this.#fetchers.get(it.from.nodeId)?.receive(it)))
    ]
  }

  /** The replica follows a leader on that node, from where its log ends. Also when only its epoch or its view changed. */
  follow(actor: PartitionActor, leaderId: number): void {
    actor.listener = this
    let fetcher = this.#fetchers.get(leaderId)
    if (this.#fetcherOf.get(actor) !== fetcher) this.forget(actor)
    if (fetcher === undefined) {
      fetcher = new ReplicaFetcher({ context: this.#context, leaderId, nextSessionId: () => ++this.#lastSessionId })
      this.#fetchers.set(leaderId, fetcher)
    }
    this.#fetcherOf.set(actor, fetcher)
    fetcher.follow(actor)
  }

  /** The replica follows nobody: it leads, nobody does, or it is gone. */
  forget(actor: PartitionActor): void {
    actor.listener = this
    const fetcher = this.#fetcherOf.get(actor)
    if (fetcher === undefined) return
    this.#fetcherOf.delete(actor)
    fetcher.forget(actor)
    if (fetcher.size > 0) return
    fetcher.close()
    this.#fetchers.delete(fetcher.leaderId)
  }

  /** The metadata has other uptimes of nodes than before, or this node has begun one. */
  brokersChanged(): void {
    for (const fetcher of this.#fetchers.values()) fetcher.brokersChanged()
    this.#server.brokersChanged()
  }

  /** Before its bus is closed. */
  close(): void {
    this.#isClosed = true
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    for (const fetcher of this.#fetchers.values()) fetcher.close()
    this.#server.close()
  }

  staged(actor: PartitionActor): void {
    this.#server.staged(actor)
  }

  moved(actor: PartitionActor): void {
    this.#server.moved(actor)
  }

  flushed(actor: PartitionActor): void {
    this.#fetcherOf.get(actor)?.flushed(actor)
  }

  restarted(actor: PartitionActor): void {
    this.#fetcherOf.get(actor)?.restarted(actor)
  }

  roleChanged(actor: PartitionActor): void {
    this.#server.roleChanged(actor)
  }

  #send(subject: string, payload: MessageBytes): void {
    if (this.#isClosed) return
    try {
      this.#context.bus.publish(subject, payload)
    } catch (cause) {
      // As if it was lost on the way: the node is about to end.
      if (!(cause instanceof BusClosed)) throw cause
    }
  }

  /** A bus keeps to itself what its handlers throw. A defect must surface, so it leaves by the clock. */
  #receive<M extends ReplicaEnvelope>(payload: Buffer, decode: (bytes: Uint8Array) => M, take: (message: M) => void): void {
    const { clock, clusterName, nodeId } = this.#context
    try {
      const message = decode(payload)
      if (!this.#isClosed && message.clusterName === clusterName && message.to.nodeId === nodeId) take(message)
    } catch (cause) {
      if (cause instanceof ReplicaMessageError) {
        this.counters.malformed++
        this.#malformed.add(cause)
      } else {
        clock.endOfTurn(() => {
          throw cause
        })
      }
    }
  }
}
