// Clusters of real processes that are broken while clients work. README.md says what each scenario does and what counts.
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { loadavg, tmpdir } from "node:os"
import { join } from "node:path"
import { Tier } from "../bench/harness/Tier.ts"
import { NamespaceLayout } from "../cluster/NamespaceLayout.ts"
import { chaosReport, type Outcome } from "./ChaosReport.ts"
import { measureGoals } from "./gapGoals.ts"
import { type ChaosOptions, chaosOptions, usage } from "./options.ts"
import { runScenario } from "./runScenario.ts"
import type { Need, Scenario } from "./Scenario.ts"
import { scenarios } from "./scenarios/index.ts"

const gapRoundsDefault = 3
const roundsPerProgress = 10

/** Why the machine lacks it, or undefined where it has it. */
const missing: Readonly<Record<Need, () => string | undefined>> = {
  namespaces: () => NamespaceLayout.missing(),
  mounts: () => process.getuid?.() === 0 ? undefined : "mounting needs root",
  strace: () => {
    try {
      execFileSync("strace", ["--version"], { stdio: "ignore" })
      return undefined
    } catch {
      return "strace is not installed"
    }
  }
}

function chosen(options: ChaosOptions): Scenario[] {
  if (options.scenarios.length === 0) return scenarios.filter((one) => options.tier === "all" || one.isInCi === true)
  return options.scenarios.map((name) => {
    const found = scenarios.find((one) => one.name === name)
    if (found === undefined) throw new Error(`no scenario "${name}": ${scenarios.map((one) => one.name).join(", ")}`)
    return found
  })
}

/** What the machine can run of them; what it cannot is said, and another one runs in its place where there is one. */
function possible(tier: Tier, wanted: ReadonlyArray<Scenario>): Scenario[] {
  return wanted.flatMap((scenario) => {
    const reason = scenario.needs?.map((need) => missing[need]()).find((each) => each !== undefined)
    if (reason === undefined) return [scenario]
    const substitute = scenarios.filter((one) => one.standsInFor === scenario.name && !wanted.includes(one))
    tier.skip(scenario.name, `${reason}${substitute.map((one) => `; ${one.name} runs instead`).join("")}`)
    return substitute
  })
}

async function runAll(tier: Tier, list: ReadonlyArray<Scenario>, options: ChaosOptions, directory: string): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  const waiting = [...list]
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      try {
        const outcome = await runScenario(next, { ...options, directory, onRound: progressOf(next.name, options) })
        outcomes.push(outcome)
        tell(tier, outcome, options)
      } catch (error) {
        tier.fail(next.name, error instanceof Error ? error.stack ?? error.message : String(error))
      }
    }
  }
  await Promise.all(Array.from({ length: options.parallel }, work))
  return outcomes.sort((a, b) => list.findIndex((one) => one.name === a.scenario) - list.findIndex((one) => one.name === b.scenario))
}

/** Only what runs for long tells how far it is. */
function progressOf(name: string, { rounds: all }: ChaosOptions): (rounds: number) => void {
  return (rounds) => {
    if (all !== undefined && rounds % roundsPerProgress === 0) console.log(`      ${name}: ${rounds} of ${all} faults`)
  }
}

function tell(tier: Tier, outcome: Outcome, options: ChaosOptions): void {
  const { acknowledged } = outcome.check
  const { p50, p99, max } = outcome.gaps
  const summary = `${outcome.windows.length} faults, ${acknowledged} acknowledged, gap p50 ${p50.toFixed(0)} p99 ${p99.toFixed(0)} max ${max.toFixed(0)} ms`
  for (const note of outcome.notes) console.log(`note  ${outcome.scenario}: ${note}`)
  if (chaosReport.isGood(outcome)) return tier.pass(outcome.scenario, summary)
  const replay = [
    "npm run chaos --", `--scenario ${outcome.scenario}`, `--seed ${outcome.seed}`, options.rounds === undefined ? `--seconds ${options.seconds}` : `--rounds ${options.rounds}`,
    `--layout ${options.layout}`, `--timer-profile ${options.timerProfile}`
  ].join(" ")
  tier.fail(outcome.scenario, [summary, ...chaosReport.reasons(outcome), `kept: ${outcome.directory}`, `again: ${replay}`].join("\n      "))
}

async function main(): Promise<void> {
  const options = chaosOptions(process.argv.slice(2), Math.random())
  if (options.isHelp) return console.log(`${usage}\nscenarios:\n${scenarios.map(({ name, title }) => `  ${name.padEnd(24)} ${title}`).join("\n")}`)
  const tier = new Tier()
  if (options.isGaps) {
    const table = await measureGoals(tier, { rounds: options.rounds ?? gapRoundsDefault, timerProfile: options.timerProfile })
    console.log(`\nload average ${loadavg()[0]?.toFixed(1)}\n${table}\n`)
    tier.finish()
  }
  const directory = options.report ?? mkdtempSync(join(tmpdir(), "tailrace-chaos-"))
  mkdirSync(directory, { recursive: true })
  const list = possible(tier, chosen(options))
  console.log(`seed ${options.seed}, ${list.length} scenarios, ${options.parallel} at a time; report in ${directory}`)
  const outcomes = await runAll(tier, list, options, directory)
  writeFileSync(join(directory, "report.md"), `${chaosReport.markdown(outcomes)}\n`)
  writeFileSync(join(directory, "report.json"), chaosReport.json(outcomes))
  console.log(`\n${chaosReport.markdown(outcomes)}\n`)
  tier.finish()
}

await main()
