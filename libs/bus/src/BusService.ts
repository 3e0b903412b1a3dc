import { Ports } from "@tailrace/runtime/effect"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { Bus, MessageHandler, ServeOptions, SubscribeOptions } from "./Bus.ts"
import type { BusError } from "./BusError.ts"
import { MemoryHub } from "./MemoryHub.ts"
import { NatsBus } from "./NatsBus.ts"
import type { NatsBusOptions } from "./NatsBusOptions.ts"

/** The bus for code that is written in Effect; `bus` is the plain one below it. */
export class BusService extends Context.Service<BusService, {
  readonly bus: Bus
  readonly request: (subject: string, payload: Uint8Array, timeoutMillis: number) => Effect.Effect<Buffer, BusError>
  /** Serves until the scope closes. Handlers run with the caller's services; what they die of is `RequestFailed` to the other side. */
  readonly serve: <R>(
    subject: string,
    handler: (payload: Buffer) => Effect.Effect<Uint8Array, never, R>,
    options?: ServeOptions
  ) => Effect.Effect<void, never, R | Scope.Scope>
  readonly publish: (subject: string, payload: Uint8Array) => Effect.Effect<void, BusError>
  readonly subscribe: (subject: string, handler: MessageHandler, options?: SubscribeOptions) => Effect.Effect<void, never, Scope.Scope>
}>()("@tailrace/bus/BusService") {
  /** Takes over the bus: it is closed with the layer. A wait for it can be interrupted. */
  static readonly layerOf = <E, R>(acquire: Effect.Effect<Bus, E, R>) =>
    Layer.effect(BusService, Effect.map(
      Effect.acquireRelease(acquire, (bus) => Effect.promise(() => bus.close()), { interruptible: true }),
      serviceOf
    ))

  /** A node alone, with the time of its ports. */
  static readonly layerMemory = BusService.layerOf(
    Effect.map(Ports, ({ clock, logger }) =>
      new MemoryHub({ clock, onHandlerFailure: (subject, cause) => logger.error("bus handler failed", { subject, cause }) })
        .connect("local")
    )
  )

  /**
   * By the time and the log of its ports, and closed with the layer. Without `waitOnFirstConnect` the layer fails when no
   * server lets it in.
   */
  static readonly layerNats = (options: Omit<NatsBusOptions, "clock" | "onHandlerFailure">) =>
    BusService.layerOf(
      Effect.flatMap(Ports, ({ clock, logger }) =>
        Effect.tryPromise({
          try: (signal) =>
            NatsBus.connect({
              ...options, clock, onHandlerFailure: (subject, cause) => logger.error("bus handler failed", { subject, cause })
            }, signal),
          catch: (cause) => new NatsUnavailable({ servers: options.servers, cause })
        }))
    )
}

/** No server let the bus in; `cause` is what the last one said. */
export class NatsUnavailable extends Data.TaggedError("NatsUnavailable")<{
  readonly servers: ReadonlyArray<string>
  readonly cause: unknown
}> {}

function serviceOf(bus: Bus): BusService["Service"] {
  return {
    bus,
    request: (subject, payload, timeoutMillis) =>
      Effect.tryPromise({ try: () => bus.request(subject, payload, timeoutMillis), catch: (error) => error as BusError }),
    publish: (subject, payload) => Effect.try({ try: () => bus.publish(subject, payload), catch: (error) => error as BusError }),
    subscribe: (subject, handler, options) =>
      Effect.asVoid(Effect.acquireRelease(
        Effect.sync(() => bus.subscribe(subject, handler, options)),
        (unsubscribe) => Effect.sync(unsubscribe)
      )),
    serve: <R>(subject: string, handler: (payload: Buffer) => Effect.Effect<Uint8Array, never, R>, options?: ServeOptions) =>
      Effect.gen(function*() {
        // The handlers' fibers end with the scope; who still waits for one of them gets RequestFailed.
        const run = yield* FiberSet.makeRuntimePromise<R, Uint8Array>()
        yield* Effect.acquireRelease(
          Effect.sync(() => bus.serve(subject, (payload) => run(Effect.suspend(() => handler(payload))), options)),
          (stop) => Effect.sync(stop)
        )
      })
  }
}
