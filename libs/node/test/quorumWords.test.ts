import { Disconnected } from "@tailrace/bus"
import { MemoryHub } from "@tailrace/bus/memory"
import { noLogger } from "@tailrace/runtime"
import { VirtualClock } from "@tailrace/runtime/simulated"
import { expect, it } from "vitest"
import { agreeOnVoters, serveVoterAgreement, waitForOwnId } from "../src/quorum/agreeOnVoters.ts"
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

it("who has lost its own connection does not take that for a sign that nobody else has its node.id", async () => {
  const hub = new MemoryHub({ clock })
  const other = hub.connect("other")
  const stop = serveVoterAgreement({ bus: other, clusterName: "test", self: { nodeId: 1, directoryId: "b" } }, () => undefined)
  const bus = hub.connect("1")
  const request = bus.request.bind(bus)
  let isConnected = false
  bus.request = (subject, payload, timeoutMillis) =>
    isConnected ? request(subject, payload, timeoutMillis) : Promise.reject(new Disconnected(subject, false))
  let isAlone = false
  const alone = waitForOwnId({ clusterName: "test", self: { nodeId: 1, directoryId: "a" }, bus, clock, logger: noLogger }, () => false).then(() => {
    isAlone = true
  })
  await clock.advanceSettled(1_000)
  isConnected = true
  await clock.advanceSettled(60_000)
  expect(isAlone).toBe(false)
  stop()
  await clock.advanceSettled(5_000)
  expect(isAlone).toBe(true)
  await alone
})
