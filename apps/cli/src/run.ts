import { Arguments } from "./Arguments.ts"
import type { Command } from "./Command.ts"
import type { Context } from "./Context.ts"
import { ExitCode } from "./ExitCode.ts"
import { nearest } from "./internal/nearest.ts"
import { UsageError } from "./UsageError.ts"

const commands: Readonly<Record<string, string>> = {
  start: "Runs a node: broker and controller in this process.",
  topic: "Creates, lists, describes, alters and deletes topics.",
  produce: "Sends lines of the standard input as records.",
  consume: "Prints records.",
  group: "Lists, describes, resets and deletes consumer groups.",
  config: "Describes and alters configurations of topics, brokers and groups.",
  cluster: "Shows and changes the cluster: nodes, quorum, leaders, replicas."
}

/** Each command is a file of its own, loaded when it is asked for: most of the time of a call goes into loading code. */
const load = async (name: string): Promise<Command> => {
  switch (name) {
    case "start": return (await import("./commands/start.ts")).start
    case "topic": return (await import("./commands/topic.ts")).topic
    case "produce": return (await import("./commands/produce.ts")).produce
    case "consume": return (await import("./commands/consume.ts")).consume
    case "group": return (await import("./commands/group.ts")).group
    case "config": return (await import("./commands/config.ts")).config
    default: return (await import("./commands/cluster.ts")).cluster
  }
}

/**
 * Kafka's names of these tools, with or without `kafka-` and `.sh`, as a command and, where the tool does one thing, its action; then
 * what says that it was called by this name, where that changes what it prints.
 */
const kafkaNames: Readonly<Record<string, readonly [command: string, ...words: ReadonlyArray<string>]>> = {
  "topics": ["topic"], "console-producer": ["produce"], "console-consumer": ["consume"], "consumer-groups": ["group"], "groups": ["group"],
  "configs": ["config"], "server-start": ["start"], "leader-election": ["cluster", "elect"],
  "reassign-partitions": ["cluster", "reassign"], "metadata-quorum": ["cluster", "quorum"], "log-dirs": ["cluster", "log-dirs", "--as-kafka"]
}

/** Runs one command line and answers the exit code. Nothing is thrown: errors become lines on the standard error output. */
export const run = async (words: ReadonlyArray<string>, context: Context): Promise<number> => {
  const [first, ...rest] = words
  if (first === "--version" || first === "version") {
    const { version } = await import("./internal/version.ts")
    context.stdout.write(`tailrace ${version()}\n`)
    return ExitCode.ok
  }
  if (first === undefined || first === "--help" || first === "-h" || first === "help") {
    if (rest[0] !== undefined) return run([rest[0], ...rest.slice(1), "--help"], context)
    const { overview } = await import("./internal/help.ts")
    context[first === undefined ? "stderr" : "stdout"].write(overview(commands))
    return first === undefined ? ExitCode.usage : ExitCode.ok
  }
  const plain = first.replace(/^kafka-/, "").replace(/\.sh$/, "")
  const [name = plain, ...meant] = Object.hasOwn(kafkaNames, plain) ? kafkaNames[plain] ?? [] : []
  try {
    if (!Object.hasOwn(commands, name)) throw await unknownCommand(first, plain)
    const command = await load(name)
    const args = Arguments.parse(command, [...meant, ...rest])
    if (args.has("help")) {
      const { commandHelp } = await import("./internal/help.ts")
      context.stdout.write(commandHelp(command, args.action))
      return ExitCode.ok
    }
    return await command.run(args, context)
  } catch (error) {
    const { explain, explainAsJson } = await import("./internal/explain.ts")
    const explanation = explain(error, Object.hasOwn(commands, name) ? name : undefined)
    context.stderr.write(rest.includes("--json") ? explainAsJson(explanation) : `${explanation.lines.join("\n")}\n`)
    return explanation.exitCode
  }
}

const unknownCommand = async (word: string, plain: string): Promise<UsageError> => {
  const { insteadOf } = await import("./internal/missingTools.ts")
  const instead = insteadOf(plain)
  if (instead !== undefined) return new UsageError(`${word} is none of the tools that Tailrace has by Kafka's names`, instead)
  const meant = nearest(word, [...Object.keys(commands), ...Object.keys(kafkaNames)])
  return word.startsWith("-")
    ? new UsageError(`unknown flag ${word}`, "Flags follow the command.")
    : new UsageError(`unknown command ${word}`, meant === undefined ? undefined : `Did you mean ${meant}?`)
}
