import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"

/** The node's background fibers. One that ends in failure or defect ends the node with that cause. */
export class Background extends Context.Service<Background, FiberSet.FiberSet<unknown, unknown>>()(
  "@tailrace/runtime/Background"
) {
  static readonly layer = Layer.effect(Background, FiberSet.make<unknown, unknown>())
}

/** Use instead of `Effect.forkScoped`, whose fiber dies without a word. */
export const forkBackground = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.flatMap(Background, (background) => FiberSet.run(background, effect))
