import { decodeInitProducerIdRequest, encodeInitProducerIdResponse, ErrorCode } from "@tailrace/kafka-protocol"
import type { Call } from "../Call.ts"

/**
 * Gives an idempotent producer its id. A transactional id gets UNSUPPORTED_VERSION, which no client retries, until
 * transactions are here; an empty one is INVALID_REQUEST as in Kafka.
 */
export function handleInitProducerId(call: Call): void {
  const request = decodeInitProducerIdRequest(call.reader, call.apiVersion)
  if (request.transactionalId !== null) {
    const errorCode = request.transactionalId === "" ? ErrorCode.INVALID_REQUEST : ErrorCode.UNSUPPORTED_VERSION
    return answer(call, errorCode, -1)
  }
  call.whenSettled(
    call.context.broker.nextProducerId(),
    (producerId) => answer(call, ErrorCode.NONE, producerId),
    () => answer(call, ErrorCode.COORDINATOR_NOT_AVAILABLE, -1)
  )
}

function answer(call: Call, errorCode: number, producerId: number): void {
  call.reply(encodeInitProducerIdResponse, { errorCode, producerId, producerEpoch: producerId < 0 ? -1 : 0 })
}
