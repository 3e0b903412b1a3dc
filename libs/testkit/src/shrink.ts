import { type FaultKind, faultKinds, type FaultSchedule, type ScheduledFault, unitsOf } from "./FaultSchedule.ts"

export interface ShrinkOptions {
  /** Runs that shortening may take; default 200. */
  readonly attemptsMax?: number
}

export interface Shrunk {
  readonly schedule: FaultSchedule
  readonly attempts: number
}

type Unit = ReadonlyArray<ScheduledFault>

const attemptsMaxDefault = 200

/**
 * The shortest schedule it can find that still fails: first without whole kinds of faults, then without halves, quarters and single
 * units (delta debugging). Units stay whole, so what is broken is still repaired. `fails` has to answer the same for the same
 * schedule; a cluster whose every choice is seeded does.
 */
export const shrink = async (
  schedule: FaultSchedule, fails: (schedule: FaultSchedule) => Promise<boolean>, options: ShrinkOptions = {}
): Promise<Shrunk> => {
  const attemptsMax = options.attemptsMax ?? attemptsMaxDefault
  const all = [...unitsOf(schedule).values()]
  const isKept = (unit: Unit): boolean => unit.some(({ fault }) => fault === "restore")
  const kept = all.filter(isKept)
  let attempts = 0
  const scheduleOf = (units: ReadonlyArray<Unit>): FaultSchedule => {
    const chosen = new Set([...units, ...kept].flat())
    return { ...schedule, faults: schedule.faults.filter((fault) => chosen.has(fault)) }
  }
  const stillFails = async (units: ReadonlyArray<Unit>): Promise<boolean> => {
    if (attempts >= attemptsMax) return false
    attempts++
    return fails(scheduleOf(units))
  }
  let units: ReadonlyArray<Unit> = all.filter((unit) => !isKept(unit))
  for (const kind of faultKinds) {
    const fewer = units.filter((unit) => !begins(unit, kind))
    if (fewer.length < units.length && await stillFails(fewer)) units = fewer
  }
  return { schedule: scheduleOf(await withoutParts(units, stillFails)), attempts }
}

const begins = (unit: Unit, kind: FaultKind): boolean => unit.some(({ fault }) => fault === kind)

/** Leaves out ever smaller parts of a list as long as the rest still fails. */
const withoutParts = async (
  items: ReadonlyArray<Unit>, stillFails: (items: ReadonlyArray<Unit>) => Promise<boolean>
): Promise<ReadonlyArray<Unit>> => {
  let rest = items
  for (let size = Math.ceil(rest.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < rest.length;) {
      const fewer = rest.toSpliced(at, size)
      if (await stillFails(fewer)) rest = fewer
      else at += size
    }
  }
  return rest
}
