import { NotAvailable } from "@tailrace/contracts"
import { expect, it } from "vitest"
import { ProducerIds } from "../src/internal/ProducerIds.ts"

it("asks for one block at a time, gives no id twice, and tries again after a refusal", async () => {
  let blocks = 0
  let isAvailable = true
  const ids = new ProducerIds(async () => {
    if (!isAvailable) return { errorCode: 41, producerIdStart: -1, producerIdLen: 0 }
    return { errorCode: 0, producerIdStart: 2 * blocks++, producerIdLen: 2 }
  })
  const first = await Promise.all([ids.next(), ids.next(), ids.next()])
  expect(first.toSorted()).toEqual([0, 1, 2])
  expect(blocks).toBe(2)
  expect(await ids.next()).toBe(3)
  isAvailable = false
  await expect(ids.next()).rejects.toBeInstanceOf(NotAvailable)
  isAvailable = true
  expect(await ids.next()).toBe(4)
})
