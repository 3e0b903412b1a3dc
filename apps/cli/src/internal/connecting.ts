import type { Admin, ClientOptions, Cluster } from "@tailrace/client"
import type { Arguments } from "../Arguments.ts"
import { CommandError } from "../CommandError.ts"
import type { Context } from "../Context.ts"
import { ExitCode } from "../ExitCode.ts"
import { UsageError } from "../UsageError.ts"
import type { Settings } from "./commandConfig.ts"

/** The flags of every command that talks to a cluster. */
export const connectionFlags = {
  "bootstrap-server": {
    type: "text", value: "HOST:PORT,…", short: "b", aliases: ["broker-list"],
    help: "Where to find the cluster; default TAILRACE_BOOTSTRAP_SERVERS or localhost:9092."
  },
  "command-config": {
    type: "text", value: "FILE", aliases: ["producer.config", "consumer.config", "admin.config"],
    help: "A file with settings of Kafka's clients, for example for TLS."
  },
  "command-property": {
    type: "text", value: "KEY=VALUE", isList: true, aliases: ["producer-property", "consumer-property"],
    help: "One such setting."
  },
  "json": { type: "switch", help: "Output, and errors, for programs." }
} as const

/** How long a command that only asks waits for the cluster; Kafka's tools call it --timeout. */
export const timeoutFlag = {
  "timeout": { type: "integer", value: "MS", aliases: ["timeout-ms"], help: "The longest time to wait for the cluster; default 30000." }
} as const

export const commandTimeoutMillisDefault = 30_000

type ConnectionArguments = Arguments<keyof typeof connectionFlags>

/** The settings from --command-config and --command-property, the latter winning. */
export const readSettings = async (args: ConnectionArguments, context: Context): Promise<Settings | undefined> => {
  const file = args.text("command-config")
  const properties = args.texts("command-property")
  if (file === undefined && properties.length === 0) return undefined
  const { Settings } = await import("./commandConfig.ts")
  return Settings.read(file, properties, (line) => context.stderr.write(`tailrace: ${line}\n`))
}

/** What any client needs to find and reach the cluster. */
export const clientOptions = (
  args: ConnectionArguments, context: Context, settings: Settings | undefined, timeoutMillis?: number
): ClientOptions => {
  if (timeoutMillis !== undefined && !(timeoutMillis > 0)) throw new UsageError("--timeout needs a number above 0")
  return {
    clientId: "tailrace-cli",
    ...timeoutMillis === undefined ? {} : { apiTimeoutMillis: timeoutMillis },
    ...settings?.clientOptions(),
    bootstrapServers: args.text("bootstrap-server") ?? settings?.text("bootstrap.servers")
      ?? context.environment["TAILRACE_BOOTSTRAP_SERVERS"] ?? "localhost:9092"
  }
}

/** Runs a command with an admin client. The first connection is tried once: people do not wait a minute for a wrong port. */
export const withAdmin = async <T>(
  args: Arguments<keyof typeof connectionFlags | keyof typeof timeoutFlag>, context: Context, use: (admin: Admin) => Promise<T>
): Promise<T> => {
  const settings = await readSettings(args, context)
  const options = clientOptions(args, context, settings, args.integer("timeout") ?? commandTimeoutMillisDefault)
  settings?.reportUnused()
  const { Admin } = await import("@tailrace/client/admin")
  const admin = new Admin(options)
  try {
    await admin.cluster.anyConnection()
    return await use(admin)
  } finally {
    await admin.close()
  }
}

/** How long a topic that may be created by asking for it can take to be there. */
const topicCreationMillisMax = 3_000

/**
 * Asks for a topic before anything else is done. A name that nobody knows is more likely a typing mistake than a topic to wait
 * for, so a missing one is an error at once, unless asking for it makes the broker create it.
 */
export const findTopic = async (cluster: Cluster, name: string, options: { readonly allowsCreation: boolean }): Promise<void> => {
  await cluster.refresh([name], options)
  if (cluster.freshTopic(name) !== undefined) return
  if (!options.allowsCreation && cluster.metadata.topic(name)?.errorCode !== leaderNotAvailable) cluster.metadata.checkedTopic(name)
  await cluster.topic(name, { ...options, waitMillis: topicCreationMillisMax })
}

const leaderNotAvailable = 5

export const printJson = (context: Context, value: unknown): void => {
  context.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}

interface NamedFailure {
  readonly name: string
  readonly error: (Error & { readonly codeName: string; readonly subject: string | undefined }) | undefined
}

/**
 * Ends a command on several things of which some failed: one line for each is on the standard error output, and the exit code
 * says that not all went well.
 */
export const reportFailures = async (what: string, results: ReadonlyArray<NamedFailure>): Promise<number> => {
  const failed = results.filter((result) => result.error !== undefined)
  if (failed.length === 0) return ExitCode.ok
  if (failed.length === 1) throw failed[0]?.error
  const { kafkaAdvice } = await import("./explain.ts")
  const lines = failed.flatMap(({ error, name }) => error === undefined ? [] : [`  ${error.message}`, ...kafkaAdvice(error.codeName, name).map((line) => `    ${line}`)])
  throw new CommandError(`${what} failed for ${failed.length} of ${results.length}:\n${lines.join("\n")}`)
}
