import type { Tailrace } from "@tailrace/embedded"
import type { Logger } from "@tailrace/runtime"
import { CommandError } from "../CommandError.ts"
import { ExitCode } from "../ExitCode.ts"

/** Waits for a signal or for the failure of the node, and closes it either way. */
export const untilEnd = async (node: Pick<Tailrace, "close" | "failed">, logger: Logger, interrupted: AbortSignal): Promise<number> => {
  const ended = new Promise<void>((resolve) => {
    if (interrupted.aborted) resolve()
    interrupted.addEventListener("abort", () => resolve(), { once: true })
  })
  try {
    await Promise.race([ended, node.failed])
  } catch (cause) {
    logger.error("the node failed", { cause })
    await node.close().catch(() => undefined)
    throw new CommandError(`the node failed: ${(cause as Error).message}`, { cause, advice: "The lines above say more. Start it again when the cause is mended." })
  }
  logger.info("stopping", { signal: String(interrupted.reason) })
  await node.close()
  logger.info("stopped")
  return ExitCode.ok
}
