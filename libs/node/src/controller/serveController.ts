import type { Bus } from "@tailrace/bus"
import { NotAvailable } from "@tailrace/contracts"
import {
  decodeControllerCallRequest, encodeControllerCallResponse, ErrorCode, ProtocolError, Reader, Writer
} from "@tailrace/kafka-protocol"
import type { ControllerActor } from "../ControllerActor.ts"
import { subjectOf } from "../internal/subjectOf.ts"
import type { Quorum } from "../quorum/Quorum.ts"
import { envelopeVersion } from "./ControllerClient.ts"
import { controllerCallOf, controllerCodecs } from "./controllerCodecs.ts"

export interface ControllerServerOptions {
  readonly clusterName: string
  readonly nodeId: number
  readonly actor: ControllerActor
  readonly quorum: Quorum
  readonly bus: Bus
}

/** Calls of other nodes that are in work; one more is refused as overloaded. */
export const controllerRequestsMax = 1_024
const nothing = Buffer.alloc(0)

/** Answers other nodes that ask this one's controller. A node that is not the controller names the one it follows. */
export function serveController(options: ControllerServerOptions): () => void {
  const { bus, clusterName, nodeId } = options
  return bus.serve(subjectOf(clusterName, nodeId, "controller"), (payload) => answer(options, payload), { requestsMax: controllerRequestsMax })
}

async function answer({ actor, clusterName, quorum }: ControllerServerOptions, payload: Buffer): Promise<Uint8Array> {
  const answered = (errorCode: number, metadataOffset: number, body: Buffer): Buffer => {
    const { leader, term } = quorum.status
    return encode({ errorCode, controllerId: leader?.nodeId ?? -1, controllerEpoch: term, metadataOffset, body })
  }
  const refused = (errorCode: number): Buffer => answered(errorCode, -1, nothing)
  try {
    const reader = new Reader(payload)
    const call = decodeControllerCallRequest(reader, reader.int16())
    const kind = controllerCallOf(call.apiKey)
    if (kind === undefined || call.clusterName !== clusterName) return refused(ErrorCode.INVALID_REQUEST)
    if (!actor.isActive) return refused(ErrorCode.NOT_CONTROLLER)
    const codec = controllerCodecs[kind]
    const request = codec.decodeRequest(new Reader(call.body), call.apiVersion)
    const { metadataOffset, response } = await actor.call(kind, request as never)
    const body = new Writer()
    codec.encodeResponse(body, call.apiVersion, response as never)
    return answered(ErrorCode.NONE, metadataOffset, body.body())
  } catch (cause) {
    if (cause instanceof NotAvailable) return refused(cause.errorCode)
    if (cause instanceof ProtocolError) return refused(ErrorCode.INVALID_REQUEST)
    throw cause
  }
}

function encode(value: Parameters<typeof encodeControllerCallResponse>[2]): Buffer {
  const writer = new Writer()
  writer.int16(envelopeVersion)
  encodeControllerCallResponse(writer, envelopeVersion, value)
  return writer.body()
}
