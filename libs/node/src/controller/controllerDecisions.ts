import {
  allocateProducerIds, alterConfigs, alterPartitionReassignments, autoCreateTopics, createPartitions, createTopics, type Decision,
  type DecisionContext, deleteTopics, electLeaders, incrementalAlterConfigs, listPartitionReassignments, type MetadataImage,
  unregisterBroker
} from "@tailrace/metadata"
import type { ControllerCalls, DecidedCallName } from "./ControllerCalls.ts"
import type { ControllerDuties } from "./ControllerDuties.ts"

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
  electLeaders,
  alterPartitionReassignments,
  listPartitionReassignments,
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
