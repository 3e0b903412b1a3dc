export type { Bus, MessageHandler, RequestHandler, ServeOptions, SubscribeOptions } from "./Bus.ts"
export {
  BusClosed, NoResponders, Overloaded, PayloadTooLarge, RequestFailed, RequestTimeout, type BusError
} from "./BusError.ts"
export { noFaults, type BusFaults, type Passage } from "./BusFaults.ts"
export { MemoryHub, type MemoryHubOptions } from "./MemoryHub.ts"
export { seededFaults, type SeededFaultsOptions } from "./seededFaults.ts"
