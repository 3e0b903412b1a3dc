import type { ClientError, KafkaError } from "@tailrace/client"
import type { CommandError } from "../CommandError.ts"
import { ExitCode } from "../ExitCode.ts"
import type { UsageError } from "../UsageError.ts"

/** An error as the caller is told it: what happened, then what to do about it. */
export interface Explanation {
  readonly lines: ReadonlyArray<string>
  readonly exitCode: number
  /** A word for programs: Kafka's name of the error code, or our own reason. */
  readonly code: string
}

const noController =
  "Where no controller answers, a majority of the controllers has to run. `tailrace cluster` shows the nodes; their logs say what they wait for."

/** What usually helps, by Kafka's error name; `$` stands for what the error is about. */
const adviceByCode: Readonly<Record<string, string>> = {
  UNKNOWN_TOPIC_OR_PARTITION: "`tailrace topic list` shows the topics; `tailrace topic create $` makes this one.",
  TOPIC_ALREADY_EXISTS: "--if-not-exists makes that no error; `tailrace topic alter $ --partitions N` adds partitions.",
  INVALID_TOPIC_EXCEPTION: "Names have 1 to 249 letters, digits, dots, underscores and dashes.",
  INVALID_REPLICATION_FACTOR: "There have to be as many nodes as replicas; `tailrace cluster info` shows the nodes.",
  INVALID_CONFIG: "`tailrace config describe --topic NAME --all` shows the keys of topics with their values.",
  NON_EMPTY_GROUP: "Stop the members of the group first; `tailrace group describe $ --members` shows them.",
  UNKNOWN_MEMBER_ID: "The group has members. Stop them first; `tailrace group describe $ --members` shows them.",
  GROUP_ID_NOT_FOUND: "`tailrace group list` shows the groups.",
  NOT_ENOUGH_REPLICAS: "Fewer nodes are in sync than min.insync.replicas asks for; `tailrace topic describe` shows the Isr.",
  KAFKA_STORAGE_ERROR: "The node cannot write to its disk. Its log says why; often the disk is full.",
  NOT_CONTROLLER: noController,
  REQUEST_TIMED_OUT: noController,
  PREFERRED_LEADER_NOT_AVAILABLE: "The first replica has to be online and in sync; `tailrace cluster partitions --not-preferred` shows both.",
  ELIGIBLE_LEADERS_NOT_AVAILABLE: "A replica has to be online; `tailrace cluster partitions --offline` shows where they are.",
  INVALID_REPLICA_ASSIGNMENT: "`tailrace cluster` shows the nodes; `tailrace cluster reassign --generate` makes a plan that fits.",
  BROKER_ID_NOT_REGISTERED: "`tailrace cluster` shows the nodes.",
  TOPIC_AUTHORIZATION_FAILED: "This user may not use the topic.",
  MESSAGE_TOO_LARGE: "max.message.bytes of the topic is the limit; `tailrace config alter --topic NAME --add-config max.message.bytes=N`."
}

const isTagged = (error: unknown, tag: string): boolean =>
  error instanceof Error && (error as { readonly _tag?: unknown })._tag === tag

/** Puts any error into words. Classes are told apart by their tags: importing them would load the client for nothing. */
export const explain = (error: unknown, command: string | undefined): Explanation => {
  const prefix = "tailrace: "
  if (isTagged(error, "UsageError")) {
    const { message, advice } = error as UsageError
    const help = command === undefined ? "`tailrace --help` lists the commands." : `\`tailrace ${command} --help\` shows flags and examples.`
    return { lines: [`${prefix}${message}`, ...advice === undefined ? [] : [advice], help], exitCode: ExitCode.usage, code: "USAGE" }
  }
  if (isTagged(error, "CommandError")) {
    const { message, advice, code, exitCode } = error as CommandError
    return { lines: [`${prefix}${message}`, ...advice === undefined ? [] : [advice]], exitCode, code }
  }
  if (isTagged(error, "KafkaError")) {
    const { codeName, message, subject } = error as KafkaError
    return { lines: [`${prefix}${message}`, ...kafkaAdvice(codeName, subject)], exitCode: ExitCode.failed, code: codeName }
  }
  if (isTagged(error, "ClientError")) return explainClient(error as ClientError, prefix)
  if (isTagged(error, "ConfigError")) {
    return { lines: [`${prefix}${(error as Error).message}`], exitCode: ExitCode.usage, code: "CONFIG" }
  }
  const text = error instanceof Error ? error.message === "" ? error.name : error.message : String(error)
  // What nobody expected is worth its place in the code.
  const stack = error instanceof Error && !("code" in error) ? error.stack?.split("\n").slice(1, 6) ?? [] : []
  return { lines: [`${prefix}${text}`, ...stack], exitCode: ExitCode.failed, code: "FAILED" }
}

export const explainAsJson = ({ code, exitCode, lines }: Explanation): string =>
  `${JSON.stringify({ error: { code, exitCode, message: (lines[0] ?? "").replace(/^tailrace: /, ""), advice: lines.slice(1) } })}\n`

/** Advice that needs a name and has none is left out. */
export const kafkaAdvice = (codeName: string, subject: string | undefined): ReadonlyArray<string> => {
  const advice = Object.hasOwn(adviceByCode, codeName) ? adviceByCode[codeName] as string : undefined
  if (advice === undefined || (advice.includes("$") && subject === undefined)) return []
  // The subject of a partition is `topic-0`; the advice is about its topic.
  const isPartition = codeName === "UNKNOWN_TOPIC_OR_PARTITION"
  return [advice.replaceAll("$", isPartition ? (subject ?? "").replace(/-\d+$/, "") : subject ?? "")]
}

/** The system's code at the bottom of an error, also where several addresses of one host were tried. */
const systemCode = (error: unknown): string | undefined => {
  for (let current = error; current instanceof Error; current = current.cause) {
    const { code } = current as NodeJS.ErrnoException
    if (typeof code === "string") return code
    const [first] = current instanceof AggregateError ? current.errors as Array<unknown> : []
    if (first !== undefined) return systemCode(first)
  }
  return undefined
}

const startAdvice = "Is a node running there? Start one with `npm start` or `tailrace start`, or name another with --bootstrap-server."

const explainClient = (error: ClientError, prefix: string): Explanation => {
  const code = systemCode(error)
  const server = /^(\S+:\d+): /.exec(error.message)?.[1] ?? "the broker"
  const answer = (message: string, advice: string, exitCode: number = ExitCode.unreachable): Explanation =>
    ({ lines: [`${prefix}${message}`, advice], exitCode, code: code ?? error.reason.toUpperCase() })
  switch (code) {
    case "ECONNREFUSED": return answer(`cannot connect to ${server}: connection refused`, startAdvice)
    case "ENOTFOUND": case "EAI_AGAIN": return answer(`cannot connect to ${server}: the host name is not known`, "Check --bootstrap-server.")
    case "EHOSTUNREACH": case "ENETUNREACH": case "ETIMEDOUT":
      return answer(`cannot connect to ${server}: no way to that host`, "Check --bootstrap-server, and firewalls on the way.")
    case undefined: break
    default: return answer(`cannot talk to ${server}: ${error.message}`, startAdvice)
  }
  switch (error.reason) {
    case "disconnected": return answer(error.message, "Does the port speak the Kafka protocol, without TLS? The node's log may say more.")
    case "protocol": return answer(error.message, "Does the port speak the Kafka protocol, without TLS?")
    case "timeout": return answer(error.message, "The node may be busy or stopped; its log may say more. The request may have been carried out.")
    case "configuration": return answer(error.message, "Check flags and --command-config.", ExitCode.usage)
    default: return { lines: [`${prefix}${error.message}`], exitCode: ExitCode.failed, code: error.reason.toUpperCase() }
  }
}
