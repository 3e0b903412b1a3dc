import {
  decodeDescribeClusterRequest,
  decodeFindCoordinatorRequest,
  encodeDescribeClusterResponse,
  encodeFindCoordinatorResponse,
  ErrorCode,
  type FindCoordinatorResponseCoordinatorInput
} from "@tailrace/kafka-protocol"
import { NotAvailable } from "@tailrace/contracts"
import { authorizedOperations } from "../authorizedOperations.ts"
import { brokersOn } from "../brokersOn.ts"
import type { Call } from "../Call.ts"

/** From this version on a request names several keys (KIP-699). */
const keysVersionMin = 4
const groupType = 0
const transactionType = 1
const brokerEndpoints = 1
const controllerEndpoints = 2

export function handleDescribeCluster(call: Call): void {
  const { broker } = call.context
  const request = decodeDescribeClusterRequest(call.reader, call.apiVersion)
  if (request.endpointType !== brokerEndpoints) {
    const isKnown = request.endpointType === controllerEndpoints
    const errorCode = isKnown ? ErrorCode.MISMATCHED_ENDPOINT_TYPE : ErrorCode.UNSUPPORTED_ENDPOINT_TYPE
    const errorMessage = isKnown
      ? "This is a broker; the controllers have no listeners of their own."
      : `Unsupported endpoint type ${request.endpointType}`
    return call.reply(encodeDescribeClusterResponse, { errorCode, errorMessage, clusterId: "", brokers: [] })
  }
  call.reply(encodeDescribeClusterResponse, {
    errorCode: ErrorCode.NONE,
    clusterId: broker.clusterId,
    controllerId: broker.controllerId,
    brokers: brokersOn(broker, call.origin.listenerName, request.includeFencedBrokers),
    ...(request.includeClusterAuthorizedOperations ? { clusterAuthorizedOperations: authorizedOperations.cluster } : {})
  })
}

export function handleFindCoordinator(call: Call): void {
  const request = decodeFindCoordinatorRequest(call.reader, call.apiVersion)
  const isBatched = call.apiVersion >= keysVersionMin
  const keys = isBatched ? request.coordinatorKeys : [request.key]
  Promise.all(keys.map((key) => find(call, request.keyType, key))).then((coordinators) => {
    if (isBatched) return call.reply(encodeFindCoordinatorResponse, { coordinators })
    const { errorCode, errorMessage, host, nodeId, port } = coordinators[0]!
    call.reply(encodeFindCoordinatorResponse, { errorCode, errorMessage, nodeId, host, port })
  }).catch((cause: unknown) => call.crash(cause))
}

async function find(call: Call, keyType: number, key: string): Promise<FindCoordinatorResponseCoordinatorInput> {
  const { broker } = call.context
  if (keyType === transactionType) return notFound(key, ErrorCode.UNSUPPORTED_VERSION, "Transactions are not served yet.")
  if (keyType !== groupType) return notFound(key, ErrorCode.INVALID_REQUEST, `There is no coordinator of type ${keyType}.`)
  try {
    const nodeId = await broker.groups.find(key)
    const address = brokersOn(broker, call.origin.listenerName).find(({ brokerId }) => brokerId === nodeId)
    if (address === undefined) return notFound(key, ErrorCode.COORDINATOR_NOT_AVAILABLE, null)
    return { key, nodeId, host: address.host, port: address.port, errorCode: ErrorCode.NONE, errorMessage: null }
  } catch (cause) {
    if (cause instanceof NotAvailable) return notFound(key, ErrorCode.COORDINATOR_NOT_AVAILABLE, null)
    throw cause
  }
}

const notFound = (key: string, errorCode: number, errorMessage: string | null): FindCoordinatorResponseCoordinatorInput => ({
  key,
  nodeId: -1,
  host: "",
  port: -1,
  errorCode,
  errorMessage
})
