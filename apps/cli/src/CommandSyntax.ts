import type { Flags } from "./Flag.ts"

export interface Action {
  readonly summary: string
  /** What follows `tailrace <command> <action>` in the help. */
  readonly usage: string
  /** The flag that stands for the action in Kafka's tools; default `--<action>`, none with false. */
  readonly flag?: string | false
}

/** What a command takes: by this its words are read. */
export interface CommandSyntax<Name extends string = string> {
  readonly name: string
  /** Commands that do several things are called `tailrace topic create` or, as in Kafka's tools, `tailrace topic --create`. */
  readonly actions?: Readonly<Record<string, Action>>
  /** What the command does where no action is named; without it one has to be. */
  readonly defaultAction?: string
  readonly flags: Flags<Name>
}
