import { mkdirSync, rmSync } from "node:fs"
import { loadavg } from "node:os"
import { join } from "node:path"
import { SystemClock } from "@tailrace/runtime"
import { SeededRandom } from "@tailrace/runtime/simulated"
import { checkHistory, type CheckResult, drainTopics, GroupWorkload, History, longestAckGaps, percentilesOf, SendWorkload, writeHistoryFile } from "@tailrace/testkit"
import { ProcessCluster } from "../cluster/ProcessCluster.ts"
import { TailraceKind } from "../cluster/TailraceKind.ts"
import { Chaos, chaosLimits } from "./Chaos.ts"
import type { Outcome } from "./ChaosReport.ts"
import { NodeWatch } from "./NodeWatch.ts"
import { compareReplicas } from "./replicaFaults.ts"
import type { Scenario } from "./Scenario.ts"

export interface RunOptions {
  readonly seed: number
  /** Faults to be done; without it as many as fit into the time. */
  readonly rounds: number | undefined
  /** How long clients are at work, from their start to the last fault's end; what is left after that comes on top. */
  readonly seconds: number
  readonly layout: "loopback" | "namespaces"
  readonly timerProfile: "default" | "ci"
  /** Data, logs and, where it fails, the history go below. */
  readonly directory: string
  readonly keep: boolean
  /** Hears how many rounds are done. */
  readonly onRound: (rounds: number) => void
}

const topics = { sends: "chaos", group: "chaos-group" } as const
const noteCharactersMax = 300
const sendPartitions = 6
const groupPartitions = 3
const sendMillis = 20
const groupSendMillis = 60
const drainMillisMax = 60_000
/** Longer than any run; each ends when its faults are over. */
const workMillisMax = 24 * 3_600_000

const partitionsOf = (topic: string, count: number) => Array.from({ length: count }, (_, partition) => ({ topic, partition }))
const all = [...partitionsOf(topics.sends, sendPartitions), ...partitionsOf(topics.group, groupPartitions)]
const keyOf = ({ topic, partition }: { readonly topic: string; readonly partition: number }): string => `${topic}/${partition}`
const messageOf = (error: unknown): string => error instanceof Error ? error.message : String(error)

/** A cluster of its own, clients at work, faults, everything healed, everything read again by fresh clients, every copy compared. */
export async function runScenario(scenario: Scenario, options: RunOptions): Promise<Outcome> {
  const directory = join(options.directory, scenario.name)
  mkdirSync(directory, { recursive: true })
  const run = new ScenarioRun(scenario, options)
  const outcome = await run.run(directory)
  if (outcome.faults.length === 0 && outcome.check.isValid && !options.keep) rmSync(directory, { recursive: true, force: true })
  else writeHistoryFile(join(directory, "history.jsonl"), run.history.operations, { seed: options.seed, scenario: scenario.name })
  return outcome
}

class ScenarioRun {
  readonly history: History
  readonly #scenario: Scenario
  readonly #options: RunOptions
  readonly #clock = new SystemClock()
  readonly #random: SeededRandom
  readonly #faults: string[] = []
  #onOperation: Chaos["onOperation"] = () => undefined

  constructor(scenario: Scenario, options: RunOptions) {
    this.#scenario = scenario
    this.#options = options
    this.#random = new SeededRandom(options.seed)
    this.history = new History(this.#clock, { onOperation: (operation) => this.#onOperation(operation) })
  }

  async run(directory: string): Promise<Outcome> {
    const { layout, seed, timerProfile } = this.#options
    const load = loadavg()[0] ?? 0
    const { diskMebibytes } = this.#scenario
    const cluster = await ProcessCluster.start({
      kind: new TailraceKind(timerProfile), layout: this.#scenario.needs?.includes("namespaces") === true ? "namespaces" : layout, directory,
      ...diskMebibytes === undefined ? {} : { diskMebibytes }
    })
    const watch = new NodeWatch(cluster)
    const chaos = new Chaos({ cluster, history: this.history, clock: this.#clock, random: this.#random, watch, keys: all.map(keyOf), topic: topics.sends })
    this.#onOperation = chaos.onOperation
    let elections = { leaders: 0, controller: 0 }
    let check: CheckResult
    try {
      await this.#attempt("the run", async () => {
        await this.#createTopics(cluster)
        elections = await this.#work(chaos)
      })
      check = await this.#verify(cluster, watch)
      const damage = watch.damageLines()
      if (damage.length > 0) chaos.notes.push(`damage was found ${damage.length} times, first by ${damage[0]?.slice(0, noteCharactersMax)}`)
    } finally {
      watch.stop()
      await cluster.close()
    }
    this.#faults.push(...watch.orphans().map((pid) => `process ${pid} outlived the cluster`))
    return {
      scenario: this.#scenario.name, title: this.#scenario.title, seed, layout: cluster.layout.name, load, directory, check, elections,
      windows: chaos.windows, notes: chaos.notes, faults: this.#faults, invalidBecause: invalidity(chaos), ...gapsOf(chaos, this.history)
    }
  }

  async #createTopics(cluster: ProcessCluster): Promise<void> {
    const configs = { "min.insync.replicas": "2" }
    await cluster.client.createTopic({ name: topics.sends, partitions: sendPartitions, replicationFactor: 3, configs })
    await cluster.client.createTopic({ name: topics.group, partitions: groupPartitions, replicationFactor: 3, configs })
  }

  /** Clients at work from before the first fault until after the last; answers the elections that there were. */
  async #work(chaos: Chaos): Promise<Outcome["elections"]> {
    const { rounds = Infinity, seconds } = this.#options
    let finish = (): void => undefined
    const until = new Promise<void>((resolve) => {
      finish = resolve
    })
    const shared = {
      history: this.history, clock: this.#clock, random: this.#random.fork(), durationMillis: workMillisMax, until,
      client: { bootstrapServers: chaos.cluster.bootstrap }
    }
    const work = Promise.all([
      new SendWorkload({ ...shared, partitions: partitionsOf(topics.sends, sendPartitions), intervalMillis: sendMillis }).run(),
      new GroupWorkload({ ...shared, partitions: partitionsOf(topics.group, groupPartitions), intervalMillis: groupSendMillis, group: "chaos" }).run()
    ])
    const since = this.#clock.monotonicMillis()
    let before = { leaders: 0, controller: 0 }
    try {
      await Promise.race([work, (async () => {
        await chaos.served("at the beginning")
        before = await chaos.epochs()
        for (let round = 0; round < rounds && this.#clock.monotonicMillis() - since < seconds * 1000; round++) {
          await chaos.whole()
          await this.#scenario.round(chaos)
          this.#options.onRound(round + 1)
        }
      })()])
    } catch (error) {
      this.#faults.push(`round ${chaos.windows.length + 1}: ${messageOf(error)}`)
    }
    await this.#attempt("healing", () => chaos.whole())
    const after = await chaos.epochs()
    finish()
    const [{ skippedRecords }] = await work
    if (skippedRecords > 0) chaos.notes.push(`${skippedRecords} sends left out since too many were under way`)
    return { leaders: after.leaders - before.leaders, controller: after.controller - before.controller }
  }

  /** Fresh clients read everything; then the nodes end in order and their copies are compared. */
  async #verify(cluster: ProcessCluster, watch: NodeWatch): Promise<CheckResult> {
    const ends = new Map<string, number>()
    await this.#attempt("the last read", async () => {
      const client = { bootstrapServers: cluster.bootstrap, requestTimeoutMillis: 5_000 }
      const unread = await drainTopics({ history: this.history, clock: this.#clock, client, partitions: all, timeoutMillis: drainMillisMax })
      if (unread.length > 0) throw new Error(`${unread.join(", ")} could not be read`)
      await cluster.client.isrFull()
    })
    for (const { f, type, marks } of this.history.operations) {
      if (f === "drain" && type === "ok") for (const { kind, key, offset } of marks) if (kind === "end") ends.set(key, offset)
    }
    await this.#attempt("the end of the nodes", async () => {
      for (const node of cluster.nodes) watch.expectDown(node.process)
      await Promise.all(cluster.nodes.map((node) => node.stop()))
      for (const { id, process } of cluster.nodes) if (process.child?.exit?.code !== 0) throw new Error(`node ${id} ${process.lastWords}`)
    })
    await this.#attempt("comparing replicas", async () => void this.#faults.push(...await compareReplicas(cluster.nodes, ends)))
    this.#faults.push(...watch.unexpectedExits, ...watch.impossibleLines())
    return checkHistory(this.history)
  }

  async #attempt(what: string, body: () => Promise<void>): Promise<void> {
    try {
      await body()
    } catch (error) {
      this.#faults.push(`${what}: ${messageOf(error)}`)
    }
  }
}

function invalidity(chaos: Chaos): string[] {
  const quiet = chaos.windows.filter((one) => one.attempted < chaosLimits.attemptsMin).map((one) => `${one.attempted} sends during ${one.title}, at least ${chaosLimits.attemptsMin} are needed`)
  return chaos.windows.length === 0 ? ["no fault was done"] : quiet
}

/** One figure for each partition and fault: the longest silence from the fault's beginning until everything was served again. */
function gapsOf(chaos: Chaos, history: History): Pick<Outcome, "gaps" | "recovery"> {
  const gaps = chaos.windows.flatMap(({ fromMillis, recoveredMillis }) =>
    longestAckGaps(history, { fromMillis, toMillis: recoveredMillis }).map(({ millis }) => millis))
  return { gaps: percentilesOf(gaps), recovery: percentilesOf(chaos.windows.map((one) => one.recoveredMillis - one.endMillis)) }
}
