export { FollowerSession } from "./FollowerSession.ts"
export type { FollowedPartition, FollowerSessionOptions, Received } from "./FollowerSession.ts"
export { LeaderSession } from "./LeaderSession.ts"
export type { LeaderSessionOptions, ParkedPoll, SessionVerdict } from "./LeaderSession.ts"
export { LeaderSlot } from "./LeaderSlot.ts"
export type {
  AckEntry, AckMessage, BatchesEntry, BatchesMessage, FetchEntry, FetchMessage, Incarnation, PartitionName, PieceMessage,
  PollMessage, ReplicaEnvelope, ResyncMessage
} from "./ReplicaMessage.ts"
export { decodeBatchesMessage, decodeFetchMessage, encodeBatchesMessage, encodeFetchMessage, replicaMessageVersion } from "./ReplicaMessageCodec.ts"
export { ReplicaMessageError, type ReplicaMessageReason } from "./ReplicaMessageError.ts"
export { ReplyPieces, type ReplyPiecesOptions } from "./ReplyPieces.ts"
