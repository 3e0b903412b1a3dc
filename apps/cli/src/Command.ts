import type { Arguments } from "./Arguments.ts"
import type { Context } from "./Context.ts"
import type { Flags } from "./Flag.ts"

export interface Action {
  readonly summary: string
  /** What follows `tailrace <command> <action>` in the help. */
  readonly usage: string
  /** The flag that stands for the action in Kafka's tools; default `--<action>`, none with false. */
  readonly flag?: string | false
}

/** One command: what it takes, what its help says, and what it does. */
export interface Command<Name extends string = string> {
  readonly name: string
  readonly summary: string
  readonly usage?: string
  /** Commands that do several things are called `tailrace topic create` or, as in Kafka's tools, `tailrace topic --create`. */
  readonly actions?: Readonly<Record<string, Action>>
  /** What the command does where no action is named; without it one has to be. */
  readonly defaultAction?: string
  readonly flags: Flags<Name>
  readonly examples: ReadonlyArray<string>
  run(args: Arguments<Name>, context: Context): Promise<number>
}

/** Keeps the names of the flags in the type, so that a command cannot ask for a flag it does not have. */
export const defineCommand = <const Name extends string>(command: Command<Name>): Command<Name> => command
