import * as Data from "effect/Data"

/** The actor is gone; whether it handled the message first, nobody knows. */
export class ActorStopped extends Data.TaggedError("ActorStopped")<{ readonly address: string }> {}

/** The actor died on this very message, or, as a reason to give up, once too often. */
export class ActorCrashed extends Data.TaggedError("ActorCrashed")<{ readonly address: string; readonly cause: unknown }> {}
