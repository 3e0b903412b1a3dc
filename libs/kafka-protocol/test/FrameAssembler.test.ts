import { describe, expect, it } from "vitest"
import { ByteBudget, FrameAssembler, ProtocolError, frameBufferBytesInitial } from "../src/index.ts"
import { randomFrom } from "./support/random.ts"

function framed(body: Buffer): Buffer {
  const frame = Buffer.alloc(4 + body.length)
  frame.writeInt32BE(body.length)
  body.copy(frame, 4)
  return frame
}

function announced(length: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(length)
  return bytes
}

describe("FrameAssembler", () => {
  it("gives back the frames of any stream, wherever its chunks are cut", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = randomFrom(seed)
      const bodies = Array.from({ length: 1 + random(12) }, () => {
        const length = 1 + random([4, 100, 5_000, 40_000][random(4)]!)
        return Buffer.alloc(length, random(256))
      })
      const stream = Buffer.concat(bodies.map(framed))
      const budget = new ByteBudget()
      const assembler = new FrameAssembler({ budget })
      const got: Array<Buffer> = []
      const chunkBytes = [1, 7, 1_000, 65_536][random(4)]!
      for (let at = 0; at < stream.length; ) {
        const end = Math.min(stream.length, at + 1 + random(chunkBytes * 2))
        if (!assembler.push(stream.subarray(at, end), (frame) => got.push(frame))) expect.fail("the budget is not exhausted")
        at = end
      }
      expect(got.length, `seed ${seed}`).toBe(bodies.length)
      got.forEach((frame, index) => expect(frame.equals(bodies[index]!), `seed ${seed} frame ${index}`).toBe(true))
      expect(budget.bytesUsed).toBe(bodies.reduce((sum, body) => sum + body.length, 0))
      for (const frame of got) budget.release(frame.length)
      expect(budget.bytesUsed).toBe(0)
    }
  })

  it("copies nothing of a frame that is whole in its chunk", () => {
    const chunk = Buffer.concat([framed(Buffer.from("one")), framed(Buffer.from("two"))])
    const got: Array<Buffer> = []
    new FrameAssembler({ budget: new ByteBudget() }).push(chunk, (frame) => got.push(frame))
    expect(got.map(String)).toEqual(["one", "two"])
    for (const frame of got) expect(frame.buffer).toBe(chunk.buffer)
  })

  it("allocates with the bytes that arrive, not with those announced", () => {
    const budget = new ByteBudget()
    const assembler = new FrameAssembler({ budget })
    const length = 64 * 1_024 * 1_024
    assembler.push(announced(length), () => expect.fail("no frame yet"))
    expect(budget.bytesUsed).toBe(0)
    assembler.push(Buffer.alloc(10), () => expect.fail("no frame yet"))
    expect(budget.bytesUsed).toBe(frameBufferBytesInitial)
    assembler.push(Buffer.alloc(100_000), () => expect.fail("no frame yet"))
    expect(budget.bytesUsed).toBeLessThanOrEqual(200_020)
    assembler.close()
    expect(budget.bytesUsed).toBe(0)
  })

  it("refuses lengths out of bounds, after it delivered what came before", () => {
    for (const length of [-1, 0, 2 ** 31 - 1, -(2 ** 31), 1_001]) {
      const got: Array<string> = []
      const assembler = new FrameAssembler({ budget: new ByteBudget(), frameBytesMax: 1_000 })
      const chunk = Buffer.concat([framed(Buffer.from("good")), announced(length), Buffer.from("rest")])
      const error = (() => {
        try {
          assembler.push(chunk, (frame) => got.push(frame.toString()))
        } catch (thrown) {
          return thrown
        }
      })()
      expect(error).toBeInstanceOf(ProtocolError)
      expect(error).toMatchObject({ reason: "frame-length", value: length })
      expect(got).toEqual(["good"])
    }
  })

  it("takes a frame of the largest size and, where it is allowed, an empty one", () => {
    const got: Array<number> = []
    const assembler = new FrameAssembler({ budget: new ByteBudget(), frameBytesMax: 1_000, frameBytesMin: 0 })
    assembler.push(Buffer.concat([announced(0), framed(Buffer.alloc(1_000))]), (frame) => got.push(frame.length))
    assembler.push(announced(0), (frame) => got.push(frame.length))
    expect(got).toEqual([0, 1_000, 0])
  })

  it("stops when the budget is exhausted and goes on in order when bytes are released", () => {
    const budget = new ByteBudget(100)
    const other = {}
    budget.tryReserve(101, other)
    const got: Array<string> = []
    const onFrame = (frame: Buffer): unknown => got.push(frame.toString())
    const assembler = new FrameAssembler({ budget })
    expect(assembler.push(framed(Buffer.from("first")), onFrame)).toBe(false)
    let resumed = 0
    const wait = (): void => {
      resumed++
      if (!assembler.resume(onFrame)) budget.onAvailable(wait)
    }
    budget.onAvailable(wait)
    expect(assembler.push(framed(Buffer.from("second")), onFrame)).toBe(false)
    expect(got).toEqual([])
    budget.settle(other)
    budget.release(101)
    expect(got).toEqual(["first", "second"])
    expect(resumed).toBe(1)
    expect(budget.bytesUsed).toBe("firstsecond".length)
  })

  it("exceeds the budget by one frame at most, however many are waiting", () => {
    const budget = new ByteBudget(100)
    const taken: Array<number> = []
    const onFrame = (frame: Buffer): unknown => taken.push(frame.length)
    const answers = Array.from({ length: 10 }, () => new FrameAssembler({ budget }).push(framed(Buffer.alloc(60)), onFrame))
    expect(answers.filter((answer) => answer)).toHaveLength(2)
    expect(budget.bytesUsed).toBe(120)
  })

  it("hands the overdraft on when its frame is complete, and when it is closed", () => {
    const budget = new ByteBudget(10)
    const onFrame = (frame: Buffer): void => budget.release(frame.length)
    const push = (...chunks: Array<Buffer>): FrameAssembler => {
      const assembler = new FrameAssembler({ budget })
      for (const chunk of chunks) expect(assembler.push(chunk, onFrame)).toBe(true)
      return assembler
    }
    push(framed(Buffer.alloc(20)))
    const unfinished = push(announced(30), Buffer.alloc(25))
    expect(new FrameAssembler({ budget }).push(framed(Buffer.alloc(1)), onFrame)).toBe(false)
    unfinished.close()
    push(announced(30), Buffer.alloc(25), Buffer.alloc(5))
    push(framed(Buffer.alloc(20)))
    expect(budget.bytesUsed).toBe(0)
  })

  it("never lets half-finished frames block each other for ever", () => {
    const budget = new ByteBudget(100)
    const got: Array<number> = []
    const connections = Array.from({ length: 8 }, () => {
      const assembler = new FrameAssembler({ budget })
      // The owner releases as soon as it has the frame.
      const onFrame = (frame: Buffer): void => {
        got.push(frame.length)
        budget.release(frame.length)
      }
      const wait = (): void => {
        if (!assembler.resume(onFrame)) budget.onAvailable(wait)
      }
      return (chunk: Buffer): void => {
        if (!assembler.push(chunk, onFrame)) budget.onAvailable(wait)
      }
    })
    // Each takes 60 of 100 bytes' worth; together they never fit.
    for (const push of connections) push(Buffer.concat([announced(60), Buffer.alloc(30)]))
    expect(got).toEqual([])
    for (const push of connections) push(Buffer.alloc(30))
    expect(got).toEqual(Array<number>(8).fill(60))
    expect(budget.bytesUsed).toBe(0)
  })

  it("delivers nothing after it was closed, even in the middle of a chunk", () => {
    const budget = new ByteBudget()
    const assembler = new FrameAssembler({ budget })
    let frames = 0
    const chunk = Buffer.concat([framed(Buffer.from("a")), framed(Buffer.from("b"))])
    assembler.push(chunk, (frame) => {
      frames++
      budget.release(frame.length)
      assembler.close()
    })
    assembler.push(chunk, () => frames++)
    expect(frames).toBe(1)
    expect(budget.bytesUsed).toBe(0)
  })
})

describe("ByteBudget", () => {
  it("lets one holder at a time overdraw", () => {
    const budget = new ByteBudget(10)
    const one = {}
    const two = {}
    expect(budget.tryReserve(11)).toBe(false)
    expect(budget.tryReserve(11, one)).toBe(true)
    expect(budget.tryReserve(1, two)).toBe(false)
    expect(budget.tryReserve(5, one)).toBe(true)
    budget.settle(one)
    expect(budget.tryReserve(1, two)).toBe(false)
    budget.release(6)
    expect(budget.tryReserve(1, two)).toBe(true)
    expect(budget.tryReserve(1, one)).toBe(false)
    expect(() => budget.release(12)).toThrow("released 12 bytes of 11")
  })

  it("wakes who waits in order, without recursion, and not who cancelled", () => {
    const budget = new ByteBudget(10)
    budget.tryReserve(10)
    const woken: Array<string> = []
    budget.onAvailable(() => {
      woken.push("a")
      budget.onAvailable(() => woken.push("c"))
      budget.release(1)
      woken.push("a done")
    })
    budget.onAvailable(() => woken.push("cancelled"))()
    budget.onAvailable(() => woken.push("b"))
    budget.release(1)
    expect(woken).toEqual(["a", "a done", "b", "c"])
  })
})
