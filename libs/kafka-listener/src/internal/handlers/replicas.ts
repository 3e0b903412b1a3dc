import {
  decodeAlterPartitionReassignmentsRequest,
  decodeElectLeadersRequest,
  decodeListPartitionReassignmentsRequest,
  type ElectLeadersRequest,
  type ElectLeadersResponseInput,
  encodeAlterPartitionReassignmentsResponse,
  encodeElectLeadersResponse,
  encodeListPartitionReassignmentsResponse,
  ErrorCode
} from "@tailrace/kafka-protocol"
import { askController, notReached } from "../askController.ts"
import type { Call } from "../Call.ts"

/** From this version on the answer has a code of its own. */
const topLevelErrorVersionMin = 1

export function handleElectLeaders(call: Call): void {
  const request = decodeElectLeadersRequest(call.reader, call.apiVersion)
  const reply = (response: ElectLeadersResponseInput): void => {
    const isFitting = call.apiVersion >= topLevelErrorVersionMin || (response.errorCode ?? ErrorCode.NONE) === ErrorCode.NONE
    call.reply(encodeElectLeadersResponse, isFitting ? response : { replicaElectionResults: refusedElections(request, response.errorCode!) })
  }
  askController(call, "electLeaders", request, reply, (errorCode) => ({
    errorCode,
    replicaElectionResults: refusedElections(request, errorCode)
  }))
}

/** Nothing where all partitions were meant: what they are is not known here. */
function refusedElections({ topicPartitions }: ElectLeadersRequest, errorCode: number): ElectLeadersResponseInput["replicaElectionResults"] {
  return (topicPartitions ?? []).map(({ partitions, topic }) => ({
    topic,
    partitionResult: partitions.map((partitionId) => ({ partitionId, errorCode, errorMessage: ErrorCode.nameOf(errorCode) }))
  }))
}

export function handleAlterPartitionReassignments(call: Call): void {
  const request = decodeAlterPartitionReassignmentsRequest(call.reader, call.apiVersion)
  askController(
    call,
    "alterPartitionReassignments",
    request,
    (response) => call.reply(encodeAlterPartitionReassignmentsResponse, response),
    (errorCode) => ({
      allowReplicationFactorChange: request.allowReplicationFactorChange,
      errorCode,
      errorMessage: notReached,
      responses: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode, errorMessage: notReached }))
      }))
    })
  )
}

export function handleListPartitionReassignments(call: Call): void {
  const request = decodeListPartitionReassignmentsRequest(call.reader, call.apiVersion)
  askController(
    call,
    "listPartitionReassignments",
    request,
    (response) => call.reply(encodeListPartitionReassignmentsResponse, response),
    (errorCode) => ({ errorCode, errorMessage: notReached, topics: [] })
  )
}
