import type { AppendOutcome, AppendRequest } from "@tailrace/contracts"
import {
  decodeProduceRequest,
  encodeProduceResponse,
  ErrorCode,
  type ProduceRequest,
  type ProduceResponseInput
} from "@tailrace/kafka-protocol"
import { isInternalTopic } from "@tailrace/metadata"
import type { Call } from "../Call.ts"
import { findTopic, isErrorCode, whyAbsent } from "../findTopic.ts"
import { type LeaderIdAndEpoch, LeaderHints } from "../LeaderHints.ts"

/** From this version on topics are named by id only (KIP-516). */
const topicIdVersionMin = 13
/** From this version on an answer may say who leads instead (KIP-951). */
const leaderHintVersionMin = 10
/** Versions below carry message sets of before Kafka 0.11, which nobody stores any more. */
const servedVersionMin = 3
/** Kafka lets nobody else write to internal topics. */
const adminClientId = "__admin_client"

interface PartitionResponse {
  index: number
  errorCode: number
  baseOffset: number
  logAppendTimeMs: number
  logStartOffset: number
  errorMessage: string | null
  currentLeader: LeaderIdAndEpoch | undefined
}

interface TopicResponse {
  readonly name: string
  readonly topicId: string
  readonly partitionResponses: ReadonlyArray<PartitionResponse>
}

/**
 * Hands every batch of the request to its partition and answers when all have kept what the request's acks asked
 * for. Appends start at once, so that requests which arrive together share one flush.
 */
export function handleProduce(call: Call): void {
  const request = decodeProduceRequest(call.reader, call.apiVersion)
  const refusal = refuseWhole(call, request)
  const responses = request.topicData.map((topic) => ({
    name: topic.name,
    topicId: topic.topicId,
    partitionResponses: topic.partitionData.map((partition) => pending(partition.index))
  }))
  let open = 1
  const finish = () => {
    if (--open > 0) return
    if (request.acks !== 0) call.reply(encodeProduceResponse, withLeaders(call, responses))
    else answerNothing(call, responses)
  }
  const append: AppendRequest = {
    acks: request.acks,
    timeoutMillis: request.timeoutMs,
    produceVersion: call.apiVersion
  }
  for (let t = 0; t < request.topicData.length; t++) {
    const topic = request.topicData[t]!
    const into = responses[t]!.partitionResponses
    const found = refusal ?? findTopic(call.context.broker, topic.name, topic.topicId, call.apiVersion >= topicIdVersionMin)
    for (let p = 0; p < topic.partitionData.length; p++) {
      const { index, records } = topic.partitionData[p]!
      const response = into[p]!
      if (isErrorCode(found)) {
        response.errorCode = found
        continue
      }
      if (isInternalTopic(found.name) && call.header.clientId !== adminClientId) {
        response.errorCode = ErrorCode.INVALID_TOPIC_EXCEPTION
        continue
      }
      const partition = call.context.broker.partition(found.topicId, index)
      if (partition === undefined) {
        response.errorCode = whyAbsent(found, index)
      } else if (records === null) {
        response.errorCode = ErrorCode.INVALID_RECORD
        response.errorMessage = "The request carries no records for this partition."
      } else {
        open++
        partition.append(records, append, (outcome) => {
          settle(response, outcome)
          finish()
        })
      }
    }
  }
  finish()
}

function refuseWhole(call: Call, request: ProduceRequest): number | undefined {
  if (call.apiVersion < servedVersionMin) return ErrorCode.UNSUPPORTED_FOR_MESSAGE_FORMAT
  if (request.acks !== 0 && request.acks !== 1 && request.acks !== -1) return ErrorCode.INVALID_REQUIRED_ACKS
  // Transactions are absent so far, and InitProducerId has said so to this client already.
  if (request.transactionalId !== null) return ErrorCode.INVALID_TXN_STATE
  return undefined
}

const pending = (index: number): PartitionResponse => ({
  index,
  errorCode: ErrorCode.NONE,
  baseOffset: -1,
  logAppendTimeMs: -1,
  logStartOffset: -1,
  errorMessage: null,
  currentLeader: undefined
})

function settle(response: PartitionResponse, outcome: AppendOutcome): void {
  response.errorCode = outcome.errorCode
  response.baseOffset = outcome.baseOffset
  response.logAppendTimeMs = outcome.logAppendTimeMillis
  response.logStartOffset = outcome.logStartOffset
  response.errorMessage = outcome.errorMessage
}

/** Where partitions have moved, the answer says where to. */
function withLeaders(call: Call, responses: ReadonlyArray<TopicResponse>): ProduceResponseInput {
  if (call.apiVersion < leaderHintVersionMin) return { responses }
  let hints: LeaderHints | undefined
  for (const { name, partitionResponses, topicId } of responses) {
    for (const response of partitionResponses) {
      if (response.errorCode !== ErrorCode.NOT_LEADER_OR_FOLLOWER) continue
      const { broker } = call.context
      hints ??= new LeaderHints(broker, call.origin.listenerName)
      const topic = call.apiVersion >= topicIdVersionMin ? broker.metadata.topicById(topicId) : broker.metadata.topic(name)
      response.currentLeader = hints.leaderOf(topic, response.index, false)
    }
  }
  return hints === undefined ? { responses } : { responses, nodeEndpoints: hints.nodeEndpoints }
}

/** With acks=0 an error can only be told by closing the connection: the client then refreshes its metadata. */
function answerNothing(call: Call, responses: ReadonlyArray<TopicResponse>): void {
  const failed = responses.some((topic) => topic.partitionResponses.some((partition) => partition.errorCode !== 0))
  if (failed) call.close("a produce with acks=0 failed")
  else call.replyNothing()
}
