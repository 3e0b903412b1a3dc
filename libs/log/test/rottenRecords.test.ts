import { describe, expect, it } from "vitest"
import type { PartitionLog } from "../src/index.ts"
import { bitOfValue, damagedLog, options } from "./DamagedLog.ts"
import { append, during, makeBatch, readAll } from "./fixtures.ts"
import { create, restart, start, type World } from "./World.ts"

describe("a small record that rotted while the directory was closed", () => {
  const facts = (log: PartitionLog): unknown => [
    log.startOffset, log.appendedEnd, log.fault, [...log.epochs.entries()], [...log.producers.describe()],
    log.producers.check(5, 0, 50, 51).kind, log.producers.check(5, 0, 60, 61).kind
  ]

  it.each(["state", "epochs", "descriptor", "checkpoint"])("is made anew from the batches: %s", async (kind) => {
    for (const isLost of [false, true]) {
      const world = await damagedLog(() => {})
      const expected = facts(world.log)
      await during(world.clock, world.directory.close())
      const keys = world.disk.recordKeys().filter((key) => key.startsWith(`${kind}/`))
      expect(keys.length).toBeGreaterThan(0)
      for (const key of keys) {
        if (isLost) world.disk.loseRecord(key)
        else world.disk.corruptRecord(key, 70)
      }
      const next = await start(options, world.disk)
      const log = next.directory.log("topic", 0)!
      expect(facts(log)).toEqual(expected)
      expect((await readAll(log)).length).toBe(30)
      const isRebuilt = kind !== "checkpoint"
      expect(next.directory.damages.map(({ action }) => action)).toEqual(isRebuilt ? ["rebuilt"] : [])
      append(log, { epoch: 2 })
      await next.clock.settle()
      const last = await restart(next, options)
      expect([last.directory.damages, last.directory.log("topic", 0)!.appendedEnd]).toEqual([[], 61])
    }
  })

  it("never costs a batch: where the high watermark is lost too, damage is quarantined", async () => {
    const world = await damagedLog((disk) => disk.corrupt("topic", 0, 50, bitOfValue), 10)
    world.store.crash()
    world.disk.corruptRecord("state/00000001", 70)
    const next = await start(options, world.disk)
    expect(next.directory.damages.map(({ action, fault }) => [action, fault])).toEqual([
      ["rebuilt", { offset: 0, endOffset: 60, reason: "state" }],
      ["quarantined", { offset: 50, endOffset: 52, reason: "crc" }]
    ])
    expect(next.disk.image.lastOffsets(1, 0, 1_000, 1_000).length).toBe(30)
  })

  it("makes the node suspect until the controller has heard of it, whatever else ends the process before", async () => {
    const world = await damagedLog(() => {})
    world.log.advanceStartOffset(20)
    await world.clock.settle()
    world.store.crash()
    world.disk.corruptRecord("state/00000001", 70)
    let next = await start(options, world.disk)
    // Some of what was deleted is there again.
    expect([next.directory.isSuspect, next.directory.log("topic", 0)!.startOffset]).toEqual([true, 16])
    next = await restart(next, options)
    expect([next.directory.isSuspect, next.directory.damages]).toEqual([true, []])
    await during(next.clock, next.directory.setBrokerEpoch(1))
    expect(next.directory.isSuspect).toBe(false)
    expect((await restart(next, options)).directory.isSuspect).toBe(false)
  })

  it.each(["crash", "close"])("never costs a batch in a later run either, also after a %s", async (end) => {
    const again = async (world: World): Promise<World> => {
      if (end === "crash") return restart(world, options)
      await during(world.clock, world.directory.close())
      return start(options, world.disk)
    }
    const actions = ({ directory }: World): Array<string> => directory.damages.map(({ action, fault }) => `${action} ${fault.offset}`)
    const world = await damagedLog((disk) => disk.corrupt("topic", 0, 56, bitOfValue))
    world.store.crash()
    world.disk.corruptRecord("state/00000001", 70)
    const next = await again(await start(options, world.disk))
    expect([actions(next), next.directory.log("topic", 0)!.appendedEnd]).toEqual([["quarantined 56"], 60])
  })

  it("does not make an earlier run's damage forgotten, which batches alone do not tell", async () => {
    const world = await damagedLog((disk) => disk.loseBatch("topic", 0, 20))
    await during(world.clock, world.directory.scrubber.run())
    await world.clock.settle()
    world.store.crash()
    world.disk.corruptRecord("state/00000001", 70)
    const next = await start(options, world.disk)
    expect([next.directory.damages.map(({ action }) => action), next.directory.log("topic", 0)!.fault]).toEqual([["rebuilt", "quarantined"], world.log.fault])
  })

  it("leaves the high watermark unknown until it moves: damage that is found meanwhile costs nothing", async () => {
    const rebuilt = async (): Promise<World> => {
      const world = await damagedLog(() => {})
      world.store.crash()
      world.disk.corruptRecord("state/00000001", 70)
      return restart(await start(options, world.disk), options)
    }
    const damaged = async (world: World): Promise<World> => {
      world.store.crash()
      world.disk.corrupt("topic", 0, 58, bitOfValue)
      return start(options, world.disk)
    }
    const actions = ({ directory }: World): Array<string> => directory.damages.map(({ action }) => action)
    expect(actions(await damaged(await rebuilt()))).toEqual(["quarantined"])
    const told = await rebuilt()
    told.directory.log("topic", 0)!.setHighWatermark(58)
    await told.clock.advance(10_000)
    expect(actions(await damaged(told))).toEqual(["truncated"])
  })

  it("that was all there was of an empty log leaves a log that only starts afresh", async () => {
    const world = await start(options)
    create(world).startAt(5_000)
    await world.clock.settle()
    world.store.crash()
    world.disk.loseRecord("state/00000002")
    const next = await start(options, world.disk)
    const log = next.directory.log("topic", 0)!
    expect(log.fault?.reason).toBe("state")
    expect(log.append(makeBatch())).toBe(false)
    expect(await during(next.clock, log.replaceRange(0, 1, makeBatch()))).toBe("state")
    log.startAt(5_000)
    append(log)
    await next.clock.settle()
    const last = await restart(next, options)
    expect([last.directory.damages, last.directory.log("topic", 0)!.appendedEnd]).toEqual([[], 5_001])
  })

  it("that nothing can replace keeps the directory closed, whether it changed or is gone", async () => {
    for (const key of ["identity", "sequence", "nextlog", "brokerepoch", "slot/vote", "log/00000001"]) {
      for (const isLost of [false, true]) {
        if (isLost && (key === "brokerepoch" || key === "slot/vote")) continue
        const world = await damagedLog(() => {})
        await during(world.clock, Promise.all([world.directory.setBrokerEpoch(7), world.directory.setSlot("vote", Buffer.from("me"))]))
        await during(world.clock, world.directory.close())
        if (isLost) world.disk.loseRecord(key)
        else world.disk.corruptRecord(key, 40)
        await expect(start(options, world.disk), key).rejects.toThrow("the data directory simulated is damaged")
      }
    }
  })
})
