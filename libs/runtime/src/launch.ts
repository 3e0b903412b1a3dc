import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import { Background } from "./Background.ts"

/** Runs the app until it is interrupted; unlike `Layer.launch` it also fails when a background fiber does. */
export const launch = <A, E, R>(app: Layer.Layer<A, E, R>) =>
  Effect.scoped(
    Effect.gen(function*() {
      const context = yield* Layer.build(Layer.provideMerge(app, Background.layer))
      yield* FiberSet.join(Context.get(context, Background))
      return yield* Effect.never
    })
  )
