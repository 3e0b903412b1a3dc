export { noFaults, type BusFaults, type Passage } from "./BusFaults.ts"
export { MemoryHub, type MemoryHubOptions } from "./MemoryHub.ts"
export { seededFaults, type SeededFaultsOptions } from "./seededFaults.ts"
