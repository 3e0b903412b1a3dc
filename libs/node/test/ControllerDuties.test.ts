import { type Bus, NoResponders } from "@tailrace/bus"
import { BrokerConfig, type Decision, type DecisionContext, MetadataImage, type RegisterBrokerRequest } from "@tailrace/metadata"
import { noLogger } from "@tailrace/runtime"
import { VirtualClock } from "@tailrace/runtime/simulated"
import { expect, it } from "vitest"
import { ControllerDuties } from "../src/controller/ControllerDuties.ts"
import type { Quorum } from "../src/quorum/Quorum.ts"

const sessionMillis = 3_000
const gone = () => Promise.reject(new NoResponders("probe"))

/** The controller's duties on node 1, beside brokers 2 and 3, with decisions that hold at once. */
class World {
  readonly clock = new VirtualClock()
  readonly image = new MetadataImage()
  readonly duties: ControllerDuties
  /** What the bus says of probes. */
  answer: (subject: string) => Promise<Buffer> = () => Promise.resolve(Buffer.alloc(8))
  /** For how long this process slept. */
  sleptMillis = 0
  /** Until it resolves what the controller does by itself waits. */
  decisionsWait: Promise<void> = Promise.resolve()
  readonly #config = BrokerConfig.of({ "node.id": "1", "broker.session.timeout.ms": String(sessionMillis), "broker.heartbeat.interval.ms": "500" })
  #offset = 0

  constructor() {
    const { clock } = this
    this.duties = new ControllerDuties({
      config: this.#config, logger: noLogger, quorum: {} as Quorum, isAlone: false, committed: () => this.image, clusterId: () => "cluster",
      bus: { request: (subject: string) => this.answer(subject) } as unknown as Bus,
      clock: {
        wallMillis: () => clock.wallMillis(), monotonicMillis: () => clock.monotonicMillis() + this.sleptMillis,
        after: (millis, callback) => clock.after(millis, callback), endOfTurn: (callback) => clock.endOfTurn(callback)
      },
      decide: (decide) => this.decisionsWait.then(() => this.#decide(decide))
    })
    for (const brokerId of [2, 3]) this.register(brokerId)
    this.duties.begin(1, this.image)
  }

  register(brokerId: number): void {
    const request: RegisterBrokerRequest = { brokerId, incarnationId: `i${brokerId}`, endPoints: [], rack: null, logDirs: [`d${brokerId}`] }
    this.#decide((image, context) => this.duties.register(image, request, context))
    this.beat(brokerId)
  }

  beat(brokerId: number): void {
    const { brokerEpoch } = this.image.broker(brokerId)!
    const request = { brokerId, brokerEpoch, metadataOffset: this.#offset, commitSequence: 1, wantFence: false, wantShutDown: false }
    this.#decide((image, context) => this.duties.heartbeat(image, request, context))
  }

  get fenced(): ReadonlyArray<number> {
    return [...this.image.brokers].filter(({ fenced }) => fenced).map(({ brokerId }) => brokerId)
  }

  #decide<Response>(decide: (image: MetadataImage, context: DecisionContext) => Decision<Response>): Response {
    const { records, response } = decide(this.image, { config: this.#config, newUuid: () => "u", nextOffset: this.#offset })
    for (const record of records) this.image.replay(record)
    this.#offset += records.length
    return response
  }
}

it("who is gone is fenced as soon as probes have shown it, and nobody else", async () => {
  const world = new World()
  world.answer = (subject) => subject.includes(".2.") ? gone() : Promise.resolve(Buffer.alloc(8))
  await world.clock.advanceSettled(1_000)
  expect(world.fenced).toEqual([2])
})

it("a probe that was answered while this process slept takes nobody for gone who could not be heard meanwhile", async () => {
  const world = new World()
  const { clock } = world
  world.answer = (subject) => subject.includes(".2.") ? gone() : Promise.resolve(Buffer.alloc(8))
  await clock.advanceSettled(60)
  let answerNow = (): void => undefined
  world.answer = (subject) => subject.includes(".3.") ? Promise.resolve(Buffer.alloc(8)) : new Promise((_, reject) => {
    answerNow = () => reject(new NoResponders("probe"))
  })
  await clock.advanceSettled(200)
  expect(world.fenced).toEqual([])
  // The bus is heard before the timers are.
  world.sleptMillis = 2 * sessionMillis
  answerNow()
  await clock.advanceSettled(60)
  expect(world.fenced).toEqual([])
  for (const brokerId of [2, 3]) world.beat(brokerId)
  await clock.advanceSettled(100)
  expect(world.fenced).toEqual([])
})

it("a broker that is heard before its fencing is decided is not fenced", async () => {
  const world = new World()
  const { clock } = world
  let decideNow = (): void => undefined
  world.decisionsWait = new Promise((resolve) => {
    decideNow = resolve
  })
  await clock.advanceSettled(sessionMillis - 100)
  world.beat(2)
  await clock.advanceSettled(200)
  // Its heartbeat waited in front of the controller.
  world.beat(3)
  decideNow()
  await clock.advanceSettled(100)
  expect(world.fenced).toEqual([])
  await clock.advanceSettled(sessionMillis)
  expect(world.fenced).toEqual([2, 3])
})
