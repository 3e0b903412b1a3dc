export type { Broker } from "./Broker.ts"
export type { ControllerCalls, ControllerRef } from "./ControllerRef.ts"
export type { GroupCalls } from "./GroupCalls.ts"
export type { GroupCallName, GroupCoordinators } from "./GroupCoordinators.ts"
export type { LogDir, LogDirReplica } from "./LogDir.ts"
export { NotAvailable } from "./NotAvailable.ts"
export type {
  AppendOutcome,
  AppendRequest,
  DeleteRecordsOutcome,
  EpochEndOutcome,
  PartitionRef,
  ReadOutcome,
  TimestampOutcome
} from "./PartitionRef.ts"
