export { LeaderEpochs } from "./LeaderEpochs.ts"
export type { EpochEndOffset, LeaderEpochsOptions } from "./LeaderEpochs.ts"
export { ProducerStates } from "./ProducerStates.ts"
export type { ProducerDescription, ProducerStatesOptions, SequenceCheck } from "./ProducerStates.ts"
