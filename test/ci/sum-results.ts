/**
 * Sums what the runners themselves reported: vitest's "Tests  3 failed | 40 passed" and the "N passed, N failed" line
 * that the other tiers end with. A tier that exited with an error without a failed test of its own counts as one failed.
 * What failed is told again at the end, where it is found without reading the output of all tiers.
 */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

interface Count {
  passed: number
  failed: number
  skipped: number
}

const number = (text: string | undefined): number => (text === undefined ? 0 : Number(text))

/** Without colours. */
// eslint-disable-next-line no-control-regex
const linesOf = (log: string): ReadonlyArray<string> => log.replaceAll(/\u001b\[[0-9;]*m/g, "").split("\n")

export function countResults(log: string): Count {
  const count: Count = { passed: 0, failed: 0, skipped: 0 }
  for (const line of linesOf(log)) {
    const vitest = /\bTests\s+(?:(\d+) failed)?(?: \| )?(?:(\d+) passed)?(?: \| (\d+) skipped)?.*\(\d+\)\s*$/.exec(line)
    const plain = /^(?:\S+: )?(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$/.exec(line)
    if (vitest !== null) {
      count.failed += number(vitest[1])
      count.passed += number(vitest[2])
      count.skipped += number(vitest[3])
    } else if (plain !== null) {
      count.passed += number(plain[1])
      count.failed += number(plain[2])
      count.skipped += number(plain[3])
    }
  }
  return count
}

/** Lines told again of each test that failed, and of a tier that names none. */
const linesPerFailure = 25

/** vitest's "FAIL  file > test" with what its project printed next; of a tier without such lines, its end. */
export function failuresIn(log: string): readonly string[] {
  const lines = linesOf(log.trimEnd())
  const failures = lines.flatMap((line, at) => {
    const project = /^(\S+: )?\s*FAIL\s/.exec(line)
    if (project === null) return []
    // Projects run side by side: their lines are mixed, each behind its project's name.
    const own = lines.slice(at).filter((next) => next.startsWith(project[1] ?? ""))
    return own.slice(0, linesPerFailure)
  })
  return failures.length > 0 ? failures : lines.slice(-linesPerFailure)
}

function main(directory: string): number {
  const total: Count = { passed: 0, failed: 0, skipped: 0 }
  const failures: string[] = []
  const files = readdirSync(directory)
  for (const file of files.filter((name) => name.endsWith(".log"))) {
    const tier = file.slice(0, -".log".length)
    const log = readFileSync(join(directory, file), "utf8")
    const count = countResults(log)
    if (files.includes(`${tier}.failed`) || count.failed > 0) failures.push(`--- ${tier}`, ...failuresIn(log))
    if (files.includes(`${tier}.failed`) && count.failed === 0) count.failed = 1
    console.log(`${tier.padEnd(16)} ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped `)
    total.passed += count.passed
    total.failed += count.failed
    total.skipped += count.skipped
  }
  for (const line of failures) console.log(line)
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
  return total.failed
}

if (import.meta.main) process.exitCode = main(process.argv[2] ?? ".") === 0 ? 0 : 1
