import type { Clock } from "@tailrace/runtime"
import type { FaultSchedule, ScheduledFault } from "./FaultSchedule.ts"
import type { History } from "./History.ts"
import { sleep } from "./internal/sleep.ts"

/** What a schedule is done to: real processes, nodes in this process, or a simulation. */
export interface FaultyCluster {
  /** Looks roles up once for each unit. Repairing what is not broken does nothing, for schedules are shortened. */
  apply(fault: ScheduledFault): Promise<void>
}

export interface RunFaultsOptions {
  readonly clock: Clock
  readonly cluster: FaultyCluster
  /** Where the faults are written down, as operations of the process "faults". */
  readonly history: History
}

/**
 * Does each fault at its time, whether or not the ones before have ended, except the last, which restores the cluster and waits for
 * them. Resolves when all have ended; a fault that cannot be done rejects, and what comes behind it is not done.
 */
export const runFaults = async (schedule: FaultSchedule, { clock, cluster, history }: RunFaultsOptions): Promise<void> => {
  const begun = clock.monotonicMillis()
  const running = new Set<Promise<void>>()
  let failure: { readonly error: unknown } | undefined
  const apply = async (fault: ScheduledFault): Promise<void> => {
    const operation = history.invoke({ process: "faults", f: "fault", meta: { ...fault } })
    try {
      await cluster.apply(fault)
      operation.complete({ type: "ok" })
    } catch (error) {
      operation.complete({ type: "fail", error: error instanceof Error ? error.message : String(error) })
      failure ??= { error }
    }
  }
  for (const fault of schedule.faults) {
    const remaining = begun + fault.atMillis - clock.monotonicMillis()
    if (remaining > 0) await sleep(clock, remaining)
    if (fault.fault === "restore") await Promise.all(running)
    if (failure !== undefined) break
    const applied = apply(fault).finally(() => running.delete(applied))
    running.add(applied)
  }
  await Promise.all(running)
  if (failure !== undefined) throw failure.error
}
