import { readFileSync } from "node:fs"
import type { NatsBusOptions, NatsCredentials, NatsTls } from "@tailrace/bus"
import type { BrokerConfig, BrokerConfigName } from "@tailrace/metadata"
import type { NodeBuses } from "@tailrace/node"
import { Ports } from "@tailrace/runtime/effect"
import type { Logger } from "@tailrace/runtime"
import * as Effect from "effect/Effect"
import { natsHints } from "./natsHints.ts"
import { StartError } from "./StartError.ts"

/** Both connections, each with an account of its own: with one for both, elections wait behind batches and never end. */
export const natsBuses = Effect.fnUntraced(function*(config: BrokerConfig) {
  const { clock, logger } = yield* Ports
  // Loaded only here: a node that is alone never needs the library.
  const { NatsBus } = yield* Effect.promise(() => import("@tailrace/bus"))
  const connect = (kind: "control" | "data") =>
    Effect.acquireRelease(
      Effect.tryPromise({
        try: (signal) => NatsBus.connect({ ...natsOptions(config, kind, logger), clock, onHint: natsHints(kind, clock, logger) }, signal),
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
  return { control, data, renew } satisfies NodeBuses
})

function natsOptions(config: BrokerConfig, kind: "control" | "data", logger: Logger): Omit<NatsBusOptions, "clock"> {
  const own = kind === "data" ? config.get("nats.data.servers") : []
  const credentials = credentialsOf(config, kind)
  const tls = tlsOf(config)
  return {
    servers: (own.length > 0 ? own : config.get("nats.servers")).map((server) => server.replace(/^(nats|tls):\/\//, "")),
    name: `${config.get("cluster.name")} node ${config.nodeId} ${kind}`,
    waitOnFirstConnect: true,
    ...(credentials === undefined ? {} : { credentials }),
    ...(tls === undefined ? {} : { tls }),
    onHandlerFailure: (subject, cause) => logger.error("a message from another node could not be handled", { subject, cause })
  }
}

function credentialsOf(config: BrokerConfig, kind: "control" | "data"): NatsCredentials | undefined {
  const user = config.get(`nats.${kind}.user`) ?? undefined
  const password = config.get(`nats.${kind}.password`) ?? ""
  const credsFile = config.get(`nats.${kind}.credentials.file`) ?? undefined
  const seedFile = config.get(`nats.${kind}.nkey.seed.file`) ?? undefined
  if (credsFile !== undefined) return { credsFile }
  if (seedFile !== undefined) return { nkeySeed: readFileSync(seedFile, "utf8").trim() }
  return user === undefined ? undefined : { user, password }
}

function tlsOf(config: BrokerConfig): NatsTls | undefined {
  const file = (name: BrokerConfigName): string | undefined => (config.get(name) as string | null | undefined) ?? undefined
  const caFile = file("nats.tls.ca.file")
  const certFile = file("nats.tls.cert.file")
  const keyFile = file("nats.tls.key.file")
  if (caFile === undefined && certFile === undefined) return undefined
  return {
    ...(caFile === undefined ? {} : { caFile }),
    ...(certFile === undefined ? {} : { certFile }),
    ...(keyFile === undefined ? {} : { keyFile })
  }
}
