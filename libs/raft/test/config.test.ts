import { expect, it } from "vitest"
import { binaryControlFormat, defaultRaftConfig, MemoryStorage, RaftCore, validateRaftConfig } from "../src/index.ts"

it("names every value that breaks a rule", () => {
  expect(validateRaftConfig(defaultRaftConfig)).toEqual([])
  const fields = (change: Partial<typeof defaultRaftConfig>): ReadonlyArray<string> =>
    validateRaftConfig({ ...defaultRaftConfig, ...change }).map(({ field }) => field)
  expect(fields({ electionTicks: 6 })).toEqual(["electionTicks"])
  expect(fields({ checkQuorumTicks: 9 })).toEqual(["checkQuorumTicks"])
  expect(fields({ observerTicks: 10, inflightBytesMax: 1_000 })).toEqual(["observerTicks", "inflightBytesMax"])
  expect(fields({ readsMax: 0, membersMax: 1.5, messagesMax: Number.NaN })).toEqual(["messagesMax", "readsMax", "membersMax"])
})

it("does not start with such values", () => {
  const storage = new MemoryStorage(binaryControlFormat, { voters: [], learners: [] })
  const options = {
    clusterId: "c", self: { nodeId: 1, directoryId: "a" }, incarnation: 1, bootstrapNodeIds: [], electionJitterTicks: () => 0,
    config: { ...defaultRaftConfig, heartbeatTicks: 5 }, format: binaryControlFormat
  }
  expect(() => new RaftCore(options, storage)).toThrow("electionTicks: more than two heartbeats")
})
