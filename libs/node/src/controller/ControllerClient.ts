import { type Bus, Disconnected, NoResponders, Overloaded } from "@tailrace/bus"
import { type ControllerRef, NotAvailable } from "@tailrace/contracts"
import {
  decodeControllerCallResponse, encodeControllerCallRequest, ErrorCode, Reader, Writer
} from "@tailrace/kafka-protocol"
import type { Clock } from "@tailrace/runtime"
import type { ControllerActor } from "../ControllerActor.ts"
import type { AppliedOffsets } from "../internal/AppliedOffsets.ts"
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
}

/** How long a client's call to the controller may take, the search for a controller included. */
export const callMillisDefault = 5_000
const retryMillis = 50
export const envelopeVersion = 0

/**
 * The way to the controller, wherever it lives: the actor of this node, or the one of the node that leads the quorum. A call
 * is tried again only where it is certain that nothing was done.
 */
export class ControllerClient implements ControllerRef {
  readonly #options: ControllerClientOptions
  /** Whom a node named that was asked and is not the controller. */
  #hint: number | undefined

  constructor(options: ControllerClientOptions) {
    this.#options = options
  }

  ask<K extends ControllerCallName>(kind: K, request: ControllerCalls[K]["request"], _apiVersion = -1): Promise<ControllerCalls[K]["response"]> {
    return this.call(kind, request, callMillisDefault)
  }

  async autoCreateTopics(names: ReadonlyArray<string>): Promise<ReadonlyMap<string, number>> {
    const { results } = await this.call("autoCreateTopics", { names: [...names] }, callMillisDefault)
    return new Map(results.map(({ errorCode, name }) => [name, errorCode]))
  }

  /** Rejects with `NotAvailable`. When it resolves this node has applied what was decided. */
  async call<K extends ControllerCallName>(
    kind: K, request: ControllerCalls[K]["request"], timeoutMillis: number
  ): Promise<ControllerCalls[K]["response"]> {
    const { actor, bus, clock, nodeId, quorum } = this.#options
    const deadlineMillis = clock.monotonicMillis() + timeoutMillis
    while (true) {
      if (actor.isActive || bus === undefined) return (await actor.call(kind, request)).response
      const leader = quorum.status.leader?.nodeId ?? this.#hint
      const leftMillis = Math.ceil(deadlineMillis - clock.monotonicMillis())
      if (leftMillis <= 0) throw unreachable()
      if (leader !== undefined && leader !== nodeId) {
        const response = await this.#callRemote(bus, leader, kind, request, leftMillis)
        if (response !== undefined) return response
      }
      await new Promise<void>((resolve) => void clock.after(Math.min(retryMillis, leftMillis), resolve))
    }
  }

  /** Undefined where nothing was done there and another try may help. */
  async #callRemote<K extends ControllerCallName>(
    bus: Bus, leader: number, kind: K, request: ControllerCalls[K]["request"], timeoutMillis: number
  ): Promise<ControllerCalls[K]["response"] | undefined> {
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
      throw new NotAvailable("controller", ErrorCode.REQUEST_TIMED_OUT)
    }
    const reader = new Reader(payload)
    const answer = decodeControllerCallResponse(reader, reader.int16())
    if (answer.errorCode === ErrorCode.NOT_CONTROLLER) {
      this.#hint = answer.controllerId < 0 ? undefined : answer.controllerId
      return undefined
    }
    if (answer.errorCode !== ErrorCode.NONE) throw new NotAvailable("controller", answer.errorCode)
    if (!await applied.reached(answer.metadataOffset, timeoutMillis)) throw new NotAvailable("controller", ErrorCode.REQUEST_TIMED_OUT)
    return codec.decodeResponse(new Reader(answer.body), codec.version)
  }
}

const unreachable = (): NotAvailable => new NotAvailable("controller", ErrorCode.NOT_CONTROLLER)
