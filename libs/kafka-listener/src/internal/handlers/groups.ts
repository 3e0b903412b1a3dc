import type { GroupCallName, GroupCalls } from "@tailrace/contracts"
import {
  decodeDeleteGroupsRequest,
  decodeDescribeGroupsRequest,
  decodeHeartbeatRequest,
  decodeJoinGroupRequest,
  decodeLeaveGroupRequest,
  decodeListGroupsRequest,
  decodeSyncGroupRequest,
  encodeDeleteGroupsResponse,
  encodeDescribeGroupsResponse,
  encodeHeartbeatResponse,
  encodeJoinGroupResponse,
  encodeLeaveGroupResponse,
  encodeListGroupsResponse,
  encodeSyncGroupResponse,
  ErrorCode
} from "@tailrace/kafka-protocol"
import { authorizedOperations } from "../authorizedOperations.ts"
import type { Call } from "../Call.ts"
import { isErrorCode } from "../findTopic.ts"

/** From this version on a member names the type and the protocol that it means. */
const protocolVersionMin = 5
/** Groups of one request that are asked for together. The mailbox of a coordinator holds more; the others wait where they cost nothing. */
const askedTogetherMax = 100

export function handleJoinGroup(call: Call): void {
  const request = {
    ...decodeJoinGroupRequest(call.reader, call.apiVersion),
    apiVersion: call.apiVersion,
    clientId: call.header.clientId ?? "",
    clientHost: `/${call.origin.clientHost}`
  }
  askCoordinator(call, "joinGroup", request, (response) => call.reply(encodeJoinGroupResponse, response), (errorCode) => ({
    errorCode,
    memberId: request.memberId,
    leader: "",
    protocolName: call.apiVersion >= 7 ? null : "",
    members: []
  }))
}

export function handleSyncGroup(call: Call): void {
  const request = decodeSyncGroupRequest(call.reader, call.apiVersion)
  const reply = (response: GroupCalls["syncGroup"]["response"]) => call.reply(encodeSyncGroupResponse, response)
  const refused = (errorCode: number): GroupCalls["syncGroup"]["response"] => ({ errorCode, assignment: empty })
  const isNamed = call.apiVersion < protocolVersionMin || request.protocolType !== null && request.protocolName !== null
  if (!isNamed) return reply(refused(ErrorCode.INCONSISTENT_GROUP_PROTOCOL))
  // A coordinator that loads does not know of the round: the member has to join again. Of the code itself Java's consumers die.
  askCoordinator(call, "syncGroup", request, reply, (errorCode) =>
    refused(errorCode === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS ? ErrorCode.REBALANCE_IN_PROGRESS : errorCode))
}

export function handleHeartbeat(call: Call): void {
  const request = decodeHeartbeatRequest(call.reader, call.apiVersion)
  const reply = (response: GroupCalls["heartbeat"]["response"]) => call.reply(encodeHeartbeatResponse, response)
  // While the coordinator loads it cannot know the member: only NONE keeps a client in its group.
  askCoordinator(call, "heartbeat", request, reply, (errorCode) => ({
    errorCode: errorCode === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS ? ErrorCode.NONE : errorCode
  }))
}

export function handleLeaveGroup(call: Call): void {
  const request = { ...decodeLeaveGroupRequest(call.reader, call.apiVersion), apiVersion: call.apiVersion }
  const reply = (response: GroupCalls["leaveGroup"]["response"]) => call.reply(encodeLeaveGroupResponse, response)
  askCoordinator(call, "leaveGroup", request, reply, (errorCode) => ({ errorCode, members: [] }))
}

export function handleDescribeGroups(call: Call): void {
  const { groups, includeAuthorizedOperations } = decodeDescribeGroupsRequest(call.reader, call.apiVersion)
  const { apiVersion } = call
  askEach(call, "describeGroup", groups.map((groupId) => ({ groupId, apiVersion })), ({ groupId }, errorCode) => ({
    errorCode,
    groupId,
    groupState: "",
    protocolType: "",
    protocolData: "",
    members: []
  }), (described) => {
    const withOperations = (group: GroupCalls["describeGroup"]["response"]): GroupCalls["describeGroup"]["response"] =>
      group.errorCode === ErrorCode.NONE ? { ...group, authorizedOperations: authorizedOperations.group } : group
    call.reply(encodeDescribeGroupsResponse, { groups: includeAuthorizedOperations ? described.map(withOperations) : described })
  })
}

export function handleDeleteGroups(call: Call): void {
  const { groupsNames } = decodeDeleteGroupsRequest(call.reader, call.apiVersion)
  const requests = [...new Set(groupsNames)].map((groupId) => ({ groupId }))
  askEach(call, "deleteGroup", requests, ({ groupId }, errorCode) => ({ groupId, errorCode }), (results) => {
    call.reply(encodeDeleteGroupsResponse, { results })
  })
}

export function handleListGroups(call: Call): void {
  const request = decodeListGroupsRequest(call.reader, call.apiVersion)
  call.context.broker.groups.listGroups(request, (response) => {
    if (isErrorCode(response)) call.reply(encodeListGroupsResponse, { errorCode: response, groups: [] })
    else call.reply(encodeListGroupsResponse, { errorCode: ErrorCode.NONE, groups: response })
  })
}

/** Asks the coordinator of one group and replies, unless the connection ends first. */
export function askCoordinator<K extends GroupCallName>(
  call: Call,
  kind: K,
  request: GroupCalls[K]["request"],
  reply: (response: GroupCalls[K]["response"]) => void,
  refuse: (errorCode: number) => GroupCalls[K]["response"]
): void {
  let isAnswered = false
  let forget: () => void = () => undefined
  const abandon = call.context.broker.groups.ask(kind, request, (response) => {
    isAnswered = true
    forget()
    reply(isErrorCode(response) ? refuse(response) : response)
  })
  if (!isAnswered) forget = call.whenAbandoned(abandon, kind === "joinGroup" || kind === "syncGroup")
}

/**
 * Asks the coordinators of several groups, some at a time, and on as they answer. The answers come together, in the order of the
 * requests, unless the connection ends first.
 */
export function askEach<K extends GroupCallName>(
  call: Call,
  kind: K,
  requests: ReadonlyArray<GroupCalls[K]["request"]>,
  refuse: (request: GroupCalls[K]["request"], errorCode: number) => GroupCalls[K]["response"],
  reply: (responses: ReadonlyArray<GroupCalls[K]["response"]>) => void
): void {
  const responses: Array<GroupCalls[K]["response"]> = []
  let next = 0
  let open = 0
  let isAsking = false
  let isAbandoned = false
  const forget = call.whenAbandoned(() => {
    isAbandoned = true
  }, false)
  const askOn = (): void => {
    // An answer that comes at once: the loop that asked goes on.
    if (isAsking || isAbandoned) return
    isAsking = true
    while (next < requests.length && open < askedTogetherMax) {
      const index = next++
      const request = requests[index]!
      open++
      call.context.broker.groups.ask(kind, request, (response) => {
        responses[index] = isErrorCode(response) ? refuse(request, response) : response
        open--
        askOn()
      })
    }
    isAsking = false
    if (open > 0 || next < requests.length) return
    forget()
    reply(responses)
  }
  askOn()
}

const empty = Buffer.alloc(0)
