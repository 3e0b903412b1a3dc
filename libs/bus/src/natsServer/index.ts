export { deathSignal } from "../internal/deathSignal.ts"
export { findNatsServer, natsServerHelp } from "./findNatsServer.ts"
export { NatsCluster, type NatsClusterOptions } from "./NatsCluster.ts"
export { NatsServer, type NatsServerOptions } from "./NatsServer.ts"
