import type { ChildProcess } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { spawnBound } from "../internal/spawnBound.ts"
import { natsEnvironment } from "./natsEnvironment.ts"

export interface NatsServerOptions {
  /** As `findNatsServer` says. */
  readonly program: string
  readonly config: string
  /** `host:port` of the clients' listener in the configuration. */
  readonly address: string
}

/** What the server last said, for the message when it does not start. */
const logCharactersMax = 16 * 1024
const isReady = "Server is ready"

/**
 * A nats-server as a process of ours, for tests of what happens when one dies, hangs and comes back. It ends with us, even
 * when we are killed.
 */
export class NatsServer implements AsyncDisposable {
  readonly address: string
  readonly #program: string
  readonly #directory: string
  #process: ChildProcess | undefined
  #log = ""

  /** Resolves when it takes connections. */
  static async start({ program, config, address }: NatsServerOptions): Promise<NatsServer> {
    const directory = await mkdtemp(join(tmpdir(), "tailrace-nats-"))
    const server = new NatsServer(program, directory, address)
    try {
      await writeFile(server.#configFile, config, { mode: 0o600 })
      await server.restart()
    } catch (cause) {
      await server.stop()
      throw cause
    }
    return server
  }

  private constructor(program: string, directory: string, address: string) {
    this.#program = program
    this.#directory = directory
    this.address = address
  }

  /** Undefined while it does not run. */
  get pid(): number | undefined {
    return this.#process?.pid
  }

  get log(): string {
    return this.#log
  }

  /** Starts it again by the same configuration; resolves when it takes connections. */
  async restart(): Promise<void> {
    await this.kill()
    const child = spawnBound(this.#program, ["-c", this.#configFile], { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, ...natsEnvironment } })
    this.#process = child
    await new Promise<void>((resolve, reject) => {
      let said = ""
      child.stderr!.on("data", (chunk: Buffer) => {
        said = (said + chunk.toString()).slice(-logCharactersMax)
        this.#log = (this.#log + chunk.toString()).slice(-logCharactersMax)
        if (said.includes(isReady)) resolve()
      })
      child.on("error", reject)
      child.on("exit", (code, signal) => {
        if (this.#process === child) this.#process = undefined
        reject(new Error(`nats-server ended (${signal ?? code}): ${said}`))
      })
    })
  }

  /** SIGKILL: its connections break at once. Resolves when it is gone. */
  kill(): Promise<void> {
    return this.#end("SIGKILL")
  }

  /** SIGSTOP: its sockets stay open and the kernel goes on to accept new ones, but nobody answers. */
  pause(): void {
    this.#process?.kill("SIGSTOP")
  }

  resume(): void {
    this.#process?.kill("SIGCONT")
  }

  /** Ends it for good and removes its configuration. */
  async stop(): Promise<void> {
    this.resume()
    await this.#end("SIGTERM")
    await rm(this.#directory, { recursive: true, force: true })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  get #configFile(): string {
    return join(this.#directory, "nats.conf")
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process
    if (child?.pid === undefined) return
    const exited = once(child, "exit")
    child.kill(signal)
    await exited
  }
}
