import { describe, expect, it, vi } from "vitest"
import { SeededRandom } from "../src/SeededRandom.ts"
import { SystemClock } from "../src/SystemClock.ts"
import { VirtualClock } from "../src/VirtualClock.ts"
import { clockContract } from "./contracts/clockContract.ts"

clockContract("system", () => {
  const clock = new SystemClock()
  return { clock, pass: (millis) => new Promise((resolve) => clock.after(millis, resolve)) }
})

clockContract("virtual", () => {
  const clock = new VirtualClock()
  return { clock, pass: (millis) => clock.advanceSettled(millis) }
})

describe("SystemClock", () => {
  it("keeps a delay beyond 32 bits instead of firing at once", () => {
    const setTimer = vi.spyOn(globalThis, "setTimeout")
    new SystemClock().after(30 * 86_400_000, () => {})()
    expect(setTimer.mock.lastCall?.[1]).toBe(2_147_483_647)
    setTimer.mockRestore()
  })
})

describe("SystemClock, with timers of the test", () => {
  it("sets a timer again that fired early", () => {
    const timers: Array<() => void> = []
    let now = 100
    const setTimer = vi.spyOn(globalThis, "setTimeout").mockImplementation(((fire: () => void) => timers.push(fire)) as never)
    const readNow = vi.spyOn(performance, "now").mockImplementation(() => now)
    let calls = 0
    new SystemClock().after(10, () => calls++)
    now = 109.2
    timers.shift()!()
    const [callsEarly, againMillis] = [calls, setTimer.mock.lastCall?.[1]]
    now = 110
    timers.shift()!()
    setTimer.mockRestore()
    readNow.mockRestore()
    expect([callsEarly, againMillis, calls, timers.length]).toEqual([0, 1, 1, 0])
  })
})

describe("VirtualClock", () => {
  it("moves only when told, and to the very millisecond", () => {
    const clock = new VirtualClock({ wallMillis: 1_000 })
    const calls: Array<number> = []
    clock.after(10, () => calls.push(clock.monotonicMillis()))
    clock.advance(9)
    expect(calls).toEqual([])
    expect(clock.nextDueMillis).toBe(10)
    clock.advance(1)
    expect(calls).toEqual([10])
    expect(clock.wallMillis()).toBe(1_010)
    clock.jumpWall(-500)
    expect([clock.wallMillis(), clock.monotonicMillis()]).toEqual([510, 10])
  })

  it("runs until idle through chains of timers, ends of turns and promises", async () => {
    const clock = new VirtualClock()
    const calls: Array<string> = []
    clock.after(5, () => {
      clock.endOfTurn(() => calls.push("end of turn"))
      void Promise.resolve().then(() => clock.after(60_000, () => calls.push("from a promise")))
    })
    await clock.runUntilIdleSettled()
    expect(calls).toEqual(["end of turn", "from a promise"])
    expect(clock.monotonicMillis()).toBe(60_005)
  })

  it("shuffles what is due at the same moment by its seed, repeatably", () => {
    const order = (seed: number): string => {
      const clock = new VirtualClock({ random: new SeededRandom(seed) })
      let calls = ""
      for (const name of "abcdefgh") clock.after(1, () => (calls += name))
      clock.advance(1)
      return calls
    }
    expect(order(1)).toBe(order(1))
    expect(new Set([1, 2, 3, 4, 5].map(order)).size).toBeGreaterThan(1)
    expect([...order(7)].sort().join("")).toBe("abcdefgh")
  })

  it("gives up on an endless loop", () => {
    const clock = new VirtualClock({ turnsMax: 100 })
    const again = (): void => clock.endOfTurn(again)
    again()
    expect(() => clock.advance(1)).toThrow("did not come to rest")
  })

  it("keeps a heap in order whatever is cancelled", () => {
    const clock = new VirtualClock()
    const random = new SeededRandom(3)
    const expected: Array<number> = []
    const calls: Array<number> = []
    for (let n = 0; n < 500; n++) {
      const delay = random.nextInt(200)
      const cancel = clock.after(delay, () => calls.push(delay))
      if (random.nextInt(3) === 0) cancel()
      else expected.push(delay)
    }
    clock.runUntilIdle()
    expect(calls).toEqual(expected.sort((a, b) => a - b))
  })
})
