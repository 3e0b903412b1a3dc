export { BusService, NatsUnavailable } from "./BusService.ts"
