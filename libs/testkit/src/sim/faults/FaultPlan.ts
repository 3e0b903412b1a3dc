import type { SeededRandom } from "@tailrace/runtime/simulated"

/** What can be done to a cluster, by accident or by its administrators. */
export const faultKinds = [
  "kill", "powerLoss", "killAll", "crashAtWrite", "pause", "nap", "stop", "rollingRestart",
  "isolate", "isolateOneWay", "halves", "clog", "noise", "deafLeader", "busDrop", "busRestart", "hide",
  "clientCut", "clientPartition", "memberPartition",
  "slowFlush", "failCommits", "fillDisk", "wipe", "slowJoin", "staleJoin", "restoreOldCopy", "corrupt",
  "jumpWall", "createTopic", "deleteTopic", "minIsr", "reassign", "electPreferred"
] as const

export type FaultKind = typeof faultKinds[number]

/** Whom a fault hits: the one that is this at the moment, or a node by its place. */
export type FaultTarget = "controller" | "leader" | "coordinator" | "node"

export interface PlannedFault {
  readonly atMillis: number
  readonly kind: FaultKind
  readonly target: FaultTarget
  /** Decides between nodes, partitions and variants; every fault has a number of its own, so that others may be left out. */
  readonly draw: number
  /** How long it lasts. */
  readonly millis: number
}

/** Kinds of which every run has some, and which it has fewer of. */
const weights: Readonly<Partial<Record<FaultKind, number>>> = {
  kill: 6, powerLoss: 3, killAll: 1, crashAtWrite: 6, pause: 5, nap: 3, stop: 2, rollingRestart: 1, isolate: 4, isolateOneWay: 4, halves: 2, clog: 2, noise: 3, deafLeader: 3,
  busDrop: 3, busRestart: 2, hide: 2, clientCut: 2, clientPartition: 1, memberPartition: 5, slowFlush: 3, failCommits: 2, fillDisk: 1, wipe: 2, slowJoin: 3, staleJoin: 2, restoreOldCopy: 2, corrupt: 2,
  jumpWall: 1, createTopic: 2, deleteTopic: 2, minIsr: 2, reassign: 2, electPreferred: 2
}

const targets: ReadonlyArray<FaultTarget> = ["controller", "leader", "leader", "coordinator", "node", "node"]
const kindsMin = 4

/**
 * The faults of one run, drawn beforehand: the list can be kept, and shortened until only what matters is left. Each run has some
 * kinds alone, since runs that differ find more than runs that are all average.
 */
export function drawFaults(random: SeededRandom, fromMillis: number, untilMillis: number): ReadonlyArray<PlannedFault> {
  const kinds = drawKinds(random)
  const gapMillisMean = [1_500, 3_000, 6_000][random.nextInt(3)]!
  const faults: Array<PlannedFault> = []
  const weightSum = kinds.reduce((sum, kind) => sum + (weights[kind] ?? 1), 0)
  for (let atMillis = fromMillis; ;) {
    atMillis += 100 + Math.floor(-Math.log(1 - random.nextFraction()) * gapMillisMean)
    if (atMillis >= untilMillis) return faults
    let rest = random.nextInt(weightSum)
    const kind = kinds.find((it) => (rest -= weights[it] ?? 1) < 0)!
    faults.push({
      atMillis, kind, target: targets[random.nextInt(targets.length)]!, draw: random.nextUint32(),
      millis: Math.floor([200, 1_500, 4_000, 9_000][random.nextInt(4)]! * (0.5 + random.nextFraction()))
    })
  }
}

function drawKinds(random: SeededRandom): ReadonlyArray<FaultKind> {
  const share = 200 + random.nextInt(700)
  for (;;) {
    const kinds = faultKinds.filter(() => random.nextInt(1_000) < share)
    if (kinds.length >= kindsMin) return kinds
  }
}
