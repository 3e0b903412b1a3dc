import { type ControllerCalls, type ControllerRef, NotAvailable } from "@tailrace/contracts"
import { type CreateTopicsResponseTopicInput, ErrorCode, type MetadataRecord } from "@tailrace/kafka-protocol"
import {
  allocateProducerIds,
  alterConfigs,
  autoCreateTopics,
  type BrokerConfig,
  type BrokerEpochResponse,
  createPartitions,
  createTopics,
  type Decision,
  type DecisionContext,
  deleteTopics,
  incrementalAlterConfigs,
  MetadataImage,
  type ProducerIdBlock,
  registerBroker,
  type RegisterBrokerRequest
} from "@tailrace/metadata"
import type { Logger, Random } from "@tailrace/runtime"
import { Actor } from "@tailrace/runtime/effect"
import * as Effect from "effect/Effect"
import type { MetadataJournal } from "./internal/MetadataJournal.ts"

export interface ControllerOptions {
  readonly journal: MetadataJournal
  readonly config: BrokerConfig
  readonly random: Random
  readonly logger: Logger
  /** What is committed; only the controller replays into it, in the order of the journal. */
  readonly committed: MetadataImage
  /** The records that one commit has made part of the metadata. The node acts on them before any answer leaves. */
  readonly onCommitted: (records: ReadonlyArray<MetadataRecord>) => void
}

interface Asked {
  readonly decide: (image: MetadataImage, context: DecisionContext) => Decision<unknown>
  readonly resolve: (response: unknown) => void
  readonly reject: (cause: unknown) => void
}

/** A decision that is appended and not committed. */
interface Undecided {
  readonly endOffset: number
  readonly records: ReadonlyArray<MetadataRecord>
  readonly asked: Asked
  readonly response: unknown
}

/**
 * The controller decides about the cluster's metadata. A decision is replayed into the controller's own image when it is
 * appended, so that the next one sees it, and into the committed image when it is durable; answers leave after that. When
 * a write fails the controller forgets what was not committed.
 */
export class ControllerActor implements ControllerRef {
  readonly #options: ControllerOptions
  /** What holds if everything appended will be committed. */
  #image: MetadataImage
  #undecided: Array<Undecided> = []
  /** Up to here the journal is in the committed image. */
  #appliedEnd: number
  /** A write failed. Whether it is in the journal all the same shows when the disk is back. */
  #mustRecover = false
  #tell: (asked: Asked) => boolean = () => false

  private constructor(options: ControllerOptions) {
    this.#options = options
    this.#image = copyOf(options.committed)
    this.#appliedEnd = options.journal.committedEnd
    options.journal.onCommitted = (end) => this.#committed(end)
    options.journal.onFailed = () => {
      this.#mustRecover = true
      this.#forget()
    }
  }

  /** The journal has been replayed into `committed`. The actor lives as long as the caller's scope. */
  static readonly spawn = Effect.fnUntraced(function*(options: ControllerOptions) {
    const self = new ControllerActor(options)
    const actor = yield* Actor.spawn<void, Asked, void, never, never>({
      address: { kind: "controller" },
      // After a defect too. What is in the journal will be committed: it is part of every later decision.
      init: Effect.sync(() => self.#rebuild()),
      receive: (_, asked) => Effect.sync(() => self.#receive(asked))
    })
    self.#tell = actor.tellUnsafe
    return self
  })

  ask<K extends keyof ControllerCalls>(
    kind: K,
    request: ControllerCalls[K]["request"],
    _apiVersion: number
  ): Promise<ControllerCalls[K]["response"]> {
    const decide: Record<keyof ControllerCalls, Asked["decide"]> = {
      createTopics: (image, context) => createTopics(image, request as never, context),
      deleteTopics: (image, context) => deleteTopics(image, request as never, context),
      createPartitions: (image, context) => createPartitions(image, request as never, context),
      alterConfigs: (image, context) => alterConfigs(image, request as never, context),
      incrementalAlterConfigs: (image, context) => incrementalAlterConfigs(image, request as never, context)
    }
    return this.#submit(decide[kind]) as Promise<ControllerCalls[K]["response"]>
  }

  async autoCreateTopics(names: ReadonlyArray<string>): Promise<ReadonlyMap<string, number>> {
    const answers = await this.#submit((image, context) => autoCreateTopics(image, names, context)) as ReadonlyArray<
      CreateTopicsResponseTopicInput
    >
    return new Map(answers.map(({ errorCode, name }) => [name, errorCode]))
  }

  /** A new uptime of a node. */
  register(broker: RegisterBrokerRequest): Promise<BrokerEpochResponse> {
    return this.#submit((image, context) => registerBroker(image, broker, context)) as Promise<BrokerEpochResponse>
  }

  /** A block of producer ids that belongs to the node from here on. */
  allocateProducerIds(brokerId: number, brokerEpoch: number): Promise<ProducerIdBlock> {
    return this.#submit((image) => allocateProducerIds(image, brokerId, brokerEpoch)) as Promise<ProducerIdBlock>
  }

  /** The journal can be written again. A failed write is in it as a whole or not at all: what is there holds. */
  async recover(): Promise<void> {
    if (!this.#mustRecover) return
    const { committed, journal, onCommitted } = this.#options
    const found: Array<MetadataRecord> = []
    const end = journal.committedEnd
    await journal.load((record) => found.push(record), this.#appliedEnd)
    for (const record of found) committed.replay(record)
    this.#appliedEnd = end
    this.#image = copyOf(committed)
    this.#mustRecover = false
    if (found.length > 0) onCommitted(found)
  }

  #submit(decide: Asked["decide"]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (!this.#tell({ decide, resolve, reject })) reject(unreachable())
    })
  }

  #receive(asked: Asked): void {
    if (this.#mustRecover) return asked.reject(unreachable())
    try {
      this.#decide(asked)
    } catch (cause) {
      // The code that clients do not retry: the next life would die of the same request.
      asked.reject(new NotAvailable("controller", ErrorCode.UNKNOWN_SERVER_ERROR))
      throw cause
    }
  }

  #decide(asked: Asked): void {
    const { config, journal, random } = this.#options
    const { records, response } = asked.decide(this.#image, {
      config,
      newUuid: () => random.uuid(),
      nextOffset: journal.endOffset
    })
    if (records.length === 0 && this.#undecided.length === 0) return asked.resolve(response)
    // First into the image: a record that it does not take must not get into the journal.
    for (const record of records) this.#image.replay(record)
    // An answer without records still rests on what was decided before it.
    const endOffset = records.length === 0 ? journal.endOffset : journal.propose(records)?.endOffset
    if (endOffset !== undefined) return void this.#undecided.push({ endOffset, records, asked, response })
    this.#rebuild()
    asked.reject(unreachable())
  }

  #committed(end: number): void {
    // What is in the journal and not in the image is `recover`'s to find.
    if (this.#mustRecover) return
    let count = 0
    while (count < this.#undecided.length && this.#undecided[count]!.endOffset <= end) count++
    const decided = this.#undecided.splice(0, count)
    const records = decided.flatMap((it) => it.records)
    for (const record of records) this.#options.committed.replay(record)
    this.#appliedEnd = end
    if (records.length > 0) this.#options.onCommitted(records)
    for (const { asked, response } of decided) asked.resolve(response)
  }

  #rebuild(): void {
    this.#image = copyOf(this.#options.committed)
    for (const { records } of this.#undecided) for (const record of records) this.#image.replay(record)
  }

  /** Whoever waits cannot know whether the write will be found later: NOT_CONTROLLER makes clients look and ask again. */
  #forget(): void {
    const lost = this.#undecided
    this.#undecided = []
    this.#rebuild()
    if (lost.length > 0) this.#options.logger.warn("metadata that was not committed is dropped", { decisions: lost.length })
    for (const { asked } of lost) asked.reject(unreachable())
  }
}

const copyOf = (image: MetadataImage): MetadataImage => MetadataImage.fromRecords(image.toRecords())
const unreachable = (): NotAvailable => new NotAvailable("controller", ErrorCode.NOT_CONTROLLER)
