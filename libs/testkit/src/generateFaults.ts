import type { Random } from "@tailrace/runtime"
import { faultAtlas, outagesOf } from "./faultAtlas.ts"
import type { FaultKind, FaultSchedule, FaultTarget, ScheduledFault } from "./FaultSchedule.ts"

export interface FaultOptions {
  readonly seed: number
  readonly random: Random
  /** Of the cluster that it is done to; default 3. */
  readonly nodes?: number
  /** Default 60 s; the last quarter is left for recovery. */
  readonly durationMillis?: number
  /** Time between two units on average; default 4 s. */
  readonly gapMillisMean?: number
  /** The faults that begin a unit; default all. Repairs follow by themselves. */
  readonly kinds?: ReadonlyArray<BreakingKind>
}

/** Faults that begin a unit. */
export type BreakingKind = Exclude<FaultKind, "resume" | "restart" | "freeDisk" | "heal" | "restore">

const defaults = { nodes: 3, durationMillis: 60_000, gapMillisMean: 4_000 } as const
const recoveryShare = 0.25
/** How often a unit is drawn again that the cluster need not survive where it would stand. */
const drawsMax = 20

/** What repairs it, and how long it lasts at most. Faults without one pass by themselves. */
const repairs: Readonly<Record<BreakingKind, { readonly by?: FaultKind; readonly millisMax: number }>> = {
  kill: { by: "restart", millisMax: 10_000 }, powerLoss: { by: "restart", millisMax: 10_000 }, pause: { by: "resume", millisMax: 12_000 },
  wipe: { by: "restart", millisMax: 5_000 }, restoreOldCopy: { by: "restart", millisMax: 5_000 }, corrupt: { by: "restart", millisMax: 5_000 },
  slowFlush: { by: "freeDisk", millisMax: 10_000 }, fillDisk: { by: "freeDisk", millisMax: 10_000 },
  partition: { by: "heal", millisMax: 12_000 }, partitionOneWay: { by: "heal", millisMax: 12_000 }, isolate: { by: "heal", millisMax: 12_000 },
  halves: { by: "heal", millisMax: 12_000 }, loss: { by: "heal", millisMax: 10_000 }, duplication: { by: "heal", millisMax: 10_000 },
  delay: { by: "heal", millisMax: 10_000 }, pauseBus: { by: "heal", millisMax: 3_000 },
  transferLeadership: { millisMax: 0 }, reassign: { millisMax: 0 }, alterConfig: { millisMax: 0 }
}

const levels: Readonly<Partial<Record<FaultKind, readonly [min: number, max: number]>>> = {
  corrupt: [1, 2], slowFlush: [50, 1_000], loss: [1, 30], duplication: [1, 50], delay: [10, 100]
}

const allKinds = Object.keys(repairs) as ReadonlyArray<BreakingKind>
const roles = ["leader", "leader", "follower", "controller", "coordinator", "any"] as const

/** Faults that the seed decides, and that a cluster has to survive as the fault atlas has it. */
export const generateFaults = (options: FaultOptions): FaultSchedule => {
  const { seed, random, nodes = defaults.nodes, durationMillis = defaults.durationMillis } = options
  const { gapMillisMean = defaults.gapMillisMean, kinds = allKinds } = options
  const end = Math.floor(durationMillis * (1 - recoveryShare))
  const scheduleOf = (faults: ReadonlyArray<ScheduledFault>): FaultSchedule => ({
    seed, nodes, durationMillis, faults: [
      ...faults.toSorted((a, b) => a.atMillis - b.atMillis || a.unit - b.unit),
      { atMillis: end, fault: "restore", target: { role: "cluster" }, unit: 0 }
    ]
  })
  let faults: ReadonlyArray<ScheduledFault> = []
  let atMillis = 0
  for (let unit = 1; ; unit++) {
    atMillis += Math.ceil(gapMillisMean * (0.2 + random.nextInt(1_600) / 1_000))
    if (atMillis >= end) return scheduleOf(faults)
    for (let draw = 0; draw < drawsMax; draw++) {
      const kind = kinds[random.nextInt(kinds.length)] as BreakingKind
      const longer = [...faults, ...unitOf(kind, { atMillis, unit, nodes, end, random })]
      const schedule = scheduleOf(longer)
      if (faultAtlas(schedule).length > 0 || outagesOf(schedule).some(({ losesData, toMillis }) => losesData && toMillis > end)) continue
      faults = longer
      break
    }
  }
}

interface Place {
  readonly atMillis: number
  readonly unit: number
  readonly nodes: number
  readonly end: number
  readonly random: Random
}

const unitOf = (kind: BreakingKind, { atMillis, unit, nodes, end, random }: Place): ReadonlyArray<ScheduledFault> => {
  const target = targetOf(kind, nodes, random)
  const { by, millisMax } = repairs[kind]
  const range = kind === "halves" ? [1, Math.max(1, Math.floor((nodes - 1) / 2))] as const : levels[kind]
  const level = range === undefined ? {} : { level: range[0] + random.nextInt(range[1] - range[0] + 1) }
  const faults: Array<ScheduledFault> = []
  const isDiskOfNodeThatIsDown = kind === "wipe" || kind === "restoreOldCopy" || kind === "corrupt"
  if (isDiskOfNodeThatIsDown) faults.push({ atMillis, fault: "kill", target, unit })
  faults.push({ atMillis, fault: kind, target, unit, ...level })
  if (by === undefined) return faults
  const repairedMillis = Math.min(end - 1, atMillis + 200 + random.nextInt(millisMax))
  return [...faults, { atMillis: Math.max(atMillis, repairedMillis), fault: by, target, unit }]
}

const targetOf = (kind: BreakingKind, nodes: number, random: Random): FaultTarget => {
  switch (kind) {
    case "partition":
    case "partitionOneWay": {
      const first = random.nextInt(nodes)
      return { nodes: [first + 1, (first + 1 + random.nextInt(Math.max(1, nodes - 1))) % nodes + 1] }
    }
    case "loss":
    case "duplication":
    case "delay":
    case "pauseBus":
      return { role: "cluster" }
    default:
      return random.nextInt(3) === 0 ? { nodes: [random.nextInt(nodes) + 1] }
        : { role: roles[random.nextInt(roles.length)] ?? "any", draw: random.nextInt(1 << 30) }
  }
}
