/** The store could not do what was asked; `operation` says what, `cause` why. */
export class StoreError extends Error {
  readonly _tag = "StoreError"
  readonly store: string
  readonly operation: "open" | "commit" | "read" | "close"

  constructor(store: string, operation: StoreError["operation"], cause: unknown) {
    super(`${store}: ${operation} failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    this.name = "StoreError"
    this.store = store
    this.operation = operation
  }
}
