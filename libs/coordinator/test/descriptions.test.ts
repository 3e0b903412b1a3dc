import { describe, expect, it } from "vitest"
import { partitionFor } from "../src/index.ts"
import { Shell, stableGroup, subscriptionBytes, text } from "./Shell.ts"

describe("DescribeGroups", () => {
  it("shows protocol and metadata of a stable group only", () => {
    const shell = new Shell()
    const { ids: [a = ""] } = stableGroup(shell, 1)
    const stable = shell.describe()
    expect(stable).toMatchObject({ errorCode: 0, groupState: "Stable", protocolType: "consumer", protocolData: "range" })
    expect(stable.members).toMatchObject([{ memberId: a, clientId: "client", clientHost: "/127.0.0.1", groupInstanceId: null }])
    expect(stable.members[0]?.memberMetadata).toEqual(subscriptionBytes("topic"))
    expect(text(stable.members[0]?.memberAssignment ?? Buffer.alloc(0))).toBe("part0")
    shell.join({ memberId: a })
    const completing = shell.describe()
    expect(completing).toMatchObject({ groupState: "CompletingRebalance", protocolData: "" })
    expect(completing.members[0]?.memberMetadata).toHaveLength(0)
  })

  it.each([[5, 0], [6, 69]])("of an unknown group, version %i", (version, errorCode) => {
    expect(new Shell().describe("none", version)).toMatchObject({ errorCode, groupState: "Dead", members: [] })
    // A message with the whole of the longest id would be longer than an answer's text may be.
    expect(new Shell().describe("n".repeat(32_767), version).errorMessage?.length ?? 0).toBeLessThan(2_000)
  })
})

describe("ListGroups", () => {
  it("filters by state and type without regard to case", () => {
    const shell = new Shell()
    shell.commitOffsets({ 0: 1 }, { groupId: "simple" })
    stableGroup(shell, 1)
    shell.join({ groupId: "coming", apiVersion: 1 })
    const ids = (states: ReadonlyArray<string>, types: ReadonlyArray<string> = []) => shell.list(states, types).map(({ groupId }) => groupId).sort()
    expect(shell.list().find(({ groupId }) => groupId === "group")).toEqual({ groupId: "group", protocolType: "consumer", groupState: "Stable", groupType: "classic" })
    expect(ids([])).toEqual(["coming", "group", "simple"])
    expect(ids(["stable"])).toEqual(["group"])
    expect(ids([" EMPTY", "PreparingRebalance"])).toEqual(["coming", "simple"])
    expect(ids([], ["Classic"])).toHaveLength(3)
    expect(ids([], ["consumer"])).toEqual([])
    expect(ids(["Nonsense"])).toEqual([])
  })
})

describe("the partition of a group", () => {
  // The values are Java's. The hash of "polygenelubricants" is the smallest integer, which has no absolute value.
  it.each([["", 0], ["a", 47], ["group", 47], ["console-consumer-12345", 6], ["polygenelubricants", 0], ["größe", 7]])("%s", (groupId, partition) => {
    expect(partitionFor(groupId, 50)).toBe(partition)
  })
})
