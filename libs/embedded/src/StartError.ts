import * as Data from "effect/Data"

/** A part of the node did not come up. `cause` is what its user wants to read: a locked directory, a bound port. */
export class StartError extends Data.TaggedError("StartError")<{
  readonly part: "storage" | "bus" | "node" | "clients" | "registration" | "http"
  readonly cause: unknown
}> {}
