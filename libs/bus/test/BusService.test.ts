import { assert, layer } from "@effect/vitest"
import { LineLogger, MemorySink, SystemClock } from "@tailrace/runtime"
import { Ports } from "@tailrace/runtime/effect"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { BusService } from "../src/BusService.ts"
import { NatsCluster } from "../src/natsServer/index.ts"
import { natsProgram } from "./support/natsProgram.ts"

const sink = new MemorySink()
const ports = Ports.layerSystem(new LineLogger({ clock: new SystemClock(), sink }))

class Greeting extends Context.Service<Greeting, string>()("test/Greeting") {}

layer(Layer.provide(BusService.layerMemory, ports), { excludeTestServices: true })("BusService", (it) => {
  it.effect("serves with the caller's services until the scope closes", () =>
    Effect.gen(function*() {
      const { request, serve } = yield* BusService
      const greet = Effect.gen(function*() {
        yield* serve("greet", (payload) => Effect.map(Greeting, (word) => Buffer.from(`${word} ${payload.toString()}`)))
        return (yield* request("greet", Buffer.from("you"), 1_000)).toString()
      })
      assert.strictEqual(yield* Effect.scoped(Effect.provideService(greet, Greeting, "hello")), "hello you")
      assert.strictEqual((yield* Effect.flip(request("greet", Buffer.alloc(0), 1_000)))._tag, "NoResponders")
    }))

  it.effect("a defect of a handler is RequestFailed outside and a cause in the log", () =>
    Effect.gen(function*() {
      const { request, serve } = yield* BusService
      yield* serve("work", () => Effect.die(new Error("flush failed")))
      assert.strictEqual((yield* Effect.flip(request("work", Buffer.alloc(0), 1_000)))._tag, "RequestFailed")
      assert.include(sink.lines.join(), "flush failed")
    }))

  it.effect("closing the scope interrupts the handlers, and whoever waits is told", () =>
    Effect.gen(function*() {
      const { request, serve } = yield* BusService
      const scope = yield* Scope.make()
      const started = yield* Deferred.make<void>()
      yield* serve("slow", () => Effect.andThen(Deferred.succeed(started, undefined), Effect.never)).pipe(Scope.provide(scope))
      const call = yield* Effect.forkChild(Effect.flip(request("slow", Buffer.alloc(0), 10_000)))
      yield* Deferred.await(started)
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual((yield* Fiber.join(call))._tag, "RequestFailed")
    }))
})

layer(ports, { excludeTestServices: true })("BusService on NATS", (it) => {
  it.effect("fails with a reason where no server is", () =>
    Effect.gen(function*() {
      const servers = ["127.0.0.1:1", "127.0.0.1:2"]
      const error = yield* Effect.flip(Layer.build(BusService.layerNats({ servers, name: "node 1" })))
      assert.deepStrictEqual([error._tag, error.servers], ["NatsUnavailable", servers])
      assert.include(String(error.cause), "refused")
    }))

  it.effect("gives up its wait for a server when it is interrupted", () =>
    Effect.gen(function*() {
      const refused = yield* Deferred.make<void>()
      const waiting = yield* Effect.forkChild(Layer.build(BusService.layerNats({
        servers: ["127.0.0.1:1"],
        name: "node 1",
        waitOnFirstConnect: true,
        onHint: () => Deferred.doneUnsafe(refused, Effect.void)
      })))
      yield* Deferred.await(refused)
      yield* Fiber.interrupt(waiting)
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(waiting)))
    }))
})

if (natsProgram !== undefined) {
  const program = natsProgram
  layer(ports, { excludeTestServices: true })("BusService on a nats-server", (it) => {
    it.effect("carries a request, and closes its connection with the scope", () =>
      Effect.gen(function*() {
        const cluster = yield* Effect.acquireRelease(
          Effect.promise(() => NatsCluster.start({ program, size: 1 })),
          (started) => Effect.promise(() => started.stop())
        )
        const options = { servers: cluster.addressesFrom(0), name: "node 1", credentials: cluster.control }
        const bus = yield* Effect.scoped(Effect.gen(function*() {
          const { bus, request, serve } = Context.get(yield* Layer.build(BusService.layerNats(options)), BusService)
          yield* serve("test.greet", (payload) => Effect.succeed(Buffer.concat([Buffer.from("hello "), payload])))
          assert.strictEqual((yield* request("test.greet", Buffer.from("you"), 5_000)).toString(), "hello you")
          return bus
        }))
        assert.throws(() => bus.publish("test.greet", Buffer.alloc(0)), "closed")
      }))
  })
}
