import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import type { Clock } from "./Clock.ts"
import type { Dialer } from "./Dialer.ts"
import type { Logger } from "./Logger.ts"
import type { Net } from "./Net.ts"
import { NodeNet } from "./NodeNet.ts"
import { noLogger } from "./noLogger.ts"
import type { Random } from "./Random.ts"
import { SystemClock } from "./SystemClock.ts"
import { SystemRandom } from "./SystemRandom.ts"

/** Everything the world can do to a node, apart from its disk and its bus. */
export class Ports extends Context.Service<Ports, {
  readonly clock: Clock
  readonly random: Random
  readonly net: Net & Dialer
  readonly logger: Logger
}>()("@tailrace/runtime/Ports") {
  static readonly layerSystem = (logger: Logger = noLogger): Layer.Layer<Ports> =>
    Layer.sync(Ports, () => {
      const clock = new SystemClock()
      return { clock, random: new SystemRandom(), net: new NodeNet({ clock }), logger }
    })
}
