import { expect, it } from "vitest"
import { ResponseQueue } from "../src/internal/ResponseQueue.ts"

it("sends answers in the order of their requests, and keeps none that has left", () => {
  const left: Array<string> = []
  const queue = new ResponseQueue((chunks) => void left.push(chunks.map((chunk) => Buffer.from(chunk).toString()).join("+")))
  const [first, second, third, fourth] = [queue.open(), queue.open(), queue.open(), queue.open()]
  queue.fill(third!, [Buffer.from("3")])
  queue.fill(second!, [Buffer.from("2")])
  expect([left, queue.heldBytes]).toEqual([[], 2])
  queue.fill(first!, [Buffer.from("1")])
  expect([left, queue.heldBytes, queue.size]).toEqual([["1+2+3"], 0, 1])
  expect([first, second, third].map((slot) => slot!.chunks)).toEqual([[], [], []])
  expect(() => queue.fill(first!, [])).toThrow("answered twice")
  queue.fill(fourth!, [])
  expect([left.length, queue.size]).toEqual([1, 0])
})

it("sends answers of any number of pieces that waited for an earlier one", () => {
  const left: Array<number> = []
  const queue = new ResponseQueue((chunks) => void left.push(chunks.length))
  const [first, second] = [queue.open(), queue.open()]
  queue.fill(second!, Array.from({ length: 200_000 }, () => Buffer.from("2")))
  queue.fill(first!, [Buffer.from("1")])
  expect([left, queue.heldBytes, queue.size]).toEqual([[200_001], 0, 0])
})
