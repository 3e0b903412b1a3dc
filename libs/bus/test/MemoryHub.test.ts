import { SystemClock } from "@tailrace/runtime"
import { SeededRandom, VirtualClock } from "@tailrace/runtime/simulated"
import { describe, expect, it } from "vitest"
import type { BusFaults } from "../src/BusFaults.ts"
import { MemoryHub } from "../src/MemoryHub.ts"
import { seededFaults } from "../src/seededFaults.ts"
import { busContract } from "./busContract.ts"

const turns = async (clock: SystemClock, count: number): Promise<void> => {
  for (let n = 0; n < count; n++) await new Promise<void>((resolve) => clock.endOfTurn(resolve))
}

busContract("memory, system clock", async () => {
  const clock = new SystemClock()
  const hub = new MemoryHub({ clock, payloadBytesMax: 4_096 })
  return { near: hub.connect("1"), far: hub.connect("2"), run: (promise) => promise, settle: () => turns(clock, 8) }
})

const virtual = (faults?: BusFaults) => {
  const clock = new VirtualClock()
  const failures: Array<string> = []
  const hub = new MemoryHub({
    clock,
    payloadBytesMax: 4_096,
    ...(faults === undefined ? {} : { faults }),
    onHandlerFailure: (subject, cause) => failures.push(`${subject}: ${(cause as Error).message}`)
  })
  return { clock, hub, failures, near: hub.connect("1"), far: hub.connect("2") }
}

busContract("memory, virtual clock, steady delay", async () => {
  const { clock, near, far } = virtual(() => [4])
  return { near, far, run: (promise) => clock.runUntilSettled(promise), settle: () => clock.advanceSettled(12) }
})

describe("MemoryHub", () => {
  it("loses, duplicates, delays and reorders as its faults decide, and settles a request once", async () => {
    const plans: Array<ReadonlyArray<number>> = [[], [0, 7], [20], [5], [0]]
    const { clock, near, far } = virtual(() => plans.shift() ?? [0])
    const seen: Array<string> = []
    far.subscribe("events", (payload) => seen.push(`${payload.toString()}@${clock.monotonicMillis()}`))
    for (const name of ["lost", "twice", "late", "overtakes"]) near.publish("events", Buffer.from(name))
    clock.advance(100)
    expect(seen).toEqual(["twice@0", "overtakes@5", "twice@7", "late@20"])

    let handled = 0
    far.serve("work", () => Buffer.from([++handled]))
    plans.splice(0, plans.length, [0, 1], [0], [0])
    const reply = await clock.runUntilSettled(near.request("work", Buffer.alloc(0), 1_000))
    await clock.advanceSettled(10)
    expect([reply[0], handled]).toEqual([1, 2])
    expect(clock.nextDueMillis, "a time-out that nobody needs").toBe(undefined)
  })

  it("parts nodes by their names", async () => {
    const { clock, hub, near, far } = virtual()
    far.serve("work", (payload) => payload)
    hub.setFaults(({ from, to }) => (from === "2" && to === "1" ? [] : [0]))
    const outcome = near.request("work", Buffer.alloc(0), 500).catch((error: { _tag: string }) => error._tag)
    expect(await clock.runUntilSettled(outcome)).toBe("RequestTimeout")
    expect(clock.monotonicMillis()).toBe(500)
  })

  it("keeps what a handler threw for the log of its node", async () => {
    const { clock, near, far, failures } = virtual()
    far.serve("work", () => { throw new Error("secret detail") })
    const outcome = near.request("work", Buffer.alloc(0), 500).catch((error: Error) => error.message)
    expect(await clock.runUntilSettled(outcome)).not.toContain("secret detail")
    expect(failures).toEqual(["work: secret detail"])
  })

  it("replays a bad network by its seed", () => {
    const run = (seed: number): string => {
      const random = new SeededRandom(seed)
      const { clock, near, far } = virtual(seededFaults({ random, lossPerMille: 200, duplicationPerMille: 200, delayMillisMax: 50 }))
      const seen: Array<number> = []
      far.subscribe("events", (payload) => seen.push(payload[0]!))
      for (let n = 0; n < 100; n++) near.publish("events", Buffer.from([n]))
      clock.runUntilIdle()
      const distinct = new Set(seen).size
      expect(distinct).toBeLessThan(100)
      expect(seen.length).toBeGreaterThan(distinct)
      expect(seen).not.toEqual([...seen].sort((a, b) => a - b))
      return seen.join()
    }
    expect(run(1)).toBe(run(1))
    expect(run(1)).not.toBe(run(2))
  })
})
