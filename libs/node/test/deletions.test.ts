import { ErrorCode } from "@tailrace/kafka-protocol"
import type { PartitionLog, WriteGate } from "@tailrace/log"
import type { PartitionState } from "@tailrace/replication"
import { VirtualClock } from "@tailrace/runtime/simulated"
import { expect, it, vi } from "vitest"
import { Deletions } from "../src/internal/Deletions.ts"

/** A log of 1,000 records; `durableStart` says how far their deletion is flushed. */
function start() {
  const clock = new VirtualClock()
  const log = { startOffset: 0, durableStart: 0, config: { cleanupPolicy: "delete" }, advanceStartOffset: () => undefined }
  const state = { highWatermark: 1_000, advanceStart: () => undefined, isDeleted: vi.fn((offset: number) => offset <= log.durableStart) }
  const deletions = new Deletions({
    log: log as unknown as PartitionLog,
    state: state as unknown as PartitionState,
    writeGate: { isUsable: true } as WriteGate,
    clock,
    errorOf: () => ErrorCode.NONE,
    onStart: () => undefined
  })
  return { clock, deletions, log, state }
}

it("a deletion looks at itself alone, not at the others that wait", async () => {
  const { deletions, log, state } = start()
  const outcomes = Promise.all(Array.from({ length: 1_000 }, () => deletions.delete(5, 60_000)))
  expect(state.isDeleted).toHaveBeenCalledTimes(1_000)
  log.durableStart = 5
  deletions.settle()
  expect(new Set((await outcomes).map(({ errorCode }) => errorCode))).toEqual(new Set([ErrorCode.NONE]))
})

it("a deletion of what is deleted already is answered without a timer", async () => {
  const { clock, deletions, log } = start()
  const after = vi.spyOn(clock, "after")
  log.durableStart = 5
  expect(await deletions.delete(5, 60_000)).toEqual({ errorCode: ErrorCode.NONE, lowWatermark: 0 })
  expect(after).not.toHaveBeenCalled()
})
