import { recordCodecs } from "@tailrace/codecs"
import { LogDirectory, SimulatedDisk, SimulatedStore } from "@tailrace/log"
import { BrokerConfig } from "@tailrace/metadata"
import { LineLogger, MemorySink } from "@tailrace/runtime"
import { Background, effectLogger, Ports } from "@tailrace/runtime/effect"
import { SeededRandom, SimulatedNet, VirtualClock } from "@tailrace/runtime/simulated"
import { simulatedPorts } from "@tailrace/runtime/simulated-effect"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { onTestFinished } from "vitest"
import { Node } from "../src/index.ts"

class Started extends Context.Service<Started, Node>()("test/Started") {}

/** A registered node without listeners, on a simulated clock and disk. */
export class TestNode {
  readonly clock = new VirtualClock()
  readonly log = new MemorySink()
  readonly store: SimulatedStore
  node!: Node
  /** Set when the node's background has ended with a failure. */
  failure: unknown

  private constructor(disk: SimulatedDisk) {
    this.store = SimulatedStore.open(disk, { clock: this.clock })
  }

  static async start(disk = new SimulatedDisk()): Promise<TestNode> {
    const self = new TestNode(disk)
    const { clock, store } = self
    const random = new SeededRandom(1)
    const logger = new LineLogger({ clock, sink: self.log })
    const config = BrokerConfig.of({ "offsets.topic.num.partitions": "1", "group.initial.rebalance.delay.ms": "0" })
    const layer = Layer.effect(Started, Effect.gen(function*() {
      const { clock, logger, random } = yield* Ports
      const directory = yield* Effect.acquireRelease(
        Effect.promise(() => LogDirectory.open(store, {}, { clock, random, crc32c: recordCodecs.crc32c })),
        (opened) => Effect.promise(() => opened.close())
      )
      return yield* Node.start({ config, directory, codecs: recordCodecs, clock, random, logger })
    }))
    const runtime = ManagedRuntime.make(layer.pipe(
      Layer.provideMerge(Background.layer),
      Layer.provideMerge(effectLogger(logger)),
      Layer.provideMerge(simulatedPorts({ clock, random, net: new SimulatedNet({ clock }), logger }))
    ))
    onTestFinished(() => self.run(runtime.dispose()))
    self.node = await self.run(runtime.runPromise(Effect.gen(function*() {
      return yield* Started
    })))
    const background = await self.run(runtime.runPromise(Effect.gen(function*() {
      return yield* Background
    })))
    runtime.runPromise(FiberSet.join(background)).catch((cause: unknown) => {
      self.failure = cause
    })
    await self.run(self.node.register([{ name: "PLAINTEXT", host: "localhost", port: 9092, securityProtocol: "PLAINTEXT" }]))
    return self
  }

  settle(): Promise<void> {
    return this.clock.advanceSettled(0)
  }

  advance(millis: number): Promise<void> {
    return this.clock.advanceSettled(millis)
  }

  /** Lets time pass as far as the promise needs it, at most `millisMax`. */
  async run<A>(promise: Promise<A>, millisMax = 20_000): Promise<A> {
    let isSettled = false
    const settled = (): void => void (isSettled = true)
    promise.then(settled, settled)
    const until = this.clock.monotonicMillis() + millisMax
    await this.settle()
    while (!isSettled) {
      const next = this.clock.nextDueMillis
      if (next === undefined || next > until) throw new Error(`nothing settled it within ${millisMax} ms`)
      await this.clock.advanceSettled(next - this.clock.monotonicMillis())
    }
    return promise
  }
}
