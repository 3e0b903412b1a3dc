import { describeOrigin, type ConfigOrigin } from "./ConfigOrigin.ts"

export type ConfigFault = "unreadable" | "too-large" | "malformed" | "unknown-key" | "invalid-value"

/** A setting that cannot be used, with the place it came from, so that the message says where to mend it. */
export class ConfigError extends Error {
  readonly _tag = "ConfigError"
  readonly fault: ConfigFault
  readonly origin: ConfigOrigin
  readonly key: string | undefined

  constructor(fields: { fault: ConfigFault; origin: ConfigOrigin; key?: string; detail: string; cause?: unknown }) {
    super(`${fields.detail} (${describeOrigin(fields.origin)})`, { cause: fields.cause })
    this.name = "ConfigError"
    this.fault = fields.fault
    this.origin = fields.origin
    this.key = fields.key
  }
}
