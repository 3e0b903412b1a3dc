import type { ClusterMode } from "../ClusterOptions.ts"
import type { ClusterDriver } from "./ClusterDriver.ts"
import type { DriverOptions } from "./DriverOptions.ts"

/** The cluster of a mode, without a node that is up. What a mode needs is loaded only for it. */
export const startDriver = async (mode: ClusterMode, options: DriverOptions): Promise<ClusterDriver> => {
  switch (mode) {
    case "inProcess":
      return (await import("./InProcessDriver.ts")).InProcessDriver.create(options)
    case "simulated":
      return new (await import("./SimulatedDriver.ts")).SimulatedDriver(options)
    case "processes":
      return (await import("./ProcessDriver.ts")).ProcessDriver.create(options)
    default:
      throw new Error(`mode: "${String(mode)}" is none of inProcess, simulated and processes`)
  }
}
