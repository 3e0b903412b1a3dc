import type {
  AlterConfigsRequest,
  AlterConfigsResponseInput,
  CreatePartitionsRequest,
  CreatePartitionsResponseInput,
  CreateTopicsRequest,
  CreateTopicsResponseInput,
  DeleteTopicsRequest,
  DeleteTopicsResponseInput,
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponseInput
} from "@tailrace/kafka-protocol"

/** What clients may ask the controller, by the name of Kafka's API. */
export interface ControllerCalls {
  readonly createTopics: { request: CreateTopicsRequest; response: CreateTopicsResponseInput }
  readonly deleteTopics: { request: DeleteTopicsRequest; response: DeleteTopicsResponseInput }
  readonly createPartitions: { request: CreatePartitionsRequest; response: CreatePartitionsResponseInput }
  readonly alterConfigs: { request: AlterConfigsRequest; response: AlterConfigsResponseInput }
  readonly incrementalAlterConfigs: {
    request: IncrementalAlterConfigsRequest
    response: IncrementalAlterConfigsResponseInput
  }
}

/**
 * The cluster's controller, wherever it lives. A promise resolves once what was decided is committed and this node
 * has applied it, so that the next request of the same client finds it. It rejects with `NotAvailable`.
 */
export interface ControllerRef {
  ask<K extends keyof ControllerCalls>(
    kind: K,
    request: ControllerCalls[K]["request"],
    apiVersion: number
  ): Promise<ControllerCalls[K]["response"]>
  /** Creates topics as a client's Metadata request may ask for, with the broker's defaults; answers a code for each name. */
  autoCreateTopics(names: ReadonlyArray<string>): Promise<ReadonlyMap<string, number>>
}
