export { LeaderEpochs } from "./LeaderEpochs.ts"
export type { EpochEndOffset, LeaderEpochsOptions } from "./LeaderEpochs.ts"
export { ProducerStates } from "./ProducerStates.ts"
export type { ProducerDescription, ProducerStatesOptions, SequenceCheck } from "./ProducerStates.ts"
export { PartitionState } from "./PartitionState.ts"
export type { FetchOutcome, FollowerFetch, IsrProposal, PartitionRole, PartitionStateOptions, PartitionView } from "./PartitionState.ts"
export { checkProducedBatches } from "./checkProducedBatches.ts"
export type { ProduceRejection, ProduceRules } from "./checkProducedBatches.ts"
export type {
  AckEntry, AckMessage, BatchesEntry, BatchesMessage, FetchEntry, FetchMessage, FetchPosition, Incarnation, PartitionName, PieceMessage,
  PollMessage, ReplicaEnvelope, ResyncMessage
} from "./ReplicaMessage.ts"
export { decodeBatchesMessage, decodeFetchMessage, encodeBatchesMessage, encodeFetchMessage, replicaMessageVersion } from "./ReplicaMessageCodec.ts"
export { ReplicaMessageError, type ReplicaMessageReason } from "./ReplicaMessageError.ts"
export { checkFetchedBatches, type FetchedFault, type FollowerEnd } from "./checkFetchedBatches.ts"
