export { simulatedPorts } from "./simulatedPorts.ts"
