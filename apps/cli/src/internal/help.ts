import type { Command } from "../Command.ts"
import type { Flag } from "../Flag.ts"

/** Two columns, the second one beginning in the same place in every row. */
const columns = (rows: ReadonlyArray<readonly [string, string]>): string => {
  const width = Math.min(34, Math.max(0, ...rows.map(([left]) => left.length)))
  return rows.map(([left, right]) => left.length > width
    ? `  ${left}\n  ${" ".repeat(width)}  ${right}`
    : `  ${left.padEnd(width)}  ${right}`).join("\n")
}

const flagForm = (name: string, flag: Flag): string => {
  const value = flag.type === "switch" ? "" : flag.type === "optional" ? ` [${flag.value ?? "VALUE"}]` : ` ${flag.value ?? "VALUE"}`
  return `${flag.short === undefined ? "" : `-${flag.short}, `}--${name}${value}`
}

const flagRows = (command: Command, action: string): Array<readonly [string, string]> =>
  Object.entries(command.flags)
    .filter(([, flag]) => flag.help !== undefined && (action === "" || flag.of === undefined || flag.of.includes(action)))
    .map(([name, flag]) => {
      const of = action === "" && flag.of !== undefined ? ` (${flag.of.join(", ")})` : ""
      return [flagForm(name, flag), `${flag.help}${flag.isList === true ? " May be repeated." : ""}${of}`] as const
    })

/** The help of one command, or of one of its actions. */
export const commandHelp = (command: Command, action: string): string => {
  const actions = Object.entries(command.actions ?? {}).filter(([name]) => action === "" || name === action)
  const usage = actions.length === 0
    ? [`  tailrace ${command.name} ${command.usage ?? ""}`.trimEnd()]
    : actions.map(([name, { usage: rest }]) => `  tailrace ${command.name} ${name} ${rest}`.trimEnd())
  const parts = [command.summary, `Usage:\n${usage.join("\n")}`]
  if (actions.length > 1) {
    parts.push(`Actions (each may be written as a flag, as in Kafka's tools):\n${
      columns(actions.map(([name, it]) => [it.flag === undefined || it.flag === false ? name : `${name} (--${it.flag})`, it.summary]))}`)
  }
  parts.push(`Flags:\n${columns([...flagRows(command, action), ["-h, --help", "This text."]])}`)
  const examples = command.examples.filter((line) => action === "" || `${line} `.includes(` ${command.name} ${action} `))
  if (examples.length > 0) parts.push(`Examples:\n${examples.map((line) => `  ${line}`).join("\n")}`)
  return `${parts.join("\n\n")}\n`
}

export const overview = (commands: Readonly<Record<string, string>>): string => `Tailrace, an event-streaming platform that speaks the Apache Kafka protocol.

Usage:
  tailrace <command> [flags]

Commands:
${columns(Object.entries(commands))}

Every command has --help with examples, and --json. Clusters are found at --bootstrap-server, TAILRACE_BOOTSTRAP_SERVERS,
or localhost:9092. The names of Kafka's tools work too: tailrace kafka-topics.sh --list

Exit codes:
  0  done                          3  no broker could be reached
  1  refused or failed             4  start: the data directory is in use
  2  wrong flags or configuration  5  start: the port is in use
`
