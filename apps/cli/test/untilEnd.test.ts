import { noLogger } from "@tailrace/runtime"
import { expect, it } from "vitest"
import { untilEnd } from "../src/internal/untilEnd.ts"

const closing = () => {
  const closed: Array<string> = []
  return { closed, close: () => Promise.resolve(void closed.push("closed")) }
}

it("closes the node at a signal, also at one that came before", async () => {
  for (const isEarly of [false, true]) {
    const { close, closed } = closing()
    const controller = new AbortController()
    if (isEarly) controller.abort("SIGTERM")
    const ended = untilEnd({ close, failed: new Promise<never>(() => undefined) }, noLogger, controller.signal)
    expect(closed).toEqual([])
    controller.abort("SIGTERM")
    expect(await ended).toBe(0)
    expect(closed).toEqual(["closed"])
  }
})

it("fails with the cause when the node does, and closes it", async () => {
  const { close, closed } = closing()
  const failed = Promise.reject(new Error("the disk is full"))
  await expect(untilEnd({ close, failed }, noLogger, new AbortController().signal)).rejects.toMatchObject({
    _tag: "CommandError", exitCode: 1, message: "the node failed: the disk is full"
  })
  expect(closed).toEqual(["closed"])
})
