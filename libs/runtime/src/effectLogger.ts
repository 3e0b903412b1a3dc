import * as Cause from "effect/Cause"
import * as Layer from "effect/Layer"
import type * as EffectLogger from "effect/Logger"
import * as References from "effect/References"
import type { Logger } from "./Logger.ts"

/**
 * Lets `Effect.log` and its kin write through our logger, with the annotations as fields.
 * The logger is built by hand: importing `effect/Logger` for its constructor costs 36 ms of start-up.
 */
export const effectLogger = (logger: Logger): Layer.Layer<never> => {
  const log = ({ message, logLevel, cause, fiber }: EffectLogger.Options<unknown>): void => {
    const level = levels[logLevel]
    if (level === undefined || !logger.isEnabled(level)) return
    const [text, ...details] = Array.isArray(message) ? message : [message]
    logger[level](String(text), {
      ...fiber.getRef(References.CurrentLogAnnotations),
      ...(details.length === 0 ? {} : { details }),
      ...(cause.reasons.length === 0 ? {} : { cause: Cause.squash(cause) })
    })
  }
  const loggers = new Set([{ log } as unknown as EffectLogger.Logger<unknown, void>])
  return Layer.mergeAll(
    Layer.succeed(References.CurrentLoggers, loggers),
    Layer.succeed(References.MinimumLogLevel, logger.isEnabled("debug") ? "Debug" : "Info")
  )
}

const levels: Partial<Record<EffectLogger.Options<unknown>["logLevel"], "debug" | "info" | "warn" | "error">> = {
  Trace: "debug",
  Debug: "debug",
  Info: "info",
  Warn: "warn",
  Error: "error",
  Fatal: "error"
}
