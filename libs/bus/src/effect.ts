export { BusService } from "./BusService.ts"
