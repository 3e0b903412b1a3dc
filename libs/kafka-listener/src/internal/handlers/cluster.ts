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
import { type BrokerAddress, brokersOn } from "../brokersOn.ts"
import type { Call } from "../Call.ts"

/** From this version on a request names several keys (KIP-699). */
const keysVersionMin = 4
/** Groups that one request is answered for. Clients ask again for those behind them. */
const groupsMax = 10_000
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
  find(call, request.keyType, keys).then((coordinators) => {
    if (isBatched) return call.reply(encodeFindCoordinatorResponse, { coordinators })
    const { errorCode, errorMessage, host, nodeId, port } = coordinators[0]!
    call.reply(encodeFindCoordinatorResponse, { errorCode, errorMessage, nodeId, host, port })
  }).catch((cause: unknown) => call.crash(cause))
}

/** Kafka has no limit of keys, so those beyond ours are refused in a way that has clients ask for them again, and for nothing else. */
async function find(call: Call, keyType: number, keys: ReadonlyArray<string>): Promise<Array<FindCoordinatorResponseCoordinatorInput>> {
  const refuse = (errorCode: number, errorMessage: string | null) => keys.map((key) => notFound(key, errorCode, errorMessage))
  if (keyType === transactionType) return refuse(ErrorCode.UNSUPPORTED_VERSION, "Transactions are not served yet.")
  if (keyType !== groupType) return refuse(ErrorCode.INVALID_REQUEST, `There is no coordinator of type ${keyType}.`)
  if (keys.length === 0) return []
  const groups = new Set<string>()
  for (const key of keys) if (groups.size < groupsMax) groups.add(key)
  try {
    const found = await findGroups(call, [...groups])
    return keys.map((key) => {
      const address = found.get(key)
      if (address === undefined) return notFound(key, ErrorCode.COORDINATOR_NOT_AVAILABLE, null)
      return { key, nodeId: address.brokerId, host: address.host, port: address.port, errorCode: ErrorCode.NONE, errorMessage: null }
    })
  } catch (cause) {
    if (cause instanceof NotAvailable) return refuse(ErrorCode.COORDINATOR_NOT_AVAILABLE, null)
    throw cause
  }
}

/** Where the coordinators of the groups are; groups whose coordinator cannot be reached are left out. */
async function findGroups(call: Call, groups: ReadonlyArray<string>): Promise<Map<string, BrokerAddress>> {
  const { broker } = call.context
  const nodeIds = await broker.groups.find(groups)
  const addresses = new Map(brokersOn(broker, call.origin.listenerName).map((address) => [address.brokerId, address]))
  const found = new Map<string, BrokerAddress>()
  for (const [i, group] of groups.entries()) {
    const address = addresses.get(nodeIds[i]!)
    if (address !== undefined) found.set(group, address)
  }
  return found
}

const notFound = (key: string, errorCode: number, errorMessage: string | null): FindCoordinatorResponseCoordinatorInput => ({
  key,
  nodeId: -1,
  host: "",
  port: -1,
  errorCode,
  errorMessage
})
