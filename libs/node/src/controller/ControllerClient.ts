import { type Bus, Disconnected, NoResponders, Overloaded } from "@tailrace/bus"
import { type ControllerRef, NotAvailable } from "@tailrace/contracts"
import {
  decodeControllerCallResponse, encodeControllerCallRequest, ErrorCode, ProtocolError, Reader, Writer
} from "@tailrace/kafka-protocol"
import type { Clock, Logger } from "@tailrace/runtime"
import type { ControllerActor } from "../ControllerActor.ts"
import type { AppliedOffsets } from "../internal/AppliedOffsets.ts"
import { pause } from "../internal/pause.ts"
import { subjectOf } from "../internal/subjectOf.ts"
import type { Quorum } from "../quorum/Quorum.ts"
import type { ControllerCallName, ControllerCalls } from "./ControllerCalls.ts"
import { controllerCodecs } from "./controllerCodecs.ts"

export interface ControllerClientOptions {
  readonly clusterName: string
  readonly nodeId: number
  readonly brokerEpoch: () => number
  readonly actor: ControllerActor
  readonly quorum: Quorum
  /** Undefined for a node that is alone. */
  readonly bus: Bus | undefined
  readonly clock: Clock
  readonly applied: AppliedOffsets
  readonly logger: Logger
}

/** How long a call to the controller may take that does not say so itself, the search for a controller included. */
export const callMillisDefault = 5_000
/** The most that a client may ask for, and what a change of the voters takes at most. */
const callMillisMax = 60_000
const retryMillis = 50
export const envelopeVersion = 0

/**
 * The way to the controller, wherever it lives: the actor of this node, or the one of the node that leads the quorum. A call is tried
 * again only where nothing was done and nothing will be, so that clients never hear of NOT_CONTROLLER. Where a controller loses its
 * office before its decision is committed, the log tells it whether it was. What cannot be known in time is REQUEST_TIMED_OUT and is not
 * tried again: others may have decided something since, which a deletion would take, or an older value replace.
 */
export class ControllerClient implements ControllerRef {
  readonly #options: ControllerClientOptions
  /** Whom a node named that was asked and is not the controller. */
  #hint: number | undefined

  constructor(options: ControllerClientOptions) {
    this.#options = options
  }

  /** For clients, who are not to look for another controller themselves: where none is found in time, that is all that they hear. */
  async ask<K extends ControllerCallName>(kind: K, request: ControllerCalls[K]["request"], _apiVersion = -1): Promise<ControllerCalls[K]["response"]> {
    try {
      return await this.call(kind, request, timeoutOf(kind, request))
    } catch (cause) {
      throw this.#options.bus !== undefined && isNotController(cause) ? timedOut() : cause
    }
  }

  async autoCreateTopics(names: ReadonlyArray<string>): Promise<ReadonlyMap<string, number>> {
    const { results } = await this.call("autoCreateTopics", { names: [...names] }, callMillisDefault)
    return new Map(results.map(({ errorCode, name }) => [name, errorCode]))
  }

  /**
   * Rejects with `NotAvailable`, after `timeoutMillis` at the latest unless this node is alone. When it resolves this node has applied
   * what was decided.
   */
  async call<K extends ControllerCallName>(
    kind: K, request: ControllerCalls[K]["request"], timeoutMillis: number
  ): Promise<ControllerCalls[K]["response"]> {
    const { actor, bus, clock, nodeId, quorum } = this.#options
    const deadlineMillis = clock.monotonicMillis() + timeoutMillis
    const leftMillis = (): number => Math.ceil(deadlineMillis - clock.monotonicMillis())
    while (leftMillis() > 0) {
      const leader = quorum.status.leader?.nodeId ?? this.#hint
      let response: ControllerCalls[K]["response"] | undefined
      if (bus === undefined || actor.isActive) response = await this.#callOwn(kind, request, leftMillis())
      else if (leader !== undefined && leader !== nodeId) response = await this.#callRemote(bus, leader, kind, request, leftMillis)
      if (response !== undefined) return response
      await pause(clock, Math.max(0, Math.min(retryMillis, leftMillis())))
    }
    throw new NotAvailable("controller", ErrorCode.NOT_CONTROLLER)
  }

  /** Undefined where nothing was done, as this node is not the controller. */
  async #callOwn<K extends ControllerCallName>(
    kind: K, request: ControllerCalls[K]["request"], timeoutMillis: number
  ): Promise<ControllerCalls[K]["response"] | undefined> {
    const { actor, bus, clock } = this.#options
    const call = actor.call(kind, request)
    try {
      // Nobody else can answer for a node that is alone, so it waits for its disk.
      return (await (bus === undefined ? call : inTime(clock, call, timeoutMillis))).response
    } catch (cause) {
      if (bus !== undefined && isNotController(cause)) return undefined
      throw cause
    }
  }

  /** Undefined where nothing was done, and another try may help. */
  async #callRemote<K extends ControllerCallName>(
    bus: Bus, leader: number, kind: K, request: ControllerCalls[K]["request"], leftMillis: () => number
  ): Promise<ControllerCalls[K]["response"] | undefined> {
    const timeoutMillis = leftMillis()
    const { applied, brokerEpoch, clusterName, nodeId } = this.#options
    const codec = controllerCodecs[kind]
    const body = new Writer()
    codec.encodeRequest(body, codec.version, request)
    const writer = new Writer()
    writer.int16(envelopeVersion)
    encodeControllerCallRequest(writer, envelopeVersion, {
      clusterName, callerId: nodeId, callerEpoch: brokerEpoch(), apiKey: codec.apiKey, apiVersion: codec.version,
      timeoutMillis, body: body.body()
    })
    let payload: Buffer
    try {
      payload = await bus.request(subjectOf(clusterName, leader, "controller"), writer.body(), timeoutMillis)
    } catch (cause) {
      this.#hint = undefined
      if (cause instanceof NoResponders || cause instanceof Overloaded || cause instanceof Disconnected && !cause.wasSent) return undefined
      // It may have been carried out.
      throw timedOut()
    }
    const reader = new Reader(payload)
    const answer = this.#decoded(leader, () => decodeControllerCallResponse(reader, reader.int16()))
    if (answer.errorCode === ErrorCode.NOT_CONTROLLER) {
      this.#hint = answer.controllerId < 0 ? undefined : answer.controllerId
      return undefined
    }
    if (answer.errorCode !== ErrorCode.NONE) throw new NotAvailable("controller", answer.errorCode)
    if (!await applied.reached(answer.metadataOffset, Math.max(0, leftMillis()))) throw timedOut()
    return this.#decoded(leader, () => codec.decodeResponse(new Reader(answer.body), codec.version))
  }

  /** An answer that nobody can read may be that to a request which was carried out. */
  #decoded<A>(leader: number, decode: () => A): A {
    try {
      return decode()
    } catch (cause) {
      if (!(cause instanceof ProtocolError)) throw cause
      this.#options.logger.warn("an answer of the controller is malformed", { controller: leader, cause })
      throw timedOut()
    }
  }
}

const isNotController = (cause: unknown): boolean => cause instanceof NotAvailable && cause.errorCode === ErrorCode.NOT_CONTROLLER
const timedOut = (): NotAvailable => new NotAvailable("controller", ErrorCode.REQUEST_TIMED_OUT)

/** What is not answered in time may be carried out later, and how it ends then is of no interest. */
function inTime<A>(clock: Clock, call: Promise<A>, timeoutMillis: number): Promise<A> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(timeoutMillis, () => reject(timedOut()))
    call.then(resolve, reject).finally(cancel)
  })
}

/** What the request says itself. A change of the voters ends in time of its own accord, with an answer that says more. */
function timeoutOf(kind: ControllerCallName, request: object | undefined): number {
  if (kind === "removeRaftVoter") return callMillisMax
  const asked = (request as { readonly timeoutMs?: number } | undefined)?.timeoutMs ?? 0
  const leewayMillis = kind === "addRaftVoter" ? callMillisDefault : 0
  return asked <= 0 ? callMillisDefault : Math.min(asked + leewayMillis, callMillisMax)
}
