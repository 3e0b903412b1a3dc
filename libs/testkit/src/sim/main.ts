// npm run sim -- --seeds 500 [--from N] [--seed N --verbose] [--bug NAME] [--find-bugs] [--hash] [--shrink]
import { availableParallelism } from "node:os"
import { parseArgs } from "node:util"
import { Simulator } from "./runner/Simulator.ts"

const { values } = parseArgs({
  options: {
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
    "keep-going": { type: "boolean", default: false }
  }
})

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
