import type { Bus } from "@tailrace/bus"
import { NotAvailable } from "@tailrace/contracts"
import { ErrorCode, type MetadataRecord } from "@tailrace/kafka-protocol"
import { type BrokerConfig, type Decision, type DecisionContext, MetadataImage } from "@tailrace/metadata"
import type { Clock, Logger, Random } from "@tailrace/runtime"
import { Actor } from "@tailrace/runtime/effect"
import * as Effect from "effect/Effect"
import type { ControllerAnswer, ControllerCallName, ControllerCalls, DecidedCallName, QuorumCalls } from "./controller/ControllerCalls.ts"
import { type ControllerDecisions, controllerDecisions } from "./controller/controllerDecisions.ts"
import { ControllerDuties } from "./controller/ControllerDuties.ts"
import { QuorumAdmin } from "./controller/QuorumAdmin.ts"
import type { AppliedOffsets } from "./internal/AppliedOffsets.ts"
import type { Quorum } from "./quorum/Quorum.ts"

export interface ControllerOptions {
  readonly quorum: Quorum
  readonly applied: AppliedOffsets
  readonly config: BrokerConfig
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** This node's metadata, as far as it is committed. */
  readonly committed: () => MetadataImage
  /** No other node can decide anything, so that nobody has to be asked whether this one still leads. */
  readonly isAlone: boolean
  /** Undefined for a node that is alone. */
  readonly bus: Bus | undefined
  /** The id of a cluster that has none yet. */
  readonly clusterId: () => string
}

interface Asked {
  readonly decide: (image: MetadataImage, context: DecisionContext) => Decision<unknown>
  readonly resolve: (answer: { readonly response: unknown; readonly metadataOffset: number }) => void
  readonly reject: (cause: unknown) => void
}

/** A decision that is appended, and neither committed nor lost as far as this node knows. */
interface Undecided {
  readonly endOffset: number
  readonly records: ReadonlyArray<MetadataRecord>
  readonly asked: Asked
  readonly response: unknown
}

/**
 * The controller decides about the cluster's metadata. Every node has the actor; it is active where this node leads the
 * quorum and has applied an entry of its own term. A decision is replayed into the controller's own image when it is
 * appended, so that the next one sees it; answers leave when it is committed and applied here, and one without records
 * when it is certain that this node still leads. What is appended when the lead is lost may yet be committed by the next leader: whoever
 * waits for it waits on until the log tells, which its next entry here does.
 */
export class ControllerActor {
  readonly #options: ControllerOptions
  readonly #duties: ControllerDuties
  readonly #quorumAdmin: QuorumAdmin
  readonly #decisions: ControllerDecisions
  /** What holds if everything appended will be committed. */
  #image: MetadataImage
  /** All of one term, so that what Raft lets a leader have uncommitted bounds it. */
  #undecided: Array<Undecided> = []
  /** The term that `#undecided` was appended in. */
  #undecidedTerm = -1
  /** The term in which this node decides; undefined while another node does. */
  #term: number | undefined
  #tell: (asked: Asked) => boolean = () => false

  private constructor(options: ControllerOptions) {
    this.#options = options
    this.#image = options.committed()
    this.#duties = new ControllerDuties({
      ...options, decide: (decide) => this.#submit(decide).then(({ response }) => response) as never
    })
    this.#quorumAdmin = new QuorumAdmin(options)
    this.#decisions = controllerDecisions(this.#duties)
  }

  /** The actor lives as long as the caller's scope. */
  static readonly spawn = Effect.fnUntraced(function*(options: ControllerOptions) {
    const self = new ControllerActor(options)
    const actor = yield* Actor.spawn<void, Asked, void, never, never>({
      address: { kind: "controller" },
      // After a defect too. What is in the log and not committed is part of every later decision.
      init: Effect.sync(() => self.#rebuild()),
      receive: (_, asked) => Effect.sync(() => self.#receive(asked))
    })
    self.#tell = actor.tellUnsafe
    yield* Effect.addFinalizer(() => Effect.sync(() => self.#close()))
    return self
  })

  /** This node decides now. */
  get isActive(): boolean {
    return this.#term !== undefined
  }

  /**
   * Rejects with `NotAvailable`; NOT_CONTROLLER means that nothing was done, and that another node has to be asked, or this one later.
   * Only a node that is alone says so too where a write failed that may be found later. Takes as long as a disk that hangs.
   */
  call<K extends ControllerCallName>(kind: K, request: ControllerCalls[K]["request"]): Promise<ControllerAnswer<K>> {
    const administer = this.#administration[kind as keyof QuorumCalls]
    if (administer !== undefined) return this.#administer(() => administer(request as never)) as Promise<ControllerAnswer<K>>
    const decide = this.#decisions[kind as DecidedCallName] as ControllerDecisions[DecidedCallName]
    return this.#submit((image, context) => decide(image, request as never, context)) as Promise<ControllerAnswer<K>>
  }

  /** What concerns the quorum itself is no decision about the metadata. */
  readonly #administration: { readonly [K in keyof QuorumCalls]: (request: QuorumCalls[K]["request"]) => unknown } = {
    describeQuorum: (request) => this.#quorumAdmin.describe(request),
    addRaftVoter: (request) => this.#quorumAdmin.add(request),
    removeRaftVoter: (request) => this.#quorumAdmin.remove(request)
  }

  async #administer(call: () => unknown): Promise<{ readonly response: unknown; readonly metadataOffset: number }> {
    const { isAlone, quorum } = this.#options
    if (this.#term === undefined || !isAlone && !await quorum.confirm()) throw unreachable()
    return { response: await call(), metadataOffset: quorum.appliedEnd }
  }

  /** The quorum's leader or term may be another one. */
  roleChanged(): void {
    const { quorum } = this.#options
    if (this.#term !== undefined && !this.#stillLeads()) this.#deactivate()
    if (this.#term === undefined && quorum.isActive) this.#activate(quorum.status.term)
  }

  /** The node has applied everything below `end`; what ends there was written by the leader of `term`. */
  committed(end: number, term: number): void {
    if (term === this.#undecidedTerm) {
      for (const { asked, endOffset, response } of this.#takeUndecided(end)) asked.resolve({ response, metadataOffset: endOffset })
    }
    // Terms in a log never go back: nothing more of the earlier one will come.
    if (term > this.#undecidedTerm) for (const { asked } of this.#takeUndecided()) asked.reject(unreachable())
    if (this.#term !== undefined && !this.#stillLeads()) this.#deactivate()
  }

  /** The node has a snapshot of everything below `end`, which does not tell who wrote it. */
  restored(end: number): void {
    for (const { asked } of this.#takeUndecided(end)) asked.reject(outcomeUnknown())
  }

  /** A write failed: nothing is decided until the quorum has begun anew, with what the log has then. */
  storageFailed(): void {
    this.#deactivate()
  }

  #stillLeads(): boolean {
    const { role, term } = this.#options.quorum.status
    return role === "leader" && term === this.#term
  }

  #activate(term: number): void {
    const { logger, quorum } = this.#options
    if (this.#undecided.length > 0) throw new Error(`assertion: the first entry of term ${term} has settled what was undecided`)
    this.#term = this.#undecidedTerm = term
    this.#rebuild()
    if (!this.#options.isAlone) logger.info("this node is the controller", { term, offset: quorum.appliedEnd })
    this.#duties.begin(term, this.#image)
    if (!this.#options.isAlone) this.#quorumAdmin.begin()
  }

  /**
   * Decisions wait for the log. Answers without records do not: asking again does no harm. Nor do those of a node that is alone, whose
   * clients look and ask again themselves.
   */
  #deactivate(): void {
    if (this.#term === undefined) return
    const { isAlone, logger } = this.#options
    const waitsOn = ({ records }: Undecided): boolean => !isAlone && records.length > 0
    const dropped = this.#undecided.filter((it) => !waitsOn(it))
    this.#undecided = this.#undecided.filter(waitsOn)
    if (!isAlone) logger.info("this node is no longer the controller", { term: this.#term, undecided: this.#undecided.length })
    else if (dropped.length > 0) logger.warn("metadata that was not committed is dropped", { decisions: dropped.length })
    this.#term = undefined
    this.#duties.end()
    this.#quorumAdmin.end()
    for (const { asked } of dropped) asked.reject(unreachable())
  }

  #close(): void {
    this.#deactivate()
    for (const { asked } of this.#takeUndecided()) asked.reject(outcomeUnknown())
  }

  #takeUndecided(end = Infinity): ReadonlyArray<Undecided> {
    const later = this.#undecided.findIndex(({ endOffset }) => endOffset > end)
    return this.#undecided.splice(0, later < 0 ? this.#undecided.length : later)
  }

  #submit(decide: Asked["decide"]): Promise<{ readonly response: unknown; readonly metadataOffset: number }> {
    if (this.#term === undefined) return Promise.reject(unreachable())
    return new Promise((resolve, reject) => {
      if (!this.#tell({ decide, resolve, reject })) reject(unreachable())
    })
  }

  #receive(asked: Asked): void {
    if (this.#term === undefined || !this.#stillLeads()) return asked.reject(unreachable())
    try {
      this.#decide(asked)
    } catch (cause) {
      // The code that clients do not retry: the next life would die of the same request.
      asked.reject(new NotAvailable("controller", ErrorCode.UNKNOWN_SERVER_ERROR))
      throw cause
    }
  }

  #decide(asked: Asked): void {
    const { config, quorum, random } = this.#options
    const { records, response } = asked.decide(this.#image, {
      config,
      newUuid: () => random.uuid(),
      nextOffset: quorum.endOffset
    })
    if (records.length === 0) return this.#answerUnchanged(asked, response)
    // First into the image: a record that it does not take must not get into the log.
    for (const record of records) this.#image.replay(record)
    const proposed = quorum.propose(records)
    if (proposed.kind === "proposed") {
      this.#undecided.push({ endOffset: proposed.endOffset, records, asked, response })
      return
    }
    this.#rebuild()
    asked.reject(proposed.fault === "tooLarge" ? new NotAvailable("controller", ErrorCode.POLICY_VIOLATION) : unreachable())
  }

  /** An answer without records still rests on what was decided before it, and on this node being the controller. */
  #answerUnchanged(asked: Asked, response: unknown): void {
    const { isAlone, quorum } = this.#options
    const term = this.#term
    const metadataOffset = this.#undecided.at(-1)?.endOffset ?? quorum.appliedEnd
    const settle = (): void => {
      if (this.#term !== term) asked.reject(unreachable())
      else if (this.#undecided.length === 0 || metadataOffset <= quorum.appliedEnd) asked.resolve({ response, metadataOffset })
      else this.#insertWaiting({ endOffset: metadataOffset, records: [], asked, response })
    }
    if (isAlone) return settle()
    void quorum.confirm().then((isConfirmed) => isConfirmed ? settle() : asked.reject(unreachable()))
  }

  /** Behind everything that ends at or below it. */
  #insertWaiting(waiting: Undecided): void {
    const at = this.#undecided.findIndex(({ endOffset }) => endOffset > waiting.endOffset)
    this.#undecided.splice(at < 0 ? this.#undecided.length : at, 0, waiting)
  }

  #rebuild(): void {
    this.#image = copyOf(this.#options.committed())
    // What waits of an earlier office need not fit what others have decided since.
    if (this.#term !== undefined) for (const { records } of this.#undecided) for (const record of records) this.#image.replay(record)
  }
}

const copyOf = (image: MetadataImage): MetadataImage => MetadataImage.fromRecords(image.toRecords())
const unreachable = (): NotAvailable => new NotAvailable("controller", ErrorCode.NOT_CONTROLLER)
/** The code that is not tried again. */
const outcomeUnknown = (): NotAvailable => new NotAvailable("controller", ErrorCode.REQUEST_TIMED_OUT)
