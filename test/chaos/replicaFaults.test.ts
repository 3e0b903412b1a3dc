import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { recordCodecs } from "@tailrace/codecs"
import { LmdbStore, LogDirectory, logConfigDefaults } from "@tailrace/log"
import { Batch, BatchBuilder } from "@tailrace/record"
import { SystemClock, SystemRandom } from "@tailrace/runtime"
import { afterEach, assert, beforeEach, describe, it } from "vitest"
import { compareReplicas } from "./replicaFaults.ts"

const key = "orders/0"
let root = ""

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "tailrace-replicas-"))
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

const batchOf = (value: string, offset: number, epoch = 1): Buffer => {
  const builder = new BatchBuilder({ codecs: recordCodecs })
  builder.append({ key: null, value: Buffer.from(value), timestamp: 1, headers: [] })
  const batch = builder.build()
  Batch.assign(batch, 0, offset, epoch)
  return batch
}

/** A node's directory with one batch for each value. */
const nodeWith = async (id: number, batches: ReadonlyArray<Buffer>): Promise<{ readonly id: number; readonly dataDirectory: string }> => {
  const dataDirectory = join(root, String(id))
  const directory = await LogDirectory.open(LmdbStore.open(dataDirectory), {}, {
    clock: new SystemClock(), random: new SystemRandom(), crc32c: recordCodecs.crc32c
  })
  const log = directory.createLog("AAAAAAAAAAAAAAAAAAAAAQ", "orders", 0, logConfigDefaults)
  log.startEpoch(1)
  for (const batch of batches) assert.isTrue(log.append(Buffer.from(batch)))
  await log.whenDurable()
  await directory.close()
  return { id, dataDirectory }
}

const values = ["a", "b", "c"]
const sound = values.map((value, offset) => batchOf(value, offset))

describe("copies of a partition", () => {
  it("are equal below the committed end, whatever stands behind it", async () => {
    const nodes = [await nodeWith(1, sound), await nodeWith(2, [...sound, batchOf("not committed", 3)])]
    assert.deepEqual(await compareReplicas(nodes, new Map([[key, 3]])), [])
  })

  it("are missed, too short, or different by one byte", async () => {
    const other = [sound[0]!, batchOf("x", 1), sound[2]!]
    const nodes = [await nodeWith(1, sound), await nodeWith(2, sound.slice(0, 2)), await nodeWith(3, other)]
    assert.deepEqual(await compareReplicas(nodes, new Map([[key, 3], ["orders/1", 1]])), [
      "orders/0: node 2 ends at 2, below 3, which clients were told",
      `orders/0: below 3 node 2 holds ${sound.slice(0, 2).reduce((sum, batch) => sum + batch.length, 0)} bytes instead of the ${
        sound.reduce((sum, batch) => sum + batch.length, 0)} of node 1`,
      "orders/0: below 3 node 3 holds at offset 1 of epoch 1 another batch than node 1",
      ...[1, 2, 3].map((id) => `orders/1: node ${id} has no replica`)
    ])
  })
})
