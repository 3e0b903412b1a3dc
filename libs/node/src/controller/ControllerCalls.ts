import type { ControllerCalls as ClientCalls } from "@tailrace/contracts"
import type {
  AllocateProducerIdsRequest, AllocateProducerIdsResponseInput, AlterPartitionRequest, AlterPartitionResponseInput,
  AutoCreateTopicsRequest, AutoCreateTopicsResponseInput, BrokerHeartbeatRequest, BrokerHeartbeatResponseInput,
  RegisterBrokerRequest, RegisterBrokerResponseInput
} from "@tailrace/kafka-protocol"

/** What nodes ask the controller for themselves. */
export interface NodeCalls {
  readonly registerBroker: { readonly request: RegisterBrokerRequest; readonly response: RegisterBrokerResponseInput }
  readonly brokerHeartbeat: { readonly request: BrokerHeartbeatRequest; readonly response: BrokerHeartbeatResponseInput }
  readonly alterPartition: { readonly request: AlterPartitionRequest; readonly response: AlterPartitionResponseInput }
  readonly allocateProducerIds: { readonly request: AllocateProducerIdsRequest; readonly response: AllocateProducerIdsResponseInput }
  readonly autoCreateTopics: { readonly request: AutoCreateTopicsRequest; readonly response: AutoCreateTopicsResponseInput }
}

/** Everything that the controller can be asked, by clients and by nodes. */
export type ControllerCalls = ClientCalls & NodeCalls
export type ControllerCallName = keyof ControllerCalls

/** Those about the quorum itself, which are no decisions about the metadata. */
export type QuorumCalls = Pick<ControllerCalls, "describeQuorum" | "addRaftVoter" | "removeRaftVoter">
export type DecidedCallName = Exclude<ControllerCallName, keyof QuorumCalls>

/** An answer, and how far the metadata has to be applied for what it says to be visible. */
export interface ControllerAnswer<K extends ControllerCallName> {
  readonly response: ControllerCalls[K]["response"]
  readonly metadataOffset: number
}
