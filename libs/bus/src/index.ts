export type { Bus, MessageBytes, MessageHandler, RequestHandler, ServeOptions, SubscribeOptions } from "./Bus.ts"
export {
  BusClosed, Disconnected, NoResponders, Overloaded, PayloadTooLarge, RequestFailed, RequestTimeout, type BusError
} from "./BusError.ts"
export { wholeOf } from "./internal/messageBytes.ts"
