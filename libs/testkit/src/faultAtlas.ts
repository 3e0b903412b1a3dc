import { type FaultKind, type FaultSchedule, type ScheduledFault, unitsOf } from "./FaultSchedule.ts"

/** A time during which a unit of faults keeps something broken. */
export interface Outage {
  readonly unit: number
  readonly fromMillis: number
  readonly toMillis: number
  /** Nodes that do not serve or cannot be reached. */
  readonly nodesDown: number
  /** A copy of the data may be gone or old. */
  readonly losesData: boolean
}

/** A node whose storage was lost or rolled back has to be whole again before anything else may break. */
export const repairMillis = 15_000

const nodeOutages: ReadonlySet<FaultKind> = new Set(["kill", "powerLoss", "pause", "partition", "partitionOneWay", "isolate", "fillDisk"])
const dataLosses: ReadonlySet<FaultKind> = new Set(["wipe", "restoreOldCopy", "corrupt"])

const nodesDownOf = (fault: ScheduledFault): number => {
  if (fault.fault === "halves") return fault.level ?? 1
  if (!nodeOutages.has(fault.fault)) return 0
  // Where a link between two nodes is cut, one of them at most is lost to the cluster.
  const isLink = fault.fault === "partition" || fault.fault === "partitionOneWay"
  return "nodes" in fault.target && !isLink ? fault.target.nodes.length : 1
}

/** When each unit breaks something, until it is repaired or the schedule restores everything. */
export const outagesOf = (schedule: FaultSchedule): ReadonlyArray<Outage> => {
  const end = schedule.faults.at(-1)?.atMillis ?? schedule.durationMillis
  return [...unitsOf(schedule)].flatMap(([unit, faults]) => {
    const first = faults[0] as ScheduledFault
    const nodesDown = Math.max(...faults.map(nodesDownOf))
    const losesData = faults.some(({ fault }) => dataLosses.has(fault))
    if (nodesDown === 0 && !losesData) return []
    const isRepaired = faults.some(({ fault }) => ["restart", "resume", "heal", "freeDisk"].includes(fault))
    const last = isRepaired ? (faults.at(-1) as ScheduledFault).atMillis : end
    return [{ unit, fromMillis: first.atMillis, toMillis: losesData ? last + repairMillis : last, nodesDown, losesData }]
  })
}

const overlap = (a: Outage, b: Outage): boolean => a.fromMillis < b.toMillis && b.fromMillis < a.toMillis

/**
 * Why a cluster whose topics have a copy on every node need not survive a schedule; nothing where it must: at any time at most a
 * minority of its nodes is away, at most one node has lost or old data and then all others stay whole, disks are changed under
 * nodes that are down, and at the end everything is restored.
 */
export const faultAtlas = (schedule: FaultSchedule): ReadonlyArray<string> => {
  const violations: Array<string> = []
  const minority = Math.floor((schedule.nodes - 1) / 2)
  const outages = outagesOf(schedule)
  for (const outage of outages) {
    const others = outages.filter((other) => other !== outage && overlap(outage, other))
    if (outage.losesData && others.length > 0) violations.push(`unit ${outage.unit} loses data while unit ${others[0]?.unit} breaks something`)
    // Whoever else is away at the moment at which this one goes.
    const away = others.filter((other) => other.fromMillis <= outage.fromMillis && other.unit !== outage.unit)
      .reduce((sum, { nodesDown }) => sum + nodesDown, outage.nodesDown)
    if (away > minority) violations.push(`${away} of ${schedule.nodes} nodes are away at ${outage.fromMillis} ms, at most ${minority} may be`)
  }
  for (const [unit, faults] of unitsOf(schedule)) {
    const loss = faults.findIndex(({ fault }) => dataLosses.has(fault))
    const isDown = faults.slice(0, Math.max(0, loss)).some(({ fault }) => fault === "kill" || fault === "powerLoss")
    if (loss >= 0 && !isDown) violations.push(`unit ${unit} changes the disk of a node that is up`)
  }
  const unordered = schedule.faults.find((fault, at) => fault.atMillis < (schedule.faults[at - 1]?.atMillis ?? 0))
  if (unordered !== undefined) violations.push(`the fault at ${unordered.atMillis} ms stands behind a later one`)
  if (schedule.faults.at(-1)?.fault !== "restore") violations.push("the last fault does not restore the cluster")
  return violations
}
