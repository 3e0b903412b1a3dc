import { MemoryHub } from "@tailrace/bus"
import { noLogger } from "@tailrace/runtime"
import { VirtualClock } from "@tailrace/runtime/simulated"
import { expect, it } from "vitest"
import { agreeOnVoters } from "../src/quorum/agreeOnVoters.ts"
import { seekQuorum } from "../src/quorum/seekQuorum.ts"

const clock = new VirtualClock()
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

it("voters that are no list are not those of a quorum that was sought", async () => {
  const hub = new MemoryHub({ clock })
  const stranger = hub.connect("stranger")
  for (const voterIds of ["", {}, 5, null, ["1"]]) {
    const found = seekQuorum({ clusterName: "test", nodeId: 1, bus: hub.connect("1"), clock, logger: noLogger })
    stranger.publish("test.1.sought", json({ clusterName: "test", voterIds }))
    await clock.advanceSettled(2_000)
    expect(await found).toBeUndefined()
  }
})

it("a node that introduces itself in other words than ours is waited for, as if it was not there", async () => {
  const hub = new MemoryHub({ clock })
  const stranger = hub.connect("stranger")
  const key = { nodeId: 2, directoryId: "b" }
  const introduction = (bootstrap?: unknown) => json({ clusterName: "test", key, bootstrap })
  const nonsense = [json(null), json({ clusterName: "test" }), introduction({}), introduction({ voters: "" }), introduction({ voters: [key] }), introduction(null)]
  let answers = 0
  stranger.serve("test.2.bootstrap", () => nonsense[answers++] ?? introduction())
  const agreed = agreeOnVoters({
    clusterName: "test", self: { nodeId: 1, directoryId: "a" }, voterIds: [1, 2], bus: hub.connect("1"), clock, logger: noLogger, adopt: () => Promise.resolve()
  }, () => false)
  await clock.advanceSettled(10_000)
  expect(await agreed).toEqual({ voters: [{ nodeId: 1, directoryId: "a" }, key], learners: [] })
  expect(answers).toBe(nonsense.length + 1)
})
