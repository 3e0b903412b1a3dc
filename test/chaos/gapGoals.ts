import type { Tier } from "../bench/harness/Tier.ts"
import { loadClients, type LoadClient, type LoadClientName } from "../cluster/loadClients.ts"
import { measureGaps, type GapFault, type GapResult, type GapVictim } from "../cluster/measureGaps.ts"
import { NamespaceLayout } from "../cluster/NamespaceLayout.ts"
import { ProcessCluster } from "../cluster/ProcessCluster.ts"
import { percentilesOf } from "../cluster/silences.ts"
import { TailraceKind } from "../cluster/TailraceKind.ts"

interface GapGoal {
  readonly title: string
  readonly fault: GapFault
  readonly victim: GapVictim
  readonly clients: ReadonlyArray<LoadClientName>
  /** The client's limit for one request; 0 for its own defaults, of which figures are published and nothing is asked. */
  readonly requestMillis: number
  readonly p50Max?: number
  readonly p99Max?: number
  readonly failedMax?: number
}

export interface GapGoalOptions {
  readonly rounds: number
  readonly timerProfile: "default" | "ci"
}

interface GapRow {
  readonly title: string
  readonly client: string
  readonly result: GapResult
  readonly goal: GapGoal
}

const partitions = 30
const requestMillis = 1_500
const measureMillisMax = 1_800_000

const faults: ReadonlyArray<Omit<GapGoal, "requestMillis" | "clients">> = [
  { title: "kill -9 of a leader", fault: "kill", victim: "leader", p50Max: 1_000, p99Max: 3_000 },
  { title: "kill -9 of the controller, which leads", fault: "kill", victim: "controller", p99Max: 6_000 },
  { title: "a leader paused", fault: "pause", victim: "leader", p99Max: 5_000 },
  { title: "a leader cut off", fault: "isolate", victim: "leader", p99Max: 5_000 }
]

const goals: ReadonlyArray<GapGoal> = [
  ...faults.map((fault): GapGoal => ({ ...fault, clients: ["librdkafka"], requestMillis })),
  { title: "rolling restart", fault: "rolling", victim: "leader", clients: ["java", "librdkafka"], requestMillis: 0, p99Max: 500, failedMax: 0 },
  { title: "kill -9 of all nodes", fault: "kill-all", victim: "leader", clients: ["librdkafka"], requestMillis, p99Max: 15_000 },
  ...faults.map(({ title, fault, victim }): GapGoal => ({ title, fault, victim, clients: ["librdkafka"], requestMillis: 0 }))
]

/** Measures the longest silence of each of 30 partitions for every goal, and answers the table. */
export async function measureGoals(tier: Tier, { rounds, timerProfile }: GapGoalOptions): Promise<string> {
  const clients = await loadClients(["java", "librdkafka"])
  const rows: GapRow[] = []
  for (const layout of ["loopback", "namespaces"] as const) {
    const those = goals.filter((goal) => (goal.fault === "isolate") === (layout === "namespaces"))
    const missing = layout === "namespaces" ? NamespaceLayout.missing() : undefined
    if (missing !== undefined) {
      for (const { title } of those) tier.skip(title, missing)
      continue
    }
    await using cluster = await ProcessCluster.start({ kind: new TailraceKind(timerProfile), layout })
    for (const goal of those) {
      for (const client of clients.filter((one) => goal.clients.includes(one.name))) await measure(tier, cluster, client, goal, rounds, rows)
    }
  }
  return table(rows)
}

async function measure(tier: Tier, cluster: ProcessCluster, client: LoadClient, goal: GapGoal, rounds: number, rows: GapRow[]): Promise<void> {
  const title = `${goal.title}; ${client.title}, ${goal.requestMillis === 0 ? "its defaults" : `requests ${goal.requestMillis} ms`}`
  if (client.missing !== undefined) return tier.skip(title, client.missing)
  await tier.check(title, measureMillisMax, async () => {
    const result = await measureGaps(cluster, client, { fault: goal.fault, victim: goal.victim, requestMillis: goal.requestMillis, partitions, rounds })
    rows.push({ title: goal.title, client: client.title, result, goal })
    const { p50, p99, max } = percentilesOf(result.silences)
    const figures = `p50 ${p50.toFixed(0)} p99 ${p99.toFixed(0)} max ${max.toFixed(0)} ms, ${result.acknowledged} acknowledged, ${result.failed} failed`
    const missed = [
      ...result.faults.slice(0, 3), ...above("p50", p50, goal.p50Max), ...above("p99", p99, goal.p99Max), ...above("failed sends", result.failed, goal.failedMax)
    ]
    if (missed.length > 0) throw new Error(`${figures}: ${missed.join("; ")}`)
    return figures
  })
}

const above = (name: string, value: number, most: number | undefined): string[] =>
  most === undefined || value <= most ? [] : [`${name} ${value.toFixed(0)} is above ${most}`]

function table(rows: ReadonlyArray<GapRow>): string {
  const lines = rows.map(({ title, client, result, goal }) => {
    const { p50, p99, max } = percentilesOf(result.silences)
    const asked = [goal.p50Max === undefined ? "" : `p50 ${goal.p50Max}`, goal.p99Max === undefined ? "" : `p99 ${goal.p99Max}`].filter((part) => part !== "").join(", ")
    const limit = goal.requestMillis === 0 ? "its defaults" : `requests ${goal.requestMillis} ms`
    return [title, `${client}, ${limit}`, result.silences.length, ...[p50, p99, max].map(Math.round), asked, result.acknowledged, result.failed, result.faults.length]
  })
  const head = ["fault", "client", "silences", "p50 ms", "p99 ms", "max ms", "goal", "acknowledged", "failed sends", "lost, doubled or reordered"]
  return [head, head.map(() => "---"), ...lines].map((line) => `| ${line.join(" | ")} |`).join("\n")
}
