// The simulator as a command. SIMULATOR.md says what a seed is and what the rules are.
import { availableParallelism } from "node:os"
import { parseArgs } from "node:util"
import { Simulator } from "./runner/Simulator.ts"

const usage = `usage: npm run sim [-- options]
  --seeds N        how many seeds, side by side; default 100
  --from N         the first of them; default 1
  --seed N         this one alone
  --verbose        keeps result, history, elections and trace of each seed in the directory
  --keep-going     goes on after many failures
  --shrink         makes failures as short as they can be made
  --hash           prints a hash over every message and store operation of each seed instead
  --find-bugs      by which seed each planted bug is found; --bug NAME for one of them
  --check-bugs     that each planted bug is still found by the seed that is noted for it
  --bug NAME       runs the seeds with this bug planted
  --processes N    default one for each processor
  --directory DIR  where failures are kept; default .sim`

const options = {
  seeds: { type: "string", default: "100" },
  from: { type: "string", default: "1" },
  seed: { type: "string" },
  verbose: { type: "boolean", default: false },
  bug: { type: "string" },
  "find-bugs": { type: "boolean", default: false },
  "check-bugs": { type: "boolean", default: false },
  hash: { type: "boolean", default: false },
  shrink: { type: "boolean", default: false },
  processes: { type: "string", default: String(availableParallelism()) },
  directory: { type: "string", default: ".sim" },
  "keep-going": { type: "boolean", default: false },
  help: { type: "boolean", default: false }
} as const

const usageFault = 2

function readOptions() {
  try {
    const { values } = parseArgs({ options })
    for (const name of ["seeds", "from", "seed", "processes"] as const) {
      const text = values[name]
      if (text !== undefined && !(Number.isSafeInteger(Number(text)) && Number(text) >= 1)) throw new TypeError(`--${name} is a number from 1 on, not "${text}"`)
    }
    return values
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause
    process.stderr.write(`${cause.message}\n${usage}\n`)
    process.exit(usageFault)
  }
}

const values = readOptions()
if (values.help) {
  process.stdout.write(`${usage}\n`)
  process.exit()
}

/** What shells call the end by SIGPIPE. */
const brokenPipe = 141

// A reader that has seen enough, such as `head`, ends the run, and the processes of the seeds end with this one.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error
  process.exit(brokenPipe)
})

const simulator = new Simulator({
  processes: Number(values.processes), directory: values.directory, isVerbose: values.verbose, keepsGoing: values["keep-going"],
  shrinks: values.shrink, ...(values.bug === undefined ? {} : { bug: values.bug }), write: (text) => void process.stdout.write(text)
})
const from = Number(values.seed ?? values.from)
const count = values.seed === undefined ? Number(values.seeds) : 1
const isGood = values["find-bugs"] ? await simulator.findBugs(from, count)
  : values["check-bugs"] ? await simulator.checkBugs()
  : values.hash ? await simulator.printHashes(from, count)
  : await simulator.run(from, count)
process.exitCode = isGood ? 0 : 1
