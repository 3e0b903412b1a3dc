import {
  type LogConfig, logConfigDefaults, type LogDirectory, type LogDirectoryOptions, type PartitionLog, SimulatedDisk, SimulatedStore
} from "../src/index.ts"
import { during, ManualClock, openDirectory } from "./fixtures.ts"

/** One data directory on a simulated disk, by a clock that the test moves. */
export interface World {
  readonly clock: ManualClock
  readonly disk: SimulatedDisk
  readonly store: SimulatedStore
  readonly directory: LogDirectory
}

export async function start(options: LogDirectoryOptions = {}, disk = new SimulatedDisk(), clock = new ManualClock()): Promise<World> {
  const store = SimulatedStore.open(disk, { clock })
  return { clock, disk, store, directory: await during(clock, openDirectory(store, clock, options)) }
}

/** The process is gone, the disk stays. */
export function restart({ disk, store, clock }: World, options: LogDirectoryOptions = {}): Promise<World> {
  store.crash()
  return start(options, disk, Object.assign(new ManualClock(), { wall: clock.wall, monotonic: clock.monotonic }))
}

export function create(world: World, config: Partial<LogConfig> = {}): PartitionLog {
  return world.directory.createLog("topic", "topic", 0, { ...logConfigDefaults, ...config })
}
