import {
  decodeAddRaftVoterRequest,
  decodeDescribeQuorumRequest,
  decodeRemoveRaftVoterRequest,
  decodeUnregisterBrokerRequest,
  encodeAddRaftVoterResponse,
  encodeDescribeQuorumResponse,
  encodeRemoveRaftVoterResponse,
  encodeUnregisterBrokerResponse,
  ErrorCode
} from "@tailrace/kafka-protocol"
import { askController, notReached } from "../askController.ts"
import type { Call } from "../Call.ts"

/** The quorum as its leader sees it; every other node passes the question on. */
export function handleDescribeQuorum(call: Call): void {
  const request = decodeDescribeQuorumRequest(call.reader, call.apiVersion)
  askController(call, "describeQuorum", request, (response) => call.reply(encodeDescribeQuorumResponse, response), (errorCode) => ({
    errorCode,
    errorMessage: notReached,
    topics: []
  }))
}

export function handleAddRaftVoter(call: Call): void {
  const request = decodeAddRaftVoterRequest(call.reader, call.apiVersion)
  if (!isOfThisCluster(call, request.clusterId)) return call.reply(encodeAddRaftVoterResponse, ofAnother)
  askController(call, "addRaftVoter", request, (response) => call.reply(encodeAddRaftVoterResponse, response), refused)
}

export function handleRemoveRaftVoter(call: Call): void {
  const request = decodeRemoveRaftVoterRequest(call.reader, call.apiVersion)
  if (!isOfThisCluster(call, request.clusterId)) return call.reply(encodeRemoveRaftVoterResponse, ofAnother)
  askController(call, "removeRaftVoter", request, (response) => call.reply(encodeRemoveRaftVoterResponse, response), refused)
}

export function handleUnregisterBroker(call: Call): void {
  const request = decodeUnregisterBrokerRequest(call.reader, call.apiVersion)
  askController(call, "unregisterBroker", request, (response) => call.reply(encodeUnregisterBrokerResponse, response), refused)
}

/** Whoever names no cluster means this one. */
const isOfThisCluster = (call: Call, clusterId: string | null): boolean =>
  clusterId === null || clusterId === call.context.broker.clusterId

const ofAnother = { errorCode: ErrorCode.INCONSISTENT_CLUSTER_ID, errorMessage: "The request names another cluster." }

const refused = (errorCode: number) => ({ errorCode, errorMessage: notReached })
