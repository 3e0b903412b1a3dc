import { describe, expect, it } from "vitest"
import type { Clock } from "../../src/Clock.ts"

export interface ClockUnderTest {
  readonly clock: Clock
  /** Lets the given time pass on that clock. */
  readonly pass: (millis: number) => Promise<void>
}

/** What every Clock promises. Delays are small, since the system's clock has to wait for them. */
export function clockContract(name: string, make: () => ClockUnderTest): void {
  describe(`Clock contract: ${name}`, () => {
    it("calls back once, in the order of the moments, and not before them", async () => {
      const { clock, pass } = make()
      const start = clock.monotonicMillis()
      const calls: Array<string> = []
      const early: Array<string> = []
      const note = (label: string, delayMillis: number) => () => {
        calls.push(label)
        if (clock.monotonicMillis() - start < delayMillis) early.push(label)
      }
      clock.after(12, note("late", 12))
      clock.after(3.5, note("fraction", 3.5))
      clock.after(0, note("now", 0))
      clock.after(-5, note("past", 0))
      clock.after(Infinity, note("never", Infinity))
      await pass(40)
      expect(calls).toEqual(["now", "past", "fraction", "late"])
      expect(early).toEqual([])
    })

    it("does not call back what was cancelled; cancelling late or twice does nothing", async () => {
      const { clock, pass } = make()
      let calls = 0
      const cancel = clock.after(2, () => calls++)
      const cancelLate = clock.after(1, () => calls++)
      cancel()
      cancel()
      await pass(10)
      cancelLate()
      expect(calls).toBe(1)
    })

    it("never calls back inside the call that registers", () => {
      const { clock } = make()
      let calls = 0
      clock.after(0, () => calls++)()
      clock.endOfTurn(() => calls++)
      expect(calls).toBe(0)
    })

    it("runs the ends of a turn in order; one registered there waits for the next turn", async () => {
      const { clock, pass } = make()
      const calls: Array<number> = []
      clock.endOfTurn(() => {
        calls.push(1)
        clock.endOfTurn(() => calls.push(3))
      })
      clock.endOfTurn(() => calls.push(2))
      await pass(5)
      expect(calls).toEqual([1, 2, 3])
    })

    it("tells the wall time in milliseconds and a monotonic time that does not go back", async () => {
      const { clock, pass } = make()
      const wall = clock.wallMillis()
      const monotonic = clock.monotonicMillis()
      await pass(3)
      expect(Number.isInteger(wall)).toBe(true)
      expect(wall).toBeGreaterThan(Date.UTC(2020, 0, 1))
      expect(clock.monotonicMillis()).toBeGreaterThan(monotonic)
    })
  })
}
