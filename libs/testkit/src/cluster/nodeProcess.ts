/**
 * One node as a process of its own, for `mode: "processes"`: its settings are the only argument, "ready" on the standard output says
 * that it serves, "stop" on the standard input ends it in order, and the end of the input says that nobody needs it any more.
 */
import { Tailrace } from "@tailrace/embedded"
import { standardLogger, SystemClock } from "@tailrace/runtime"

const logger = standardLogger({ clock: new SystemClock(), format: "human" })
const abort = new AbortController()
let node: Tailrace | undefined

process.stdin.setEncoding("utf8")
process.stdin.on("end", () => process.exit(1))
process.stdin.on("data", (text: string) => {
  if (!text.startsWith("stop")) return
  abort.abort()
  void (node?.close() ?? Promise.resolve()).then(() => process.exit(0))
})

node = await Tailrace.start({
  properties: JSON.parse(process.argv[2] ?? "{}") as Readonly<Record<string, string>>, storage: "disk", logger, signal: abort.signal
})
node.failed.catch((error: unknown) => {
  logger.error("the node cannot go on", { cause: error })
  process.exit(1)
})
process.stdout.write("ready\n")
