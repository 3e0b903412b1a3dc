import { expect, it } from "vitest"
import { Timer, TimerQueue } from "../src/internal/TimerQueue.ts"

it("fires what a sorted list would, whatever is armed, moved and cancelled", () => {
  const queue = new TimerQueue()
  const timers = Array.from({ length: 50 }, () => new Timer(() => {}))
  const due = new Map<Timer, number>()
  let random = 7
  const below = (bound: number) => ((random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0) >>> 12) % bound
  for (let step = 0, now = 0; step < 20_000; step += 1, now += below(3)) {
    const timer = timers[below(timers.length)] as Timer
    if (below(4) === 0) {
      queue.cancel(timer)
      due.delete(timer)
    } else {
      const at = now + below(200)
      queue.schedule(timer, at)
      due.set(timer, at)
    }
    expect(queue.nextMillis).toBeLessThanOrEqual(Math.min(...due.values()))
    for (const fired of queue.takeDue(now)) {
      expect(due.get(fired)).toBeLessThanOrEqual(now)
      due.delete(fired)
    }
    expect(Math.min(Infinity, ...due.values())).toBeGreaterThan(now)
    expect(queue.size).toBe(due.size)
  }
})

it("fires each timer once in a round, whatever they arm again for the same moment or cancel", () => {
  const queue = new TimerQueue()
  const fired: Array<string> = []
  const endless: Timer = new Timer(() => queue.schedule(endless, 10))
  const later = new Timer(() => {})
  const cancelled = new Timer(() => {})
  const killer = new Timer(() => {
    queue.cancel(cancelled)
    queue.schedule(later, 30)
  })
  const names = new Map([[endless, "endless"], [killer, "killer"], [later, "later"], [cancelled, "cancelled"]])
  for (const [at, timer] of [endless, killer, later, cancelled].entries()) queue.schedule(timer, at)
  const round = (nowMillis: number): Array<string> => {
    fired.length = 0
    for (const timer of queue.takeDue(nowMillis)) {
      fired.push(names.get(timer)!)
      if (fired.length > 10) throw new Error("the round does not end")
      timer.fire()
    }
    return fired
  }
  expect(round(10)).toEqual(["endless", "killer"])
  expect(queue.nextMillis).toBeLessThanOrEqual(10)
  expect(round(20)).toEqual(["endless"])
  expect(round(30)).toEqual(["endless", "later"])
  expect(queue.size).toBe(1)
})
