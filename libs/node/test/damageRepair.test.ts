import { onTestFinished, expect, it } from "vitest"
import { DamageRepair } from "../src/replica/DamageRepair.ts"
import { ReplicaWorld } from "./ReplicaWorld.ts"

const bitOfValue = 8 * 70

interface Damage {
  /** Of the batch at 7. */
  readonly bytes?: number
  /** The others are in no in-sync set any more when they get what lies behind. */
  readonly committed?: number
  /** What the nodes know of the controller. */
  readonly isDamageKnown?: () => boolean
}

/** Three replicas of twenty batches, read from the disk; that of node 2 has found damage in the batch at 7. */
async function damagedWorld({ bytes = 10, committed = 20, isDamageKnown = () => true }: Damage = {}): Promise<ReplicaWorld> {
  const world = await ReplicaWorld.start({ directory: { tailCacheBytesMax: 0 } })
  for (let i = 0; i < 20; i++) {
    if (i === committed) {
      await world.advance(1_000)
      world.change({ isr: [1] })
      world.applyAll()
    }
    world.produce(1, i === 7 ? Buffer.alloc(bytes, 97) : `value ${i}`, { acks: 1 })
  }
  await world.advance(1_000)
  const { topicId } = world.shared.topics[0]!
  world.disks.get(2)!.corrupt(topicId, 0, 7, bitOfValue)
  await world.node(2).actors[0]!.log.readVerified(0, 8 << 20, 20, true)
  expect(world.node(2).actors[0]!.log.fault).toMatchObject({ offset: 7, endOffset: 8 })
  startRepairs(world, isDamageKnown)
  await world.advance(100)
  return world
}

function startRepairs(world: ReplicaWorld, isDamageKnown = () => true): void {
  for (const { actors, nodeId } of world.nodes.values()) {
    const repair = new DamageRepair({
      bus: world.hub.connect(`repair ${nodeId}`), clusterName: "test", nodeId, clock: world.clock, logger: world.shared.logger,
      partition: (_, partition) => actors[partition], partitions: () => actors, isDamageKnown
    })
    onTestFinished(() => repair.close())
  }
}

/** Twenty batches, that at 7 of three records, of which everybody deletes those below `startOffset`. Then the batch rots on node 2. */
async function rottenAtTheStart(startOffset: number): Promise<ReplicaWorld> {
  const world = await ReplicaWorld.start({ directory: { tailCacheBytesMax: 0 } })
  // Whoever asks without end at least does so in time that passes.
  world.hub.setFaults(() => [1])
  for (let i = 0; i < 20; i++) world.produce(1, `value ${i}`, { acks: 1, records: i === 7 ? 3 : 1 })
  await world.advance(1_000)
  for (const { actors } of world.nodes.values()) actors[0]!.log.advanceStartOffset(startOffset)
  startRepairs(world)
  await world.advance(100)
  world.disks.get(2)!.corrupt(world.shared.topics[0]!.topicId, 0, 7, bitOfValue)
  await world.clock.runUntilSettled(world.node(2).directory.scrubber.run())
  return world
}

const repairsOf = (world: ReplicaWorld): number => world.log.lines.filter((line) => line.includes("damage repaired")).length

it("a follower is mended from its leader, and counts as a copy only then", async () => {
  const world = await damagedWorld()
  const [actor] = world.node(2).actors
  expect(actor!.fetchPosition()?.durableEnd).toBe(0)
  await world.advance(2_000)
  expect([actor!.log.fault, actor!.fetchPosition()?.durableEnd]).toEqual([undefined, 20])
  const [first, second] = await Promise.all([1, 2].map((id) => world.node(id).batches()))
  expect(second).toEqual(first)
})

it("a follower whose leader has deleted what is damaged deletes it too, once its disk takes that", async () => {
  const world = await damagedWorld()
  const { actors: [actor], directory, store } = world.node(2)
  world.hub.setFaults(({ subject }) => subject.endsWith("batches") ? [] : [0])
  world.node(1).actors[0]!.log.advanceStartOffset(10)
  await world.advance(100)
  store.failCommits(1)
  store.failReopens(1_000)
  const written = directory.setSlot("any", Buffer.from("value"))
  await Promise.all([expect(written).rejects.toThrow("commit failed"), world.advance(2_000)])
  expect([directory.writeGate.reason, actor!.isFollower, actor!.log.fault?.offset]).toEqual(["failed", true, 7])
  store.failReopens(0)
  await world.advance(5_000)
  expect([directory.writeGate.reason, actor!.log.fault, actor!.log.startOffset]).toEqual([undefined, undefined, 10])
})

it("a follower whose damage lies behind what is committed does not join the in-sync set by what lies before it", async () => {
  const world = await damagedWorld({ committed: 5 })
  world.hub.setFaults(({ subject }) => subject.endsWith("repair") ? [] : [0])
  // The uptime that tells the controller of the damage.
  world.brokerEpochs.set(2, 100)
  world.applyAll()
  await world.advance(1_000)
  const { actors: [leader] } = world.node(1)
  expect([leader!.highWatermark, world.node(2).actors[0]!.log.fault?.offset]).toEqual([5, 7])
  expect(leader!.proposeIsr(world.clock.monotonicMillis(), 10_000)?.isr.map(({ brokerId }) => brokerId)).toEqual([1, 3])
})

it("a follower whose damage nothing of the leader's replaces begins afresh, but not before the controller knows", async () => {
  let isKnown = false
  const world = await damagedWorld({ bytes: 2 << 20, isDamageKnown: () => isKnown })
  const { actors: [actor] } = world.node(2)
  world.change({ isr: [1, 3] })
  world.applyAll()
  await world.advance(5_000)
  expect([actor!.log.fault?.offset, actor!.log.durableEnd]).toEqual([7, 20])
  isKnown = true
  await world.advance(5_000)
  // All of it is there again, though nothing was produced since.
  expect([actor!.log.fault, actor!.fetchPosition()?.durableEnd]).toEqual([undefined, 20])
  expect(await world.node(2).batches()).toEqual(await world.node(1).batches())
})

it("a batch that rots below the start of the log is no damage: the follower goes on taking appends", async () => {
  const world = await rottenAtTheStart(12)
  const { log } = world.node(2).actors[0]!
  await world.advance(5_000)
  expect([log.fault, log.durableEnd, repairsOf(world)]).toEqual([undefined, 22, 0])
  world.produce(1, "one more", { acks: 1 })
  await world.advance(100)
  expect(log.durableEnd).toBe(23)
})

it("a damaged batch that the start of the log lies in is repaired from the leader", async () => {
  const world = await rottenAtTheStart(8)
  const { log } = world.node(2).actors[0]!
  expect(log.fault).toMatchObject({ offset: 8, endOffset: 10 })
  await world.advance(5_000)
  expect([log.fault, log.startOffset, log.durableEnd, repairsOf(world)]).toEqual([undefined, 8, 22, 1])
  expect(await world.node(2).batches()).toEqual(await world.node(1).batches())
})
