import type { Arguments } from "./Arguments.ts"
import type { CommandSyntax } from "./CommandSyntax.ts"
import type { Context } from "./Context.ts"

/** One command: what it takes, what its help says, and what it does. */
export interface Command<Name extends string = string> extends CommandSyntax<Name> {
  readonly summary: string
  readonly usage?: string
  readonly examples: ReadonlyArray<string>
  run(args: Arguments<Name>, context: Context): Promise<number>
}

/** Keeps the names of the flags in the type, so that a command cannot ask for a flag it does not have. */
export const defineCommand = <const Name extends string>(command: Command<Name>): Command<Name> => command
