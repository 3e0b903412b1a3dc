#!/usr/bin/env node
import * as nodeModule from "node:module"
import type { Context } from "./Context.ts"
import { outlivesHangUp } from "./internal/outlivesHangUp.ts"

/**
 * Aborts at the first SIGINT, SIGTERM or SIGHUP and ends the process at the second SIGINT or SIGTERM: whoever asks twice does not want
 * to wait. A hang-up is no such asking: the terminal, its shell and a service manager may each send one, also right behind a SIGTERM.
 */
class Interruption {
  #controller: AbortController | undefined

  readonly signal = (): AbortSignal => {
    if (this.#controller !== undefined) return this.#controller.signal
    const controller = this.#controller = new AbortController()
    let isAsked = false
    const onSignal = (name: "SIGINT" | "SIGTERM"): void => {
      if (isAsked) process.exit(name === "SIGINT" ? 130 : 143)
      isAsked = true
      controller.abort(name)
    }
    // Without a listener Node ends at once, also under nohup.
    const onHangUp = outlivesHangUp() ? (): void => undefined : (): void => controller.abort("SIGHUP")
    process.on("SIGINT", onSignal).on("SIGTERM", onSignal).on("SIGHUP", onHangUp)
    return controller.signal
  }

  /**
   * A reader that has seen enough, such as `head`, or a terminal that is gone, is no failure, but there is nobody left to work for.
   * EIO of a file is one: what was to be written there is lost.
   */
  readonly onOutputError = (error: NodeJS.ErrnoException): void => {
    if (error.code !== "EPIPE" && !(error.code === "EIO" && process.stdout.isTTY)) throw error
    if (this.#controller === undefined) process.exit(0)
    this.#controller.abort(error.code)
  }
}

/** The process around `run`: arguments, streams, signals and the exit code. */
export const main = async (): Promise<void> => {
  const interruption = new Interruption()
  const context: Context = {
    get stdin() {
      return process.stdin
    },
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    interrupted: interruption.signal
  }
  process.stdout.on("error", interruption.onOutputError)
  process.stderr.on("error", () => undefined)
  const { run } = await import("./run.ts")
  process.exitCode = await run(process.argv.slice(2), context)
}

if (import.meta.main) {
  nodeModule.enableCompileCache()
  await main()
}
