import type { BrokerConfig } from "@tailrace/metadata"
import type { NodeBuses } from "@tailrace/node"
import { Ports } from "@tailrace/runtime/effect"
import * as Effect from "effect/Effect"
import { natsHints } from "./natsHints.ts"
import { natsOptions } from "./natsOptions.ts"
import { StartError } from "./StartError.ts"

/** Both connections, each with an account of its own: with one for both, elections wait behind batches and never end. */
export const natsBuses = Effect.fnUntraced(function*(config: BrokerConfig) {
  const { clock, logger } = yield* Ports
  // Loaded only here: a node that is alone needs neither.
  const [{ NatsBus }, { Peers }] = yield* Effect.promise(() => Promise.all([import("@tailrace/bus/nats"), import("@tailrace/node/peers")]))
  const onHandlerFailure = (subject: string, cause: unknown): void => logger.error("a message from another node could not be handled", { subject, cause })
  const connect = (kind: "control" | "data") =>
    Effect.acquireRelease(
      Effect.tryPromise({
        try: (signal) => NatsBus.connect({ ...natsOptions(config, kind), clock, onHint: natsHints(kind, clock, logger), onHandlerFailure }, signal),
        catch: (cause) => new StartError({ part: "bus", cause })
      }),
      (bus) => Effect.promise(() => bus.close()),
      // It waits for the first server for as long as it takes; who stops the node meanwhile does not.
      { interruptible: true }
    )
  const control = yield* connect("control")
  const data = yield* connect("data")
  const renew = (): void => {
    logger.warn("no other node was heard for a while: trying another NATS server")
    control.reconnectNow()
    data.reconnectNow()
  }
  return { control, data, renew, join: Peers.join } satisfies NodeBuses
})
