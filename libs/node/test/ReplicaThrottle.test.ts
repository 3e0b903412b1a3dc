import { type MetadataImage, ResourceType } from "@tailrace/metadata"
import { VirtualClock } from "@tailrace/runtime/simulated"
import { describe, expect, it, vi } from "vitest"
import type { PartitionActor } from "../src/PartitionActor.ts"
import { ReplicaThrottle } from "../src/replica/ReplicaThrottle.ts"

const rate = "leader.replication.throttled.rate"
const replicas = "leader.replication.throttled.replicas"

function start(list: string, bytesPerSecond = 1_000) {
  const clock = new VirtualClock()
  const configs = new Map([[replicas, list], [rate, String(bytesPerSecond)]])
  const image = { brokers: [1, 2, 3], config: (type: number) => type === ResourceType.topic || type === ResourceType.broker ? configs : new Map() }
  const throttle = new ReplicaThrottle({ nodeId: 1, clock, metadata: () => image as unknown as MetadataImage })
  return { clock, configs, throttle }
}

const replica = (partition: number, isr: ReadonlyArray<number> = [1]) => ({ topic: "orders", partition, isr }) as unknown as PartitionActor

describe("the throttle of replicas", () => {
  it("holds back what is listed and not in sync, to its rate, and lets a batch that is larger through", async () => {
    const { clock, configs, throttle } = start("0:1, 1:1")
    expect([throttle.room(replica(0), 2), throttle.room(replica(2), 2), throttle.room(replica(0, [1, 2]), 2)]).toEqual([1_000, Infinity, Infinity])
    throttle.sent(replica(1), 2, 3_500)
    expect([throttle.room(replica(0), 2), throttle.room(replica(2), 2)]).toEqual([0, Infinity])
    await clock.advanceSettled(2_500)
    expect(throttle.room(replica(0), 2)).toBe(0)
    await clock.advanceSettled(100)
    expect(throttle.room(replica(0), 2)).toBe(100)
    configs.set(replicas, "*")
    expect(throttle.room(replica(2), 2)).toBe(100)
    configs.delete(rate)
    expect(throttle.room(replica(0), 2)).toBe(Infinity)
  })

  it("takes a list apart once, however many replicas it names", () => {
    const { throttle } = start(Array.from({ length: 500 }, (_, partition) => `${partition}:1`).join(","))
    const split = vi.spyOn(String.prototype, "split")
    const rooms = Array.from({ length: 500 }, (_, partition) => throttle.room(replica(partition), 2))
    const count = split.mock.calls.length
    split.mockRestore()
    expect(rooms.every((room) => room === 1_000)).toBe(true)
    expect(count).toBe(1)
  })
})
