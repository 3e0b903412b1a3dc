import { MetadataImage } from "@tailrace/metadata"
import { noLogger } from "@tailrace/runtime"
import { VirtualClock } from "@tailrace/runtime/simulated"
import { expect, it } from "vitest"
import { QuorumAdmin, type QuorumAdminOptions } from "../src/controller/QuorumAdmin.ts"
import { AppliedOffsets } from "../src/internal/AppliedOffsets.ts"

it("sends a client that wants another voter to the new controller when it leads no more while it waits to hear that one", async () => {
  const clock = new VirtualClock()
  let role = "leader"
  const quorum = {
    tickMillis: 50,
    get status() {
      return { role, followers: [], configuration: { voters: [], learners: [] } }
    },
    changeMembership: () => ({ kind: "refused", fault: "notLeader" })
  } as unknown as QuorumAdminOptions["quorum"]
  const admin = new QuorumAdmin({ quorum, applied: new AppliedOffsets(clock), clock, logger: noLogger, committed: () => new MetadataImage() })
  const answer = admin.add({ clusterId: null, timeoutMs: 5_000, voterId: 4, voterDirectoryId: "A", listeners: [], ackWhenCommitted: true })
  await clock.advanceSettled(300)
  role = "follower"
  expect(await clock.runUntilSettled(answer)).toMatchObject({ errorCode: 41 })
})

it("a learner that does not catch up, and is to vote as soon as it has, keeps nobody from taking it out", async () => {
  const clock = new VirtualClock()
  const [self, learner] = [{ nodeId: 1, directoryId: "A" }, { nodeId: 2, directoryId: "B" }]
  const asked: Array<string> = []
  const quorum = {
    tickMillis: 50, isActive: true,
    status: { role: "leader", term: 1, self, followers: [{ key: learner, silentTicks: 0 }], configuration: { voters: [self], learners: [learner] } },
    changeMembership: ({ kind }: { kind: string }) => {
      asked.push(kind)
      if (kind === "remove") return { kind: "proposed", term: 1, offset: 0, endOffset: 0 }
      return { kind: "refused", fault: kind === "promote" ? "notCaughtUp" : "alreadyMember" }
    }
  } as unknown as QuorumAdminOptions["quorum"]
  const admin = new QuorumAdmin({ quorum, applied: new AppliedOffsets(clock), clock, logger: noLogger, committed: () => new MetadataImage() })
  admin.begin()
  await clock.advanceSettled(2_500)
  expect(asked.filter((kind) => kind === "promote").length).toBeGreaterThan(1)
  expect(await clock.runUntilSettled(admin.remove({ clusterId: null, voterId: 2, voterDirectoryId: "B" }))).toMatchObject({ errorCode: 0 })
  admin.end()
})
