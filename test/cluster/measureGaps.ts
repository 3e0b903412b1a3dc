import { historyFaults } from "./historyFaults.ts"
import type { LoadClient } from "./loadClients.ts"
import { LoadProcess, nowMicros } from "./LoadProcess.ts"
import type { ProcessCluster } from "./ProcessCluster.ts"
import { longestSilences } from "./silences.ts"

export const gapFaults = ["kill", "pause", "isolate", "peer-only", "stop", "rolling", "kill-all"] as const
export type GapFault = (typeof gapFaults)[number]
export const gapVictims = ["leader", "controller"] as const
export type GapVictim = (typeof gapVictims)[number]

export interface GapOptions {
  readonly fault: GapFault
  /** The controller is a leader of partitions too; a "leader" is none of the controller. */
  readonly victim: GapVictim
  readonly rounds: number
  /** All led by the victim; with `rolling` and `kill-all` spread over the nodes. */
  readonly partitions: number
  /** The client's time limit for one request; 0 leaves the client its default. */
  readonly requestMillis: number
}

export interface GapResult {
  /** One figure for each partition and round, in milliseconds. */
  readonly silences: number[]
  readonly acknowledged: number
  readonly failed: number
  readonly faults: string[]
}

const intervalMillis = 10
const recordBytes = 100
const acksBeforeMin = 100
const acksAfterMin = 100
const comeBackMillisMax = 120_000
/** A paused or cut-off node comes back so long after the others have gone on without it. */
const settleAcks = 200

/** Runs the fault against a running cluster and leaves it whole. */
export async function measureGaps(cluster: ProcessCluster, client: LoadClient, options: GapOptions): Promise<GapResult> {
  const result: GapResult & { acknowledged: number; failed: number } = { silences: [], acknowledged: 0, failed: 0, faults: [] }
  for (let round = 0; round < options.rounds; round++) {
    const victim = await victimOf(cluster, options.victim)
    const topic = `gaps-${client.name}-${options.fault}-${options.victim}-${options.requestMillis}-${round}`
    await cluster.client.createTopic({ name: topic, assignment: assignmentOf(cluster, options, victim) })
    const limits = options.requestMillis === 0 ? [] : client.requestLimit(options.requestMillis)
    const load = new LoadProcess(client.title, client.command(["pace", cluster.bootstrap, topic, String(options.partitions), String(intervalMillis), String(recordBytes), ...limits]))
    try {
      await load.until("a steady stream", comeBackMillisMax, () => load.ackedEverywhere(options.partitions, acksBeforeMin))
      const sinceMicros = nowMicros()
      const end = await failing(cluster, options, victim)
      await load.until("acknowledgements everywhere again", comeBackMillisMax, () => load.ackedEverywhere(options.partitions, acksAfterMin, sinceMicros))
      const steadyMicros = nowMicros()
      await end(async () => load.until("a steady stream again", comeBackMillisMax, () => load.ackedEverywhere(options.partitions, settleAcks, steadyMicros)))
      result.silences.push(...longestSilences(load.acks, options.partitions, sinceMicros, nowMicros()))
      await load.finish()
      const logs = []
      for (let partition = 0; partition < options.partitions; partition++) logs.push(await cluster.client.readAll(topic, partition))
      result.faults.push(...historyFaults({ logs, acks: load.acks, isIdempotent: client.isIdempotent }))
      result.acknowledged += load.acks.length
      result.failed += load.fails.length
    } finally {
      await load.kill()
      await cluster.heal()
    }
  }
  return result
}

async function victimOf(cluster: ProcessCluster, victim: GapVictim): Promise<number> {
  const { nodeId } = await cluster.client.quorumLeader()
  return victim === "controller" ? nodeId : cluster.nodes.find((node) => node.id !== nodeId)!.id
}

function assignmentOf(cluster: ProcessCluster, options: GapOptions, victim: number): number[][] {
  const ids = cluster.nodes.map((node) => node.id)
  const ledBy = (leader: number): number[] => [leader, ...ids.filter((id) => id !== leader)]
  return Array.from({ length: options.partitions }, (_, partition) => ledBy(options.fault === "rolling" || options.fault === "kill-all" ? ids[partition % ids.length]! : victim))
}

type End = (untilSteady: () => Promise<void>) => Promise<void>

/** Starts the fault; the answer ends it, when the others have gone on. */
async function failing(cluster: ProcessCluster, { fault }: GapOptions, victim: number): Promise<End> {
  const node = cluster.node(victim)
  switch (fault) {
    case "kill":
      await node.kill()
      return (untilSteady) => untilSteady()
    case "stop":
      await node.stop()
      return (untilSteady) => untilSteady()
    case "pause":
      node.pause()
      return backAgain(() => node.resume())
    case "isolate":
      cluster.network.isolate(victim)
      return backAgain(() => cluster.network.heal())
    case "peer-only":
      cluster.network.peerOnly(victim)
      return backAgain(() => cluster.network.heal())
    case "kill-all":
      await cluster.killAll()
      await cluster.startAll()
      return (untilSteady) => untilSteady()
    case "rolling":
      for (const each of cluster.nodes) {
        await each.restart()
        await cluster.client.isrFull()
      }
      return (untilSteady) => untilSteady()
  }
}

/** What the return of the old leader does to the stream counts too. */
const backAgain = (comeBack: () => void): End => async (untilSteady) => {
  await untilSteady()
  comeBack()
  await untilSteady()
}
