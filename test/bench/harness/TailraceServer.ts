import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { Child } from "./Child.ts"
import { waitForApiVersions } from "./network.ts"
import { nodeEnvironment, nodePath, repositoryRoot } from "./paths.ts"
import { runningServer, type RunningServer, type ServerId, type ServerKind, type StartOptions } from "./Server.ts"

/** As `npm start` does it. */
const startArguments = ["--initial-old-space-size=512", "apps/cli/bin/tailrace.js", "start"]

/** Our own node as one process, with its defaults: every acknowledgement follows a flush. Or that of an earlier commit, to see what a change cost. */
export class TailraceServer implements ServerKind {
  readonly id: ServerId
  readonly title: string
  /** An installed workspace. */
  readonly root: string

  constructor(before?: string) {
    this.id = before === undefined ? "tailrace" : "tailrace-before"
    this.title = before === undefined ? "Tailrace (durable)" : "Tailrace before"
    this.root = before ?? repositoryRoot
  }

  prepare(options: StartOptions): Promise<void> {
    mkdirSync(options.directory, { recursive: true })
    return Promise.resolve()
  }

  spawn(options: StartOptions): Child {
    const [command, ...args] = [...(options.wrapper ?? []), nodePath, ...startArguments, ...TailraceServer.overrides(options)]
    return new Child({
      command: command!, args, cwd: this.root, env: nodeEnvironment(options.env),
      ...(options.logFile === undefined ? {} : { logFile: options.logFile })
    })
  }

  async start(options: StartOptions): Promise<RunningServer> {
    await this.prepare(options)
    const since = performance.now()
    const child = this.spawn(options)
    try {
      await waitForApiVersions(options.port, since, options.timeoutMillis ?? 60_000, () => child.exit === undefined)
    } catch (error) {
      await child.kill()
      throw new Error(`${this.title} did not start: ${String(error)}\n${child.tail}`)
    }
    return runningServer(this.id, options.port, child)
  }

  /** The command-line arguments that stand for lines of server.properties. */
  static overrides(options: StartOptions): string[] {
    const properties: Record<string, string> = {
      "listeners": `PLAINTEXT://127.0.0.1:${options.port}`,
      "log.dirs": join(options.directory, "data"),
      // The health port is fixed by default: several servers on one machine would meet there.
      "http.listener": "",
      ...options.properties
    }
    return Object.entries(properties).flatMap(([name, value]) => ["--override", `${name}=${value}`])
  }
}
