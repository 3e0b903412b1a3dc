/**
 * What can be done to a cluster. `level` says how much where it matters:
 * - a node: `kill` (-9), `powerLoss` (what was not flushed is gone), `pause` and `resume`, `restart`;
 * - its disk, while it is down: `wipe`, `restoreOldCopy`, `corrupt` (level: bits); while it is up: `slowFlush` (level: milliseconds),
 *   `fillDisk`, and `freeDisk`, which ends both;
 * - the network: `partition` and `partitionOneWay` (from the first to the second node of the target), `isolate`, `halves` (level: how
 *   many nodes the smaller side has), `loss` and `duplication` (level: percent), `delay` (level: mean milliseconds), `pauseBus`;
 *   `heal` ends all of them;
 * - what administrators do: `transferLeadership`, `reassign`, `alterConfig`;
 * - `restore`, the last of every schedule: every node runs, every disk has room, the network is whole.
 */
export const faultKinds = [
  "kill", "powerLoss", "pause", "resume", "restart", "wipe", "restoreOldCopy", "corrupt", "slowFlush", "fillDisk", "freeDisk",
  "partition", "partitionOneWay", "isolate", "halves", "loss", "duplication", "delay", "pauseBus", "heal",
  "transferLeadership", "reassign", "alterConfig", "restore"
] as const

export type FaultKind = typeof faultKinds[number]

/**
 * Whom it hits: nodes by their numbers, or whoever has a role when the time comes. A role is looked up once for a unit, so that what
 * repairs hits the node that was broken. `draw` decides between several, and what is left open otherwise.
 */
export type FaultTarget =
  | { readonly nodes: ReadonlyArray<number> }
  | { readonly role: "leader" | "follower" | "controller" | "coordinator" | "any"; readonly draw: number }
  | { readonly role: "cluster" }

export interface ScheduledFault {
  /** From the beginning of the schedule. */
  readonly atMillis: number
  readonly fault: FaultKind
  readonly target: FaultTarget
  /** Faults of one unit belong together: what breaks a node or a link, and what repairs it. */
  readonly unit: number
  readonly level?: number
}

/** Faults in the order of their times, as plain data: it can be kept, sent, and done again. */
export interface FaultSchedule {
  readonly seed: number
  readonly nodes: number
  readonly durationMillis: number
  readonly faults: ReadonlyArray<ScheduledFault>
}

/** Faults that belong together, in their order. */
export const unitsOf = ({ faults }: Pick<FaultSchedule, "faults">): ReadonlyMap<number, ReadonlyArray<ScheduledFault>> => {
  const units = new Map<number, Array<ScheduledFault>>()
  for (const fault of faults) {
    const unit = units.get(fault.unit)
    if (unit === undefined) units.set(fault.unit, [fault])
    else unit.push(fault)
  }
  return units
}
