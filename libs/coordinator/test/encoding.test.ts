import {
  apiOf, ApiKey, encodeDeleteGroupsResponse, encodeDescribeGroupsResponse, encodeHeartbeatResponse, encodeJoinGroupResponse,
  encodeLeaveGroupResponse, encodeListGroupsResponse, encodeOffsetCommitResponse, encodeOffsetFetchResponse, encodeSyncGroupResponse, Writer
} from "@tailrace/kafka-protocol"
import { describe, expect, it } from "vitest"
import { GroupErrors, OffsetFetch } from "../src/index.ts"
import { Shell } from "./Shell.ts"

/** A stable group of one member, static so that every field has something in it. */
function world() {
  const shell = new Shell({ groupInitialRebalanceDelayMillis: 0 })
  const { memberId } = shell.join({ groupInstanceId: "i" }).answer
  const member = { memberId, groupInstanceId: "i", generationIdOrMemberEpoch: 1 }
  return { shell, memberId, member }
}

function versionsOf(key: number): ReadonlyArray<number> {
  const api = apiOf(key)
  if (api === undefined) throw new Error("not an api we have")
  return Array.from({ length: api.versionMax - api.versionMin + 1 }, (_, index) => api.versionMin + index)
}

const encoded = (write: (writer: Writer) => void): number => {
  const writer = new Writer()
  write(writer)
  return writer.body().length
}

const offsetFetch = { groupId: "group", topics: null, groups: [], requireStable: false }

describe.each<[string, number, (version: number) => ReadonlyArray<(writer: Writer) => void>]>([
  ["JoinGroup", ApiKey.JoinGroup, (version) => {
    const { shell, memberId } = world()
    const answers = [
      shell.join({ memberId, groupInstanceId: "i", apiVersion: version }).answer, shell.join({ apiVersion: version, memberId: "x" }).answer,
      shell.join({ apiVersion: version, groupId: "new" }).answer, GroupErrors.joinGroup({ apiVersion: version, memberId }, 16)
    ]
    return answers.map((answer) => (writer) => encodeJoinGroupResponse(writer, version, answer))
  }],
  ["SyncGroup", ApiKey.SyncGroup, (version) => {
    const { shell, memberId } = world()
    const answers = [shell.sync(memberId, 1).answer, shell.sync("x", 1).answer, GroupErrors.syncGroup(16)]
    return answers.map((answer) => (writer) => encodeSyncGroupResponse(writer, version, answer))
  }],
  ["Heartbeat", ApiKey.Heartbeat, (version) => [(writer) => encodeHeartbeatResponse(writer, version, world().shell.heartbeat("x", 1).answer)]],
  ["LeaveGroup", ApiKey.LeaveGroup, (version) => {
    const { shell, memberId } = world()
    const answers = [shell.leave([{ memberId: "x" }], version).answer, shell.leave([{ memberId }], version).answer, GroupErrors.leaveGroup(16)]
    return answers.map((answer) => (writer) => encodeLeaveGroupResponse(writer, version, answer))
  }],
  ["OffsetCommit", ApiKey.OffsetCommit, (version) => {
    const { shell } = world()
    return [(writer) => encodeOffsetCommitResponse(writer, version, shell.commitOffsets({ 0: 1 }, { groupId: "new", apiVersion: version }).answer)]
  }],
  ["OffsetFetch", ApiKey.OffsetFetch, (version) => {
    const { shell } = world()
    shell.commitOffsets({ 0: 1 }, { groupId: "new", leaderEpoch: 4 })
    const answers = [shell.fetchOffsets(null, "new").answer, GroupErrors.fetchOffsets(["new"], 16)]
    return answers.map((groups) => (writer) => encodeOffsetFetchResponse(writer, version, OffsetFetch.response(offsetFetch, version, groups)))
  }],
  ["DescribeGroups", ApiKey.DescribeGroups, (version) => {
    const { shell, memberId } = world()
    shell.sync(memberId, 1)
    const groups = [shell.describe("group", version), shell.describe("none", version), ...GroupErrors.describeGroups(["g"], 16)]
    return [(writer) => encodeDescribeGroupsResponse(writer, version, { groups })]
  }],
  ["ListGroups", ApiKey.ListGroups, (version) => [(writer) => encodeListGroupsResponse(writer, version, { errorCode: 0, groups: world().shell.list() })]],
  ["DeleteGroups", ApiKey.DeleteGroups, (version) => [(writer) => encodeDeleteGroupsResponse(writer, version, { results: GroupErrors.deleteGroups(["g"], 68) })]]
])("%s", (_name, key, answersOf) => {
  it.each(versionsOf(key).map((version) => [version]))("answers can be encoded in version %i", (version) => {
    for (const write of answersOf(version)) expect(encoded(write)).toBeGreaterThan(0)
  })
})
