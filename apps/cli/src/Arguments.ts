import { parseArgs } from "node:util"
import type { CommandSyntax } from "./CommandSyntax.ts"
import type { Flag, Flags } from "./Flag.ts"
import { nearest } from "./internal/nearest.ts"
import { UsageError } from "./UsageError.ts"

/** What was given on the command line, checked against a command's flags. */
export class Arguments<Name extends string = string> {
  /** The action of a command that has several, else "". */
  readonly action: string
  readonly positionals: ReadonlyArray<string>
  readonly #values: ReadonlyMap<string, ReadonlyArray<string>>

  private constructor(action: string, positionals: ReadonlyArray<string>, values: ReadonlyMap<string, ReadonlyArray<string>>) {
    this.action = action
    this.positionals = positionals
    this.#values = values
  }

  /** Throws `UsageError` for anything that the command does not know. */
  static parse<Name extends string>(command: CommandSyntax<Name>, words: ReadonlyArray<string>): Arguments<Name> {
    const flags = withActions(command)
    const values = new Map<string, Array<string>>()
    const positionals: Array<string> = []
    for (const { name, value } of readWords(flags, words)) {
      if (name === undefined) positionals.push(value)
      else {
        const list = values.get(name) ?? []
        if (list.length > 0 && flags[name]?.isList === undefined) throw new UsageError(`--${name} is given twice`)
        values.set(name, [...list, value])
      }
    }
    if (values.has("help")) return new Arguments(findAction(command, values, positionals) ?? "", positionals, values)
    const action = command.actions === undefined ? "" : requiredAction(command, values, positionals)
    for (const name of values.keys()) {
      const { of } = flags[name] as Flag
      if (of !== undefined && !of.includes(action)) {
        throw new UsageError(`--${name} does not go with ${command.name} ${action}`, `It goes with: ${of.join(", ")}.`)
      }
    }
    return new Arguments(action, positionals, values)
  }

  has(name: Name): boolean {
    return this.#values.has(name)
  }

  /** The value of a flag; "" for an optional one without. */
  text(name: Name): string | undefined {
    return this.#values.get(name)?.at(-1)
  }

  texts(name: Name): ReadonlyArray<string> {
    return this.#values.get(name) ?? []
  }

  integer(name: Name): number | undefined {
    const text = this.text(name)
    return text === undefined ? undefined : Number(text)
  }
}

const actionFlag = (name: string, flag: string | false | undefined): string | undefined => flag === false ? undefined : flag ?? name

/** The flags of a command together with those that stand for its actions. */
function withActions(command: CommandSyntax): Flags {
  const flags: Record<string, Flag> = { ...command.flags, help: { type: "switch", short: "h" } }
  for (const [name, action] of Object.entries(command.actions ?? {})) {
    const flag = actionFlag(name, action.flag)
    if (flag !== undefined) flags[flag] ??= { type: "switch" }
  }
  return flags
}

interface Word {
  /** Undefined for a positional. */
  readonly name: string | undefined
  readonly value: string
}

function readWords(flags: Flags, words: ReadonlyArray<string>): Array<Word> {
  const names = new Map<string, string>()
  const options: Record<string, { type: "string" | "boolean"; short?: string }> = {}
  for (const [name, flag] of Object.entries(flags)) {
    const type = flag.type === "text" || flag.type === "integer" ? "string" : "boolean"
    for (const alias of [name, ...flag.aliases ?? []]) {
      names.set(alias, name)
      options[alias] = { type, ...(flag.short !== undefined && alias === name ? { short: flag.short } : {}) }
    }
  }
  const { tokens } = parseArgs({ args: [...words], options, strict: false, allowPositionals: true, tokens: true })
  const found: Array<Word> = []
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index]!
    if (token.kind === "positional") found.push({ name: undefined, value: token.value })
    if (token.kind !== "option") continue
    const name = names.get(token.name)
    if (name === undefined) throw unknownFlag(token.rawName, flags)
    const flag = flags[name] as Flag
    const next = tokens[index + 1]
    if (flag.type === "optional" && token.value === undefined && next?.kind === "positional" && isOneOf(next.value, flag)) index++
    const given = flag.type === "optional" && next?.kind === "positional" && tokens[index] === next ? next.value : token.value
    found.push({ name, value: checkedValue(token.rawName, flag, given, token.inlineValue === true, names) })
  }
  return found
}

const isOneOf = (value: string, flag: Flag): boolean =>
  value.split(",").every((part) => flag.oneOf?.some((known) => known.toLowerCase() === part.trim().toLowerCase()))

function checkedValue(
  rawName: string, flag: Flag, value: string | undefined, isInline: boolean, names: ReadonlyMap<string, string>
): string {
  if (flag.type === "switch") {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value`)
    return ""
  }
  if (flag.type === "optional" && value === undefined) return ""
  if (value === undefined || (!isInline && value.startsWith("--") && names.has(value.slice(2).split("=")[0] ?? ""))) {
    throw new UsageError(`${rawName} needs a value${flag.value === undefined ? "" : `: ${rawName} ${flag.value}`}`)
  }
  if (flag.type === "integer" && !(/^[+-]?\d+$/.test(value) && Number.isSafeInteger(Number(value)))) {
    throw new UsageError(`${rawName} needs a whole number, not "${value}"`)
  }
  if (flag.oneOf !== undefined && !isOneOf(value, flag)) {
    throw new UsageError(`${rawName} cannot be "${value}"`, `It is one of: ${flag.oneOf.join(", ")}.`)
  }
  return value
}

function unknownFlag(rawName: string, flags: Flags): UsageError {
  const known = Object.entries(flags).flatMap(([name, flag]) => [name, ...flag.aliases ?? []])
  const meant = nearest(rawName.replace(/^-+/, ""), known)
  return new UsageError(`unknown flag ${rawName}`, meant === undefined ? undefined : `Did you mean --${meant}?`)
}

/** The action, taken out of values or positionals. */
function findAction(command: CommandSyntax, values: Map<string, ReadonlyArray<string>>, positionals: Array<string>): string | undefined {
  const actions = Object.entries(command.actions ?? {})
  const first = positionals[0]
  const byFlag = actions.filter(([name, action]) => values.has(actionFlag(name, action.flag) ?? "")).map(([name]) => name)
  const byWord = first !== undefined && actions.some(([name]) => name === first) ? first : undefined
  if (byFlag.length === 0) {
    if (byWord !== undefined) positionals.shift()
    return byWord
  }
  // `topic list --list` says the same thing twice; `group describe --state` has a flag that is no action.
  if (byWord !== undefined && byFlag.length === 1 && byFlag[0] === byWord) positionals.shift()
  else if (byFlag.length > 1) throw new UsageError(`only one of ${byFlag.map((name) => `--${actionFlag(name, command.actions?.[name]?.flag)}`).join(", ")} can be given`)
  return byFlag[0]
}

function requiredAction(command: CommandSyntax, values: Map<string, ReadonlyArray<string>>, positionals: Array<string>): string {
  const action = findAction(command, values, positionals)
  if (action !== undefined) return action
  const names = Object.keys(command.actions ?? {})
  const first = positionals[0]
  if (first === undefined && command.defaultAction !== undefined) return command.defaultAction
  if (first === undefined) throw new UsageError(`say what to do: tailrace ${command.name} ${names.join("|")}`)
  const meant = nearest(first, names)
  throw new UsageError(`unknown action ${first}`, meant === undefined ? `It is one of: ${names.join(", ")}.` : `Did you mean ${command.name} ${meant}?`)
}
