export type { Bus, MessageBytes, MessageHandler, RequestHandler, ServeOptions, SubscribeOptions } from "./Bus.ts"
export {
  BusClosed, Disconnected, NoResponders, Overloaded, PayloadTooLarge, RequestFailed, RequestTimeout, type BusError
} from "./BusError.ts"
export { noFaults, type BusFaults, type Passage } from "./BusFaults.ts"
export { wholeOf } from "./internal/messageBytes.ts"
export { MemoryHub, type MemoryHubOptions } from "./MemoryHub.ts"
export { NatsBus } from "./NatsBus.ts"
export type { NatsBusOptions, NatsCredentials, NatsHint, NatsTls } from "./NatsBusOptions.ts"
export { natsConfig, type NatsConfigNode, type NatsConfigOptions, type NatsConfigTls, type NatsConfigUser } from "./natsConfig.ts"
export { seededFaults, type SeededFaultsOptions } from "./seededFaults.ts"
