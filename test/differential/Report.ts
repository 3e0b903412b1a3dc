import { compare, type Difference, type Pairs } from "./compare.ts"
import { differences, type KnownDifference } from "./differences.ts"
import { normalise } from "./normalise.ts"
import { ApiKey } from "@tailrace/kafka-protocol"
import type { Step, Versions } from "./Peer.ts"

interface Seen extends Difference {
  readonly step: string
  readonly request: unknown
  readonly known: KnownDifference | undefined
}

const written = (value: unknown): string => value === undefined ? "nothing" : JSON.stringify(value)
const shown = (value: unknown): string => {
  const text = written(value)
  return text.length > 300 ? `${text.slice(0, 300)}...` : text
}

/** Waits below this are too short to be told from a slow machine. */
const waitMillisMin = 3_000

/** One side let the whole wait of a fetch go by, the other did not. */
function compareWaits(kafka: Step | undefined, ours: Step | undefined): Difference[] {
  const { maxWaitMs = 0 } = (kafka?.request ?? {}) as { readonly maxWaitMs?: number }
  const [left, right] = [kafka?.millis ?? 0, ours?.millis ?? 0]
  if (maxWaitMs < waitMillisMin || left >= maxWaitMs === right >= maxWaitMs) return []
  return [{ path: "milliseconds until the answer", kafka: Math.round(left), ours: Math.round(right) }]
}

/** Compares transcripts, counts steps and remembers which known differences were seen. */
export class Report {
  #passed = 0
  #failed = 0
  #skipped = 0
  readonly #isVerbose: boolean
  readonly #seen: Array<Seen> = []
  readonly #used = new Set<KnownDifference>()
  readonly #asked = new Set<string>()

  constructor(isVerbose: boolean) {
    this.#isVerbose = isVerbose
  }

  take(scenario: string, kafka: ReadonlyArray<Step>, ours: ReadonlyArray<Step>, ends: ReadonlyArray<string | undefined>): void {
    for (const end of ends) if (end !== undefined) this.#fail(`${scenario}: the script ended early`, end)
    const [left, right] = [normalise(kafka), normalise(ours)]
    const pairs: Pairs = new Map()
    const count = Math.max(kafka.length, ours.length)
    for (let index = 0; index < count; index++) {
      const step = kafka[index] ?? ours[index]!
      const name = `${scenario}: ${step.name}`
      if (kafka[index]?.name !== ours[index]?.name) {
        this.#fail(name, `the scripts part: Kafka's is at ${kafka[index]?.name ?? "its end"}, ours at ${ours[index]?.name ?? "its end"}`)
        return
      }
      this.#takeStep(name, step, [...compare(left[index], right[index], pairs), ...compareWaits(kafka[index], ours[index])])
    }
  }

  #takeStep(step: string, { api, version, request }: Step, found: ReadonlyArray<Difference>): void {
    if (api !== undefined) this.#asked.add(`${api} v${version}`)
    const seen = found.map((difference) => ({ ...difference, step, request, known: differences.find((known) => known.step.test(step) && known.path.test(difference.path) && (known.when?.(difference) ?? true)) }))
    this.#seen.push(...seen)
    for (const { known } of seen) if (known !== undefined) this.#used.add(known)
    const unknown = seen.filter(({ known }) => known === undefined)
    if (unknown.length > 0) this.#fail(step, unknown.map(({ path, kafka, ours }) => `\n        ${path}: Kafka ${shown(kafka)}, ours ${shown(ours)}`).slice(0, 12).join(""))
    else if (seen.some(({ known }) => known?.kind === "open")) this.#skipped += 1
    else {
      this.#passed += 1
      if (this.#isVerbose) console.log(`pass  ${step}`)
    }
  }

  /** Everything that differs, known or not, for reading. */
  allDifferences(): string {
    return this.#seen.map(({ step, path, kafka, ours, known, request }) =>
      `${known === undefined ? "NEW" : known.kind}\t${step}\t${path}\tKafka ${written(kafka)}\tours ${written(ours)}\t${shown(request)}\n`).join("")
  }

  /** Prints the last lines; true when nothing failed. */
  finish(isWhole: boolean, common: Versions): boolean {
    if (isWhole) this.#checkCoverage(common)
    const unseen = isWhole ? differences.filter((known) => !this.#used.has(known)) : []
    for (const { step, path, reason } of unseen) this.#fail(`known difference at ${String(step)} ${String(path)}`, `not seen any more: ${reason}`)
    for (const known of differences) {
      if (known.kind === "open" && this.#used.has(known)) console.log(`open  ${this.#seen.filter((each) => each.known === known).length} places: ${known.reason}`)
    }
    console.log(`${this.#passed} passed, ${this.#failed} failed, ${this.#skipped} skipped`)
    return this.#failed === 0 && this.#passed > 0
  }

  /** Every version that both servers advertise was asked for at least once. */
  #checkCoverage(common: Versions): void {
    const nameOf = new Map<number, string>(Object.entries(ApiKey).map(([name, key]) => [key, name]))
    for (const [key, { min, max }] of common) {
      for (let version = min; version <= max; version++) {
        // Produce 0-2 are advertised for an old client's sake and served by neither.
        if (key === ApiKey.Produce && version < 3) continue
        if (!this.#asked.has(`${nameOf.get(key)} v${version}`)) this.#fail(`${nameOf.get(key)} v${version}`, "no script asks for it")
      }
    }
  }

  #fail(name: string, reason: string): void {
    this.#failed += 1
    console.log(`FAIL  ${name}: ${reason}`)
  }
}
