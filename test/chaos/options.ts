import { parseArgs } from "node:util"

export interface ChaosOptions {
  readonly isHelp: boolean
  /** Empty for all of the tier. */
  readonly scenarios: ReadonlyArray<string>
  readonly tier: "ci" | "all"
  readonly isGaps: boolean
  readonly rounds: number | undefined
  readonly seconds: number
  readonly layout: "loopback" | "namespaces"
  readonly seed: number
  readonly timerProfile: "default" | "ci"
  readonly parallel: number
  readonly report: string | undefined
  /** Keeps what is written of every scenario, not only of those that fail. */
  readonly keep: boolean
}

export const usage = `usage: npm run chaos [-- options]
  --scenario LIST      names, separated by commas; default every one of the tier
  --tier NAME          ci: the eight that CI runs (default); all
  --seconds N          how long each scenario goes on beginning faults; default 60
  --rounds N           faults of each scenario, however long they take
  --layout NAME        loopback (default) or namespaces; partitions of the network take namespaces in any case
  --seed S             decides what is broken when; default drawn, printed
  --timer-profile NAME default or ci
  --parallel N         scenarios at the same time; default 2 for a tier, 1 for names
  --report DIR         report.md and report.json, and what is kept of failures; default a temporary directory
  --keep               keeps logs, data and histories of scenarios that pass, too
  --gaps               measures the longest silences against the goals instead; with --rounds, --seconds has no meaning`

const seedsMax = 2 ** 31
const secondsDefault = 60

/** Throws for what cannot be meant. */
export function chaosOptions(args: ReadonlyArray<string>, drawn: number): ChaosOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      "scenario": { type: "string" }, "tier": { type: "string", default: "ci" }, "gaps": { type: "boolean", default: false }, "keep": { type: "boolean", default: false }, "rounds": { type: "string" },
      "seconds": { type: "string" }, "layout": { type: "string", default: "loopback" }, "seed": { type: "string" },
      "timer-profile": { type: "string", default: "default" }, "parallel": { type: "string" }, "report": { type: "string" },
      "help": { type: "boolean", default: false }
    }
  })
  const scenarios = values.scenario?.split(",") ?? []
  const rounds = values.rounds === undefined ? undefined : whole("rounds", values.rounds)
  return {
    isHelp: values.help, scenarios, isGaps: values.gaps, rounds, report: values.report, keep: values.keep,
    tier: oneOf("tier", values.tier, ["ci", "all"]),
    seconds: values.seconds === undefined ? rounds === undefined ? secondsDefault : Infinity : whole("seconds", values.seconds),
    layout: oneOf("layout", values.layout, ["loopback", "namespaces"]),
    seed: values.seed === undefined ? Math.floor(drawn * seedsMax) : whole("seed", values.seed),
    timerProfile: oneOf("timer-profile", values["timer-profile"], ["default", "ci"]),
    parallel: values.parallel === undefined ? scenarios.length > 0 ? 1 : 2 : whole("parallel", values.parallel)
  }
}

function whole(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < (name === "seed" ? 0 : 1)) throw new Error(`--${name}: "${text}" is no such number`)
  return value
}

function oneOf<T extends string>(name: string, text: string, choices: ReadonlyArray<T>): T {
  const found = choices.find((choice) => choice === text)
  if (found === undefined) throw new Error(`--${name}: "${text}" is none of ${choices.join(", ")}`)
  return found
}
