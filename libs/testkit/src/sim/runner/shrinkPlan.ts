import type { PlannedFault } from "../faults/FaultPlan.ts"

type Plan = ReadonlyArray<PlannedFault>

const attemptsMaxDefault = 150

/**
 * The shortest plan it can find that still fails: first without whole kinds of faults, then without halves, quarters and single
 * faults. Other faults stay as they were, since each has its own numbers.
 */
export async function shrinkPlan(plan: Plan, fails: (plan: Plan) => Promise<boolean>, attemptsMax = attemptsMaxDefault): Promise<Plan> {
  let attempts = 0
  let rest = plan
  const shorten = async (shorter: Plan): Promise<boolean> => {
    if (shorter.length === rest.length || attempts++ >= attemptsMax || !await fails(shorter)) return false
    rest = shorter
    return true
  }
  for (const kind of new Set(plan.map((fault) => fault.kind))) await shorten(rest.filter((fault) => fault.kind !== kind))
  for (let size = Math.ceil(rest.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < rest.length;) if (!await shorten(rest.toSpliced(at, size))) at += size
  }
  return rest
}
