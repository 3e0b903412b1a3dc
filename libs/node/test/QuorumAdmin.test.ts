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
