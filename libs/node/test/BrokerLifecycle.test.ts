import { ErrorCode } from "@tailrace/kafka-protocol"
import { StoreError } from "@tailrace/log"
import { LineLogger, MemorySink } from "@tailrace/runtime"
import { SeededRandom, VirtualClock } from "@tailrace/runtime/simulated"
import { expect, it } from "vitest"
import { BrokerLifecycle, type BrokerLifecycleOptions } from "../src/lifecycle/BrokerLifecycle.ts"
import { Lease } from "../src/lifecycle/Lease.ts"

/** A controller that answers heartbeats when it is told to, and a node whose disk does as well. */
class World {
  readonly clock = new VirtualClock()
  readonly lifecycle: BrokerLifecycle
  /** The broker epoch of each heartbeat. */
  readonly beats: Array<number> = []
  stored = (): void => undefined
  isLeaving = false
  isAtHome = (): boolean => true
  /** The directory takes what the registration begins. */
  isUsable = true
  /** Of the answers to heartbeats. */
  errorCode: number = ErrorCode.NONE
  /** When the node heard that its lease may have changed. */
  readonly leaseChanges: Array<number> = []
  #pending: Array<() => void> = []
  #brokerEpoch = 99

  constructor(heartbeatMillis = 500) {
    const { clock } = this
    this.lifecycle = new BrokerLifecycle({
      nodeId: 1, clock, random: new SeededRandom(1), logger: new LineLogger({ clock, sink: new MemorySink() }), lease: new Lease(clock, 3_000),
      controller: { call: this.#call } as unknown as BrokerLifecycleOptions["controller"],
      applied: { end: 1_000, reached: this.#reached } as unknown as BrokerLifecycleOptions["applied"],
      heartbeatMillis, requestMillis: 1_000, isAlone: false, describe: () => ({}) as ReturnType<BrokerLifecycleOptions["describe"]>,
      storage: { isAtHome: () => this.isAtHome(), refused: () => new Error("refused") } as unknown as BrokerLifecycleOptions["storage"],
      commitSequence: () => 1, wantFence: () => false, onLeaseChanged: () => void this.leaseChanges.push(clock.monotonicMillis()), onMismatch: () => undefined
    })
  }

  readonly #reached = (offset: number, millis: number): Promise<boolean> =>
    offset <= 1_000 ? Promise.resolve(true) : new Promise((resolve) => void this.clock.after(millis, () => resolve(false)))

  readonly #call = (kind: string, request: { brokerEpoch: number }): Promise<unknown> => {
    if (kind === "registerBroker") {
      const brokerEpoch = ++this.#brokerEpoch
      if (this.isUsable) {
        this.lifecycle.begin(brokerEpoch, new Promise((resolve) => {
          this.stored = resolve
        }))
      }
      return Promise.resolve({ errorCode: ErrorCode.NONE, brokerEpoch })
    }
    this.beats.push(request.brokerEpoch)
    return new Promise((resolve) => this.#pending.push(() =>
      resolve({ errorCode: this.errorCode, isCaughtUp: true, isFenced: false, shouldShutDown: this.isLeaving })))
  }
  /** Answers whatever was asked, every 10 ms. */
  async answer(millis: number): Promise<void> {
    for (let passed = 0; passed < millis; passed += 10) {
      for (const resolve of this.#pending.splice(0)) resolve()
      await this.clock.advanceSettled(10)
    }
  }
}

it("a heartbeat of the uptime before begins none of the next one, which sends one chain of them once its epoch is stored", async () => {
  const world = new World()
  const { beats, clock, lifecycle } = world
  void lifecycle.register()
  await clock.advanceSettled(10)
  expect(beats).toEqual([])
  world.stored()
  await world.answer(490)
  // The second is on its way when the node begins another uptime; its disk is slow.
  await clock.advanceSettled(10)
  expect(beats).toEqual([100, 100])
  void lifecycle.register()
  await world.answer(1_000)
  expect([beats, lifecycle.isFenced]).toEqual([[100, 100], true])
  world.stored()
  await world.answer(4_900)
  expect(lifecycle.isFenced).toBe(false)
  expect(beats.slice(2).every((it) => it === 101)).toBe(true)
  expect(beats.length - 2).toBe(10)
  lifecycle.close()
})

it("who registers anew does not wait for the answer to a heartbeat of the uptime before", async () => {
  const world = new World()
  const { beats, clock, lifecycle } = world
  void lifecycle.register()
  await clock.advanceSettled(0)
  world.stored()
  await clock.advanceSettled(0)
  void lifecycle.register()
  await clock.advanceSettled(0)
  world.stored()
  await clock.advanceSettled(0)
  expect(beats).toEqual([100, 101])
  // Both are answered, the earlier one first or last: one goes on.
  await world.answer(4_900)
  expect(beats.length).toBe(11)
  lifecycle.close()
})

it("one chain of heartbeats is left where a node that registers is to shut down", async () => {
  const world = new World()
  const { beats, clock, lifecycle } = world
  void lifecycle.register()
  await clock.advanceSettled(10)
  const left = lifecycle.shutDown(60_000)
  await world.answer(50)
  expect(beats).toEqual([100])
  world.stored()
  await world.answer(950)
  expect(beats.length).toBe(11)
  world.isLeaving = true
  await world.answer(200)
  await left
  lifecycle.close()
})

it("a node that is cut off waits for nobody to take over", async () => {
  const world = new World()
  const { clock, lifecycle } = world
  void lifecycle.register()
  await clock.advanceSettled(10)
  world.stored()
  await world.answer(490)
  expect(lifecycle.isFenced).toBe(false)
  const order: Array<string> = []
  void lifecycle.shutDown(60_000).then(() => order.push("over"))
  await clock.advanceSettled(2_000)
  expect(order).toEqual([])
  await clock.advanceSettled(2_000)
  expect(order).toEqual(["over"])
  await lifecycle.shutDown(60_000)
  lifecycle.close()
})

it("a node whose lease ran out and came back between two looks hears of both", async () => {
  const world = new World(450)
  const { clock, leaseChanges, lifecycle } = world
  void lifecycle.register()
  await clock.advanceSettled(0)
  world.stored()
  await clock.advanceSettled(0)
  await world.answer(10)
  world.errorCode = ErrorCode.NOT_CONTROLLER
  await world.answer(1_990)
  world.errorCode = ErrorCode.NONE
  // It looks at 2,700 and at 3,150; what it sent at 2,250 is answered between the two, and after the lease has run out.
  await clock.advanceSettled(1_050)
  expect(leaseChanges).toEqual([0])
  await world.answer(500)
  expect(leaseChanges).toEqual([0, 3_050, 3_050])
  lifecycle.close()
})

it.each([
  ["is being repaired", () => false],
  ["cannot be read", () => {
    throw new StoreError("disk", "read", "the store is closed")
  }]
])("a node that is not known any more, and whose data directory %s, registers once it can be read", async (_, isAway) => {
  const world = new World()
  const { beats, clock, lifecycle } = world
  void lifecycle.register()
  await clock.advanceSettled(10)
  world.stored()
  await world.answer(490)
  expect([beats, lifecycle.isFenced]).toEqual([[100], false])
  world.isAtHome = isAway
  world.errorCode = ErrorCode.STALE_BROKER_EPOCH
  await world.answer(5_000)
  expect([lifecycle.brokerEpoch, beats.every((it) => it === 100)]).toEqual([-1, true])
  world.isAtHome = () => true
  world.errorCode = ErrorCode.NONE
  await world.answer(1_000)
  world.stored()
  await world.answer(500)
  expect([beats.at(-1), lifecycle.isFenced]).toEqual([101, false])
  lifecycle.close()
})

it("a registration that came into force while the directory took nothing is followed by another one, and by no heartbeat", async () => {
  const world = new World()
  const { beats, clock, lifecycle } = world
  world.isUsable = false
  void lifecycle.register()
  await clock.advanceSettled(10)
  world.isAtHome = () => false
  await world.answer(3_000)
  expect([beats, lifecycle.brokerEpoch]).toEqual([[], -1])
  world.isUsable = true
  world.isAtHome = () => true
  await world.answer(1_000)
  world.stored()
  await world.answer(500)
  expect([beats[0], lifecycle.isFenced]).toEqual([101, false])
  lifecycle.close()
})
