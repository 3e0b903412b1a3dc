import type { Logger } from "./Logger.ts"

/** Says nothing: the default of everything that takes a logger. */
export const noLogger: Logger = {
  isEnabled: () => false,
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => noLogger
}
