import { ErrorCode } from "@tailrace/kafka-protocol"
import {
  allocateProducerIds, alterConfigs, autoCreateTopics, createPartitions, createTopics, type Decision, type DecisionContext,
  deleteTopics, incrementalAlterConfigs, type MetadataImage, unregisterBroker
} from "@tailrace/metadata"
import type { ControllerCalls, DecidedCallName } from "./ControllerCalls.ts"
import type { ControllerDuties } from "./ControllerDuties.ts"

const unsupported = { errorCode: ErrorCode.UNSUPPORTED_VERSION, errorMessage: null }

/** For every call the decision behind it. */
export type ControllerDecisions = {
  readonly [K in DecidedCallName]: (
    image: MetadataImage, request: ControllerCalls[K]["request"], context: DecisionContext
  ) => Decision<ControllerCalls[K]["response"]>
}

export const controllerDecisions = (duties: ControllerDuties): ControllerDecisions => ({
  createTopics,
  deleteTopics,
  createPartitions,
  alterConfigs,
  incrementalAlterConfigs,
  // Until the decisions are there.
  electLeaders: () => ({ records: [], response: { ...unsupported, replicaElectionResults: [] } }),
  alterPartitionReassignments: () => ({ records: [], response: { ...unsupported, responses: [] } }),
  listPartitionReassignments: () => ({ records: [], response: { ...unsupported, topics: [] } }),
  unregisterBroker,
  registerBroker: (image, request, context) => duties.register(image, request, context),
  brokerHeartbeat: (image, request, context) => duties.heartbeat(image, request, context),
  alterPartition: (image, request, context) => duties.alterPartition(image, request, context),
  allocateProducerIds: (image, { brokerEpoch, brokerId }) => allocateProducerIds(image, brokerId, brokerEpoch),
  autoCreateTopics: (image, { names }, context) => {
    const { records, response } = autoCreateTopics(image, names, context)
    return { records, response: { results: response.map(({ errorCode, name }) => ({ name, errorCode })) } }
  }
})
