import { ErrorCode } from "@tailrace/kafka-protocol"
import type { JoinGroupResponseInput, SyncGroupResponseInput } from "@tailrace/kafka-protocol"
import type { ClassicGroup } from "./ClassicGroup.ts"
import type { Member } from "./Member.ts"
import { noBytes } from "./ownBytes.ts"

/** From this version on a protocol name may be null; before, "" stands for none. */
const joinNullProtocolNameVersion = 7

export function joinError(apiVersion: number, memberId: string, errorCode: ErrorCode): JoinGroupResponseInput {
  const protocolName = apiVersion < joinNullProtocolNameVersion ? "" : null
  return { errorCode, generationId: -1, protocolType: null, protocolName, leader: "", skipAssignment: false, memberId, members: [] }
}

/** The current generation, with the subscriptions of all members if the receiver is to assign. */
export function joinSuccess(group: ClassicGroup, memberId: string, withMembers: boolean): JoinGroupResponseInput {
  return {
    errorCode: ErrorCode.NONE,
    generationId: group.generationId,
    protocolType: group.protocolType,
    protocolName: group.protocolName,
    leader: group.leaderId ?? "",
    skipAssignment: false,
    memberId,
    members: withMembers ? [...group.members.values()].map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      metadata: member.metadata(group.protocolName)
    })) : []
  }
}

export function syncError(errorCode: ErrorCode): SyncGroupResponseInput {
  return { errorCode, protocolType: null, protocolName: null, assignment: noBytes }
}

export function syncSuccess(group: ClassicGroup, member: Member): SyncGroupResponseInput {
  return { errorCode: ErrorCode.NONE, protocolType: group.protocolType, protocolName: group.protocolName, assignment: member.assignment }
}
