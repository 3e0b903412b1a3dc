import { describe, expect, it } from "vitest"
import { Shell, stableGroup } from "./Shell.ts"

/** As long as a request can carry it; bytes that are no UTF-8 are read as one character of three bytes each. */
const grown = Buffer.alloc(20_000, 0xff).toString()

describe("what came in a request and does not fit into a record", () => {
  it("is refused: a commit", () => {
    const shell = new Shell({ offsetMetadataMaxBytes: 32_767 })
    const codes = (options: Parameters<Shell["commitOffsets"]>[1]) =>
      shell.commitOffsets({ 0: 5 }, options).answer.topics.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode))
    expect(codes({ groupId: grown })).toEqual([24])
    expect(codes({ metadata: grown })).toEqual([12])
    expect(codes({ apiVersion: 4, retentionTimeMs: Number.MAX_SAFE_INTEGER })).toEqual([0])
    shell.advance(30 * 24 * 3600_000)
    expect(shell.offsets()).toEqual({ "topic-0": 5 })
  })

  it.each([
    ["group id", { groupId: grown }, 24],
    ["client id", { clientId: grown }, 42],
    ["client id that leaves no room for the rest of a member id", { clientId: "c".repeat(32_767) }, 42],
    ["instance id", { groupInstanceId: grown }, 42],
    ["protocol type", { protocolType: grown }, 42],
    ["protocol name", { protocols: [{ name: grown, metadata: Buffer.from("m") }] }, 42]
  ])("is refused: a join with a long %s", (_name, options, errorCode) => {
    const shell = new Shell({ groupInitialRebalanceDelayMillis: 0 })
    expect(shell.join({ apiVersion: 3, ...options }).answer.errorCode).toBe(errorCode)
    expect(shell.shard.usage()).toMatchObject({ members: 0, liveGroups: 0 })
  })

  it("does not hurt those who are there", () => {
    const shell = new Shell()
    const { ids: [a = ""], generationId } = stableGroup(shell, 1)
    shell.join({ apiVersion: 3, clientId: grown })
    expect(shell.heartbeat(a, generationId).answer.errorCode).toBe(0)
  })
})
