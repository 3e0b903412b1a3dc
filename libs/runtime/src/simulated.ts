export { SeededRandom } from "./SeededRandom.ts"
export { SimulatedNet, type SimulatedNetOptions } from "./SimulatedNet.ts"
export { VirtualClock, type VirtualClockOptions } from "./VirtualClock.ts"
