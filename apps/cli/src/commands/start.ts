import type { Tailrace } from "@tailrace/embedded"
import type { BrokerConfigError } from "@tailrace/metadata"
import type { LoadedConfig, Logger } from "@tailrace/runtime"
import type { Arguments } from "../Arguments.ts"
import { defineCommand } from "../Command.ts"
import { CommandError } from "../CommandError.ts"
import type { Context } from "../Context.ts"
import { ExitCode } from "../ExitCode.ts"
import { checkClusterSettings, type ClusterSettings } from "../internal/clusterSettings.ts"
import { explainDamage, explainMismatch } from "../internal/damagedDirectory.ts"
import { nearest } from "../internal/nearest.ts"
import { every, monotonicMillis } from "../internal/timing.ts"
import { untilEnd } from "../internal/untilEnd.ts"
import { UsageError } from "../UsageError.ts"

const flags = {
  "config": { type: "text", value: "FILE", help: "A file like Kafka's server.properties; also as the bare word. Default TAILRACE_CONFIG." },
  "override": { type: "text", value: "KEY=VALUE", isList: true, help: "A setting that wins over file and environment." },
  "data": { type: "text", value: "DIR", short: "d", help: "The data directory (log.dirs); default ./data." },
  "port": { type: "integer", value: "N", short: "p", help: "The port on localhost, instead of 9092; 0 takes any free one." },
  "http": { type: "text", value: "HOST:PORT", help: "Where /metrics, /healthz and /readyz are; default localhost:9644. \"off\" for nowhere." },
  "memory": { type: "switch", help: "Keep everything in memory, and lose it at the end: for tests." },
  "log-level": { type: "text", value: "LEVEL", oneOf: ["debug", "info", "warn", "error", "off"], help: "Default TAILRACE_LOG_LEVEL or info." },
  "log-format": { type: "text", value: "FORMAT", oneOf: ["human", "json"], help: "Default TAILRACE_LOG_FORMAT, else human on a terminal and json elsewhere." },
  "json": { type: "switch", help: "The ready line, and errors, for programs." }
} as const

type StartArguments = Arguments<keyof typeof flags>

/** Variables with our prefix that are no settings of the broker: those of this command, of its clients, and of the testkit. */
const environmentIgnored = [
  "TAILRACE_CONFIG", "TAILRACE_BOOTSTRAP_SERVERS", "TAILRACE_LOG_LEVEL", "TAILRACE_LOG_FORMAT", "TAILRACE_REPORTS", "TAILRACE_SEED"
]

export const start = defineCommand({
  name: "start",
  summary: "Runs a node, alone or in a cluster, until SIGINT, SIGTERM or SIGHUP. A second signal ends it at once.",
  usage: "[server.properties] [flags]",
  flags,
  examples: [
    "tailrace start",
    "tailrace start --data /var/lib/tailrace --port 19092",
    "tailrace start server.properties --override log.retention.hours=24",
    "tailrace start node-1.properties     # one of a cluster: see tailrace cluster nats-config --help",
    "TAILRACE_AUTO_CREATE_TOPICS_ENABLE=false tailrace start"
  ],
  async run(args, context) {
    const interrupted = context.interrupted()
    const [{ loadConfig, LineLogger, FileSink, SystemClock }, embedded] = await Promise.all([
      import("@tailrace/runtime"), import("@tailrace/embedded")
    ])
    const file = configFile(args, context)
    const loaded = loadConfig({
      ...file === undefined ? {} : { file },
      environment: context.environment, environmentIgnored,
      overrides: [...shortcuts(args), ...args.texts("override")]
    })
    const clock = new SystemClock()
    const sink = new FileSink({ clock })
    try {
      return await runNode(args, context, embedded.Tailrace.start, loaded, new LineLogger({ clock, sink, ...logOptions(args, context) }), interrupted)
    } finally {
      // A reader that stands still must not hold the process.
      sink.close()
    }
  }
})

const runNode = async (
  args: StartArguments, context: Context, launch: typeof Tailrace.start, loaded: LoadedConfig, logger: Logger, interrupted: AbortSignal
): Promise<number> => {
  // In a process of its own the health server is on by default, other than in a program that embeds the node.
  const properties = new Map([["http.listener", httpListenerDefault], ...loaded.values])
  const settings = checkClusterSettings(properties)
  const startNode = (): Promise<Tailrace> => launch({
    properties, storage: args.has("memory") ? "memory" : "disk", logger, signal: interrupted
  })
  const endWaiting = reportWaiting(settings, logger, interrupted)
  const node = await startNode().catch((error: unknown) => {
    // A second node on one machine needs no flag for a server that nobody asked for; who did ask gets the error.
    if (loaded.values.has("http.listener") || !isHttpPortInUse(error, properties)) throw error
    logger.warn("the port of http.listener is in use: no /metrics and /healthz on this node", { "http.listener": httpListenerDefault })
    properties.set("http.listener", "")
    return startNode()
  }).catch(async (error: unknown) => {
    if (interrupted.aborted) return undefined
    throw await explainStart(error, loaded, properties, settings)
  }).finally(endWaiting)
  if (node === undefined) {
    logger.info("stopped before it served")
    return ExitCode.ok
  }
  printReady(args, context, node, properties)
  return untilEnd(node, logger, interrupted)
}

/** So often a node that still waits says for whom. */
const waitingMillis = 10_000

/** Tells whoever waits for a node of a cluster what it waits for itself; a node that is alone needs nobody. */
const reportWaiting = ({ isClustered, isSpareController, nodeId, voterIds }: ClusterSettings, logger: Logger, interrupted: AbortSignal): () => void => {
  const onStop = (): void => logger.info("stopping", { signal: String(interrupted.reason) })
  interrupted.addEventListener("abort", onStop, { once: true })
  if (isSpareController) {
    logger.info("this node is none of the first controllers and follows them", { controllers: voterIds, makeItOne: `tailrace cluster add-controller ${nodeId}` })
  }
  const startMillis = monotonicMillis()
  const stop = isClustered ? every(waitingMillis, () => logger.warn("not ready yet: waiting for NATS and a majority of the controllers", {
    controllers: voterIds, seconds: Math.round((monotonicMillis() - startMillis) / 1000),
    check: "cluster.name and controller.quorum.voters are the same on all nodes, and node.id is on none twice"
  })) : () => undefined
  return () => {
    stop()
    interrupted.removeEventListener("abort", onStop)
  }
}

const httpListenerDefault = "localhost:9644"

const isHttpPortInUse = (error: unknown, properties: ReadonlyMap<string, string>): boolean => {
  const { code, port } = error as { readonly code?: string; readonly port?: number }
  return code === "EADDRINUSE" && port !== undefined && (properties.get("http.listener") ?? "").endsWith(`:${port}`)
}

const configFile = (args: StartArguments, context: Context): string | undefined => {
  const [positional, ...more] = args.positionals
  const flag = args.text("config")
  if (more.length > 0 || (positional !== undefined && flag !== undefined)) throw new UsageError("only one configuration file can be given")
  return flag ?? positional ?? context.environment["TAILRACE_CONFIG"]
}

/** Flags that stand for settings. */
const shortcuts = (args: StartArguments): ReadonlyArray<string> => {
  const data = args.text("data")
  const port = args.integer("port")
  const http = args.text("http")
  if (port !== undefined && !(port >= 0 && port <= 65_535)) throw new UsageError("--port needs a number from 0 to 65535")
  return [
    ...data === undefined ? [] : [`log.dirs=${data}`],
    ...port === undefined ? [] : [`listeners=PLAINTEXT://localhost:${port}`],
    ...http === undefined ? [] : [`http.listener=${http === "off" ? "" : http}`]
  ]
}

const logOptions = (args: StartArguments, context: Context) => {
  const read = <Choice extends string>(flag: "log-level" | "log-format", variable: string, choices: ReadonlyArray<Choice>): Choice | undefined => {
    const text = args.text(flag) ?? context.environment[variable]
    const found = choices.find((choice) => choice === text?.toLowerCase())
    if (text !== undefined && found === undefined) throw new UsageError(`${variable} cannot be "${text}"`, `It is one of: ${choices.join(", ")}.`)
    return found
  }
  return {
    level: read("log-level", "TAILRACE_LOG_LEVEL", flags["log-level"].oneOf) ?? "info",
    format: read("log-format", "TAILRACE_LOG_FORMAT", flags["log-format"].oneOf) ?? (context.stderr.isTTY === true ? "human" : "json")
  } as const
}

const hostPort = ({ host, port }: { readonly host: string; readonly port: number }): string =>
  `${host.includes(":") ? `[${host}]` : host}:${port}`

/** Programs wait for this line, so it is the only one on the standard output, and it comes when the node serves. */
const printReady = (args: StartArguments, context: Context, node: Tailrace, properties: ReadonlyMap<string, string>): void => {
  const { addresses, clusterId, httpAddress, nodeId } = node
  // A relative path means the working directory, as with Kafka: that it is another one than last time is to be seen.
  const data = args.has("memory") ? undefined : process.getBuiltinModule("node:path").resolve(properties.get("log.dirs") ?? properties.get("log.dir") ?? "./data")
  if (args.has("json")) {
    context.stdout.write(`${JSON.stringify({ ready: true, addresses, httpAddress, nodeId, clusterId, data, pid: process.pid })}\n`)
    return
  }
  context.stdout.write(`Tailrace is ready: ${addresses.map((address) => `kafka://${hostPort(address)}`).join(", ")} (node ${nodeId}, cluster ${
    clusterId}, ${data === undefined ? "in memory" : `data ${data}`}${httpAddress === undefined ? "" : `, http://${hostPort(httpAddress)}`})\n`)
}

/** Errors of starting, with what to do about them. */
const explainStart = async (
  error: unknown, loaded: LoadedConfig, properties: ReadonlyMap<string, string>, { isClustered }: ClusterSettings
): Promise<unknown> => {
  if (!(error instanceof Error)) return error
  const { _tag: tag, code, port } = error as Error & { readonly _tag?: string; readonly code?: string; readonly port?: number }
  if (tag === "BrokerConfigError") return explainConfig(error as BrokerConfigError, loaded)
  if (tag === "DirectoryLockedError") {
    return new CommandError(error.message, {
      advice: "Stop that process, or choose another directory with --data DIR.", exitCode: ExitCode.directoryLocked, cause: error
    })
  }
  if (tag === "DirectoryDamagedError" || tag === "MetadataDamagedError") return explainDamage(error as Error & { readonly directory: string }, isClustered)
  if (tag === "MetadataMismatchError") return explainMismatch(error as Error & { readonly found: string; readonly advice: string })
  if (code === "EADDRINUSE") {
    const isHttp = isHttpPortInUse(error, properties)
    return new CommandError(`port ${port ?? ""} is in use by another process${isHttp ? " (http.listener)" : ""}`, {
      advice: isHttp ? "Choose another one with --http localhost:PORT, or none with --http off." : "Stop that process, or choose another port with --port N.",
      exitCode: ExitCode.addressInUse, cause: error
    })
  }
  if (code === "EACCES") {
    return new CommandError(`not allowed: ${error.message}`, {
      advice: "Choose a port above 1023 with --port, or a directory that this user may write with --data.", cause: error
    })
  }
  if (code !== undefined && directoryCodes.has(code)) {
    return new CommandError(`the data directory cannot be used: ${error.message}`, { advice: "Choose another one with --data DIR.", cause: error })
  }
  return error
}

const directoryCodes: ReadonlySet<string> = new Set(["EEXIST", "ENOTDIR", "ENOENT", "EROFS", "ENOSPC", "ENAMETOOLONG"])

const explainConfig = async (error: BrokerConfigError, { origins }: LoadedConfig): Promise<CommandError> => {
  const { brokerConfigs } = await import("@tailrace/metadata")
  const { describeOrigin } = await import("@tailrace/runtime")
  const lines = error.problems.map(({ message, name }) => {
    const origin = origins.get(name)
    const meant = Object.hasOwn(brokerConfigs, name) ? undefined : nearest(name, Object.keys(brokerConfigs))
    return `${origin === undefined ? "" : `${describeOrigin(origin)}: `}${name}: ${message}${meant === undefined ? "" : `; did you mean ${meant}?`}`
  })
  return new CommandError(lines.length === 1 ? lines[0] as string : `the configuration is wrong:\n${lines.map((line) => `  ${line}`).join("\n")}`,
    { exitCode: ExitCode.usage, cause: error })
}
