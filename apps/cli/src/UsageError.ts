/** The command line is wrong. `advice` is what to write instead. */
export class UsageError extends Error {
  readonly _tag = "UsageError"
  readonly advice: string | undefined

  constructor(message: string, advice?: string) {
    super(message)
    this.name = "UsageError"
    this.advice = advice
  }
}
