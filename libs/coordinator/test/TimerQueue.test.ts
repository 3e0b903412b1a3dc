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
    for (let fired = queue.takeDue(now); fired !== undefined; fired = queue.takeDue(now)) {
      expect(due.get(fired)).toBeLessThanOrEqual(now)
      due.delete(fired)
    }
    expect(Math.min(Infinity, ...due.values())).toBeGreaterThan(now)
    expect(queue.size).toBe(due.size)
  }
})
