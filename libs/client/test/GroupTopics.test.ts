import { ApiKey } from "@tailrace/kafka-protocol"
import { describe, expect, it } from "vitest"
import { setUp } from "./RunningGroup.ts"
import { silence } from "./ScriptedBroker.ts"

describe("the topics of a group", () => {
  it("are joined for by a pattern once it is known what it stands for, however many polls that takes", async () => {
    await using set = await setUp({ requestTimeoutMillis: 60 })
    set.broker.next(ApiKey.Metadata, () => silence)
    const a = set.start({}, /t/)
    await a.until(() => a.events.length > 0)
    expect(a.events).toEqual(["+0123"])
  })

  it("come by a pattern, and grow", async () => {
    await using set = await setUp({}, 1)
    set.cluster.addTopic("tx", 1)
    set.cluster.addTopic("u", 1)
    const a = set.start({ metadataMaxAgeMillis: 20 }, /t.*/)
    await a.until(() => a.consumer.assignment().length === 2)
    set.cluster.addTopic("ty", 2)
    await a.until(() => a.consumer.assignment().length === 4)
    set.cluster.addTopic("ty", 3)
    await a.until(() => a.consumer.assignment().length === 5)
    expect(new Set(a.consumer.assignment().map(({ topic }) => topic))).toEqual(new Set(["t", "tx", "ty"]))
  })

  it("are looked after for other members too: they grow, and come", async () => {
    await using set = await setUp({ metadataMaxAgeMillis: 20 }, 1)
    set.cluster.addTopic("u", 1)
    const leader = set.start()
    await leader.until(() => leader.events.length === 1)
    const other = set.start({}, ["u", "later"])
    await other.until(() => other.consumer.assignment().length === 1)
    set.cluster.addTopic("u", 2)
    await other.until(() => other.consumer.assignment().length === 2)
    set.cluster.addTopic("later", 1)
    await other.until(() => other.consumer.assignment().length === 3)
    await leader.until(() => leader.consumer.assignment().length === 1)
    expect([leader.consumer.assignment(), set.group.members.size]).toEqual([[{ topic: "t", partition: 0 }], 2])
  })

  it("are looked after by a static leader that came back and was told to keep the assignment", async () => {
    await using set = await setUp({ metadataMaxAgeMillis: 20, groupInstanceId: "one" }, 1)
    const before = set.start()
    await before.until(() => before.events.length === 1)
    await before.stop()
    await before.consumer.close()
    const after = set.start()
    await after.until(() => after.events.length === 1)
    expect([after.events, after.consumer.generationId]).toEqual([["+0"], 1])
    set.cluster.addTopic("t", 2)
    await after.until(() => after.consumer.assignment().length === 2)
  })

  it("cost one round of joining when they grow while another one goes on", async () => {
    await using set = await setUp({ metadataMaxAgeMillis: 20, partitionAssignors: ["cooperative-sticky"] }, 1)
    const a = set.start()
    await a.until(() => a.events.length === 1)
    const joining = set.broker.arrival(ApiKey.JoinGroup)
    set.group.admitSilent("slow")
    await joining
    set.cluster.addTopic("t", 2)
    await a.until(() => a.consumer.cluster.metadata.partitionCount("t") === 2)
    // The look that found it is over when the next one begins.
    await set.broker.arrival(ApiKey.Metadata)
    set.group.expel("slow")
    await a.until(() => a.consumer.assignment().length === 2)
    await set.broker.arrival(ApiKey.Heartbeat)
    expect([a.events, a.consumer.generationId]).toEqual([["+0", "+1"], 2])
  })
})
