import { VirtualClock } from "@tailrace/runtime/simulated"
import { describe, expect, it } from "vitest"
import { AckQueue } from "../src/internal/AckQueue.ts"

const timedOut = 7
const storageError = 56

function setUp() {
  const clock = new VirtualClock()
  const answers: Array<string> = []
  const queue = new AckQueue(clock)
  const add = (name: string, acks: number, end: number, timeoutMillis = 1_000, onAnswer = () => {}, durableEnd = 0) =>
    queue.add({ acks, end, answer: (code) => (answers.push(`${name}:${code}`), onAnswer()) }, timeoutMillis, durableEnd)
  return { clock, answers, queue, add }
}

describe("AckQueue", () => {
  it("answers acks=1 at the flush and acks=all at the high watermark, in the order of offsets", () => {
    const { add, answers, queue } = setUp()
    add("one", 1, 10)
    add("all", -1, 10)
    add("later", -1, 20)
    queue.durable(9)
    expect(answers).toEqual([])
    queue.durable(10)
    expect(answers).toEqual(["one:0"])
    queue.committed(19)
    expect(answers).toEqual(["one:0", "all:0"])
    queue.committed(20)
    expect(answers).toEqual(["one:0", "all:0", "later:0"])
  })

  it("keeps what is added while it answers", () => {
    const { add, answers, queue } = setUp()
    add("first", -1, 10, 1_000, () => add("second", -1, 20))
    queue.committed(10)
    queue.committed(20)
    expect(answers).toEqual(["first:0", "second:0"])
  })

  it("gives up each append at its own time, the shorter one first, and rests without a timer", () => {
    const { add, answers, clock, queue } = setUp()
    add("patient", -1, 10, 5_000)
    add("hasty", -1, 20, 100)
    queue.durable(20)
    clock.advance(100)
    expect(answers).toEqual([`hasty:${timedOut}`])
    clock.advance(4_900)
    expect(answers).toEqual([`hasty:${timedOut}`, `patient:${timedOut}`])
    queue.committed(20)
    expect(answers).toHaveLength(2)
  })

  it("counts the time of other replicas only: from the flush on, from the beginning for a duplicate of what is flushed, never with acks=1", () => {
    const { add, answers, clock, queue } = setUp()
    add("all", -1, 10, 0)
    add("one", 1, 10, 0)
    add("behind", -1, 20, 0)
    clock.advance(60_000)
    expect(answers).toEqual([])
    queue.durable(10)
    expect(answers).toEqual(["one:0"])
    clock.advance(1)
    expect(answers).toEqual(["one:0", `all:${timedOut}`])
    queue.durable(20)
    queue.committed(20)
    add("duplicate", -1, 20, 100, undefined, 20)
    clock.advance(100)
    expect(answers.slice(2)).toEqual(["behind:0", `duplicate:${timedOut}`])
  })

  it("tells everybody once when the log has lost what they wait for", () => {
    const { add, answers, clock, queue } = setUp()
    add("one", 1, 10)
    add("all", -1, 20)
    queue.fail(storageError)
    queue.durable(20)
    queue.committed(20)
    clock.advance(10_000)
    expect(answers).toEqual([`one:${storageError}`, `all:${storageError}`])
  })
})
