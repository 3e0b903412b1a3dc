import { decodeFetchRequest, encodeFetchResponse, ErrorCode, type FetchRequest } from "@tailrace/kafka-protocol"
import type { Call } from "../Call.ts"
import { FetchOperation } from "../FetchOperation.ts"

/** From this version on topics are named by id only (KIP-516). */
const topicIdVersionMin = 13
/** Errors for the whole request have a place from this version on. */
const topLevelErrorVersionMin = 7

/** A long poll: answers at once with what is there, or waits until enough is or `maxWaitMs` has passed. */
export function handleFetch(call: Call): void {
  const request = decodeFetchRequest(call.reader, call.apiVersion)
  if (request.replicaId >= 0 || request.replicaState.replicaId >= 0) return refuse(call, request)
  const deadlineMillis = call.context.clock.monotonicMillis() + Math.max(request.maxWaitMs, 0)
  call.origin.fetches.enter(call, () => begin(call, request, deadlineMillis))
}

function begin(call: Call, request: FetchRequest, deadlineMillis: number): void {
  const { clock, fetchSessions } = call.context
  const usesTopicIds = call.apiVersion >= topicIdVersionMin
  const resolved = call.apiVersion >= topLevelErrorVersionMin
    ? fetchSessions.resolve(request, usesTopicIds, clock.monotonicMillis())
    : fetchSessions.resolve({ ...request, sessionId: 0, sessionEpoch: -1 }, usesTopicIds, clock.monotonicMillis())
  if (resolved.errorCode !== ErrorCode.NONE) {
    call.origin.fetches.answered(0)
    call.reply(encodeFetchResponse, { errorCode: resolved.errorCode, sessionId: 0, responses: [] })
    return
  }
  new FetchOperation(call, request, resolved, usesTopicIds, deadlineMillis).start()
}

/** Followers replicate over the bus. Whoever claims to be one here is not: CVE-2018-1288 shows what trust would cost. */
function refuse(call: Call, request: FetchRequest): void {
  const errorCode = ErrorCode.CLUSTER_AUTHORIZATION_FAILED
  const responses = request.topics.map((topic) => ({
    topic: topic.topic,
    topicId: topic.topicId,
    partitions: topic.partitions.map(({ partition }) => ({
      partitionIndex: partition,
      errorCode,
      highWatermark: -1,
      records: empty
    }))
  }))
  call.reply(encodeFetchResponse, { responses })
}

const empty = Buffer.alloc(0)
