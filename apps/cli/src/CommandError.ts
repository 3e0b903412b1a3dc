import { ExitCode } from "./ExitCode.ts"

/** A command cannot do what it was asked for. `advice` says what to do about it. */
export class CommandError extends Error {
  readonly _tag = "CommandError"
  readonly advice: string | undefined
  readonly exitCode: ExitCode

  constructor(message: string, options: { readonly advice?: string; readonly exitCode?: ExitCode; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.name = "CommandError"
    this.advice = options.advice
    this.exitCode = options.exitCode ?? ExitCode.failed
  }
}
