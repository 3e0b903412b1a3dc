import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import { expect, it } from "vitest"
import * as Actor from "../src/Actor.ts"
import { Background } from "../src/Background.ts"
import { noLogger } from "../src/noLogger.ts"
import { Ports } from "../src/Ports.ts"
import { SeededRandom } from "../src/SeededRandom.ts"
import { SimulatedNet } from "../src/SimulatedNet.ts"
import { simulatedPorts } from "../src/simulatedPorts.ts"
import { VirtualClock } from "../src/VirtualClock.ts"

it("runs actors, sleeps and choices of Effect in virtual time alone, the same for the same seed", () => {
  const run = (seed: number) => {
    const random = new SeededRandom(seed)
    const clock = new VirtualClock({ random })
    const world = simulatedPorts({ clock, random, net: new SimulatedNet({ clock, random }), logger: noLogger })
    const trace: Array<string> = []
    const worker = (name: string) =>
      Effect.gen(function*() {
        const { clock } = yield* Ports
        const actor = yield* Actor.spawn({
          address: { kind: "group", groupId: name },
          init: Effect.void,
          receive: (_, n: number) => Effect.andThen(Effect.sleep("1 minute"), Effect.sync(() => trace.push(`${name}${n} at ${clock.monotonicMillis()}`)))
        })
        for (let n = 0; n < 3; n++) yield* actor.ask(n)
        return yield* Random.nextIntBetween(0, 1_000_000)
      })
    const program = Effect.forEach(["a", "b", "c", "d"], worker, { concurrency: "unbounded" }).pipe(
      Effect.scoped,
      Effect.provide(Layer.mergeAll(world, Background.layer))
    )
    const fiber = Effect.runFork(Effect.provide(program, world))
    // One synchronous call: nothing waits for the machine's own timers, turns or promises.
    clock.runUntilIdle()
    return { exit: fiber.pollUnsafe(), trace, millis: clock.monotonicMillis() }
  }
  const first = run(5)
  expect(first.exit?._tag).toBe("Success")
  expect(first.trace.length).toBe(12)
  expect(first.millis).toBe(180_000)
  expect(run(5)).toEqual(first)
  expect(run(6).exit).not.toEqual(first.exit)
})
