#!/usr/bin/env node
import * as nodeModule from "node:module"
import type { Context } from "./Context.ts"

/** Aborts at the first SIGINT or SIGTERM and ends the process at the second: whoever asks twice does not want to wait. */
class Interruption {
  #controller: AbortController | undefined

  readonly signal = (): AbortSignal => {
    if (this.#controller !== undefined) return this.#controller.signal
    const controller = this.#controller = new AbortController()
    const onSignal = (name: "SIGINT" | "SIGTERM"): void => {
      if (controller.signal.aborted) process.exit(name === "SIGINT" ? 130 : 143)
      controller.abort(name)
    }
    process.on("SIGINT", onSignal).on("SIGTERM", onSignal)
    return controller.signal
  }

  /** A reader that has seen enough, such as `head`, is no failure, but there is nobody left to work for. */
  readonly onOutputError = (error: NodeJS.ErrnoException): void => {
    if (error.code !== "EPIPE") throw error
    if (this.#controller === undefined) process.exit(0)
    this.#controller.abort("EPIPE")
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
