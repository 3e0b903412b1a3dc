import { assert, describe, layer } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import * as Actor from "../src/Actor.ts"
import type { ActorCrashed } from "../src/ActorError.ts"
import { Background, forkBackground } from "../src/Background.ts"
import { effectLogger } from "../src/effectLogger.ts"
import { launch } from "../src/launch.ts"
import { LineLogger } from "../src/LineLogger.ts"
import { MemorySink } from "../src/MemorySink.ts"
import { VirtualClock } from "../src/VirtualClock.ts"

class Rejected extends Data.TaggedError("Rejected") {}

const sink = new MemorySink()
const logger = new LineLogger({ clock: new VirtualClock(), sink })

/** A failing background would end these tests' node, so each actor here says what its end means. */
const counter = (options: {
  restart: Schedule.Schedule<unknown, ActorCrashed>
  restartResetMillis?: number
  onExhausted?: (crash: ActorCrashed) => Effect.Effect<void>
}) => {
  let starts = 0
  return Actor.spawn({
    address: { kind: "group", groupId: "billing" },
    mailboxMessagesMax: 8,
    init: Effect.sync(() => ({ start: ++starts, count: 0 })),
    receive: (state, message: "increment" | "reject" | "crash" | "throw") => {
      if (message === "throw") throw new Error("thrown, not returned")
      if (message === "increment") return Effect.sync(() => ({ start: state.start, count: ++state.count }))
      return message === "reject" ? Effect.fail(new Rejected()) : Effect.die(new Error("boom"))
    },
    onExhausted: () => Effect.void,
    ...options
  })
}

layer(Layer.mergeAll(Background.layer, effectLogger(logger)))("Actor", (it) => {
  it.effect("a typed failure answers the sender and keeps the state", () =>
    Effect.gen(function*() {
      const actor = yield* counter({ restart: Schedule.recurs(0) })
      yield* actor.ask("increment")
      assert.instanceOf(yield* Effect.flip(actor.ask("reject")), Rejected)
      yield* actor.tell("increment")
      assert.deepStrictEqual(yield* actor.ask("increment"), { start: 1, count: 3 })
    }))

  it.effect("a defect restarts it with fresh state after the back-off; queued messages wait, and a log line names it", () =>
    Effect.gen(function*() {
      sink.lines.length = 0
      const actor = yield* counter({ restart: Schedule.max([Schedule.exponential("1 second"), Schedule.recurs(2)]) })
      yield* actor.ask("increment")
      const crash = yield* Effect.flip(actor.ask("throw"))
      assert.strictEqual(crash._tag, "ActorCrashed")
      const queued = yield* Effect.forkChild(actor.ask("increment"))
      yield* TestClock.adjust("999 millis")
      assert.isUndefined(queued.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(yield* Fiber.join(queued), { start: 2, count: 1 })
      const line = JSON.parse(sink.lines[0]!)
      assert.deepInclude(line, { level: "warn", message: "actor crashed", actor: "group/billing" })
      assert.include(JSON.stringify(line), "thrown, not returned")
    }))

  it.effect("a long life makes the next crash the first one again", () =>
    Effect.gen(function*() {
      const actor = yield* counter({ restart: Schedule.recurs(1), restartResetMillis: 1_000 })
      for (let life = 1; life <= 3; life++) {
        yield* TestClock.adjust("1 second")
        yield* Effect.flip(actor.ask("crash"))
        assert.deepStrictEqual(yield* actor.ask("increment"), { start: life + 1, count: 1 })
      }
      yield* Effect.flip(actor.ask("crash"))
      assert.deepStrictEqual(yield* actor.ask("increment"), { start: 5, count: 1 })
      yield* Effect.flip(actor.ask("crash"))
      assert.strictEqual((yield* Effect.flip(actor.ask("increment")))._tag, "ActorStopped")
    }))

  it.effect("an exhausted policy stops it, fails whoever waits and tells its owner", () =>
    Effect.gen(function*() {
      const crashes: Array<ActorCrashed> = []
      const onExhausted = (crash: ActorCrashed) => Effect.sync(() => void crashes.push(crash))
      const actor = yield* counter({ restart: Schedule.recurs(0), onExhausted })
      yield* Effect.flip(actor.ask("crash"))
      assert.strictEqual((yield* Effect.flip(actor.awaitFailure))._tag, "ActorCrashed")
      assert.strictEqual((yield* Effect.flip(actor.ask("increment")))._tag, "ActorStopped")
      assert.isFalse(actor.tellUnsafe("increment"))
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(crashes.map(({ address }) => address), ["group/billing"])
    }))

  it.effect("closing its scope answers the running, the queued and the suspended sender", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const actor = yield* Actor.spawn({
        address: { kind: "controller" }, mailboxMessagesMax: 1, init: Effect.void, receive: (_state, _message: number) => Effect.never
      }).pipe(Scope.provide(scope))
      const asks = yield* Effect.forEach([1, 2, 3], (n) => Effect.forkChild(Effect.flip(actor.ask(n))))
      yield* TestClock.adjust("1 millis")
      assert.isFalse(actor.tellUnsafe(4), "the mailbox is full")
      yield* Scope.close(scope, Exit.void)
      const tags = yield* Effect.forEach(asks, (fiber) => Effect.map(Fiber.join(fiber), (error) => error._tag))
      assert.deepStrictEqual(tags, ["ActorStopped", "ActorStopped", "ActorStopped"])
      assert.strictEqual(yield* FiberSet.size(yield* Background), 0)
    }))
})

describe("launch", () => {
  layer(Layer.empty)((it) => {
    const launched = (app: Layer.Layer<never, unknown, Background>) =>
      Effect.gen(function*() {
        const fiber = yield* Effect.forkChild(Effect.exit(launch(app)))
        yield* TestClock.adjust("1 second")
        return fiber.pollUnsafe()
      })
    const causeOf = (exit: unknown) => {
      assert.isTrue(Exit.isExit(exit) && Exit.isSuccess(exit))
      const inner = (exit as Exit.Success<Exit.Exit<never, unknown>>).value
      return Exit.isFailure(inner) ? Cause.squash(inner.cause) : undefined
    }

    it.effect("ends with the cause of a background fiber that dies", () =>
      Effect.gen(function*() {
        const loop = Effect.andThen(Effect.sleep("1 second"), Effect.die("flush loop died"))
        assert.strictEqual(causeOf(yield* launched(Layer.effectDiscard(forkBackground(loop)))), "flush loop died")
      }))

    it.effect("ends with the crash of an actor that does not come back", () =>
      Effect.gen(function*() {
        const app = Layer.effectDiscard(
          Effect.gen(function*() {
            const actor = yield* counter({ restart: Schedule.recurs(0), onExhausted: undefined as never })
            yield* actor.tell("crash")
          }).pipe(Effect.provide(effectLogger(logger)))
        )
        assert.deepInclude(causeOf(yield* launched(app)), { _tag: "ActorCrashed", address: "group/billing" })
      }))

    it.effect("goes on when a background fiber ends in order", () =>
      Effect.gen(function*() {
        assert.isUndefined(yield* launched(Layer.effectDiscard(forkBackground(Effect.void))))
      }))
  })
})
