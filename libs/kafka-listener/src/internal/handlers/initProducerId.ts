import { decodeInitProducerIdRequest, encodeInitProducerIdResponse, ErrorCode } from "@tailrace/kafka-protocol"
import type { Call } from "../Call.ts"

/** No producer id, and no epoch. */
const none = -1

/**
 * Gives an idempotent producer its id. A transactional id gets UNSUPPORTED_VERSION, which no client retries, until
 * transactions are here; an empty one is INVALID_REQUEST as in Kafka, and so is half of an identity that the producer has already.
 */
export function handleInitProducerId(call: Call): void {
  const request = decodeInitProducerIdRequest(call.reader, call.apiVersion)
  if (request.transactionalId !== null) {
    const errorCode = request.transactionalId === "" ? ErrorCode.INVALID_REQUEST : ErrorCode.UNSUPPORTED_VERSION
    return answer(call, errorCode, none)
  }
  if ((request.producerId === none) !== (request.producerEpoch === none)) return answer(call, ErrorCode.INVALID_REQUEST, none)
  call.whenSettled(
    call.context.broker.nextProducerId(),
    (producerId) => answer(call, ErrorCode.NONE, producerId),
    () => answer(call, ErrorCode.COORDINATOR_NOT_AVAILABLE, none)
  )
}

function answer(call: Call, errorCode: number, producerId: number): void {
  call.reply(encodeInitProducerIdResponse, { errorCode, producerId, producerEpoch: producerId === none ? none : 0 })
}
