import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type Server } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach, describe, expect, it } from "vitest"

const directory = mkdtempSync(join(tmpdir(), "tailrace-cli-"))
const children = new Set<ChildProcess>()
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill("SIGKILL")
    await once(child, "exit")
  }
  children.clear()
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** The command as users run it. */
class Process {
  readonly child: ChildProcess
  out = ""
  err = ""
  readonly ended: Promise<{ readonly exitCode: number | null; readonly out: string; readonly err: string }>

  constructor(words: ReadonlyArray<string>, environment: Record<string, string> = {}) {
    const path = new URL("../bin/tailrace.js", import.meta.url).pathname
    // Where both colour variables are set Node itself warns on the standard error.
    const isInherited = (name: string) => !name.startsWith("TAILRACE_") && name !== "NO_COLOR" && name !== "FORCE_COLOR"
    const inherited = Object.entries(process.env).filter(([name]) => isInherited(name))
    this.child = spawn(process.execPath, [path, ...words], { cwd: directory, env: { ...Object.fromEntries(inherited), ...environment } })
    children.add(this.child)
    this.child.stdout?.on("data", (chunk: Buffer) => {
      this.out += chunk.toString()
    })
    this.child.stderr?.on("data", (chunk: Buffer) => {
      this.err += chunk.toString()
    })
    this.ended = once(this.child, "close").then(() => ({ exitCode: this.child.exitCode, out: this.out, err: this.err }))
  }

  /** The address in the ready line. */
  async ready(): Promise<string> {
    for (;;) {
      const found = /^Tailrace is ready: kafka:\/\/(\S+) \(node 1, cluster \S{22}, (?:in memory|data \S+)\)\n$/.exec(this.out)
      if (found?.[1] !== undefined) return found[1]
      await Promise.race([once(this.child.stdout!, "data"), this.ended.then(({ err }) => Promise.reject(new Error(`ended before it was ready: ${err}`)))])
    }
  }

  stop(signal: NodeJS.Signals): Promise<{ readonly exitCode: number | null; readonly out: string; readonly err: string }> {
    this.child.kill(signal)
    return this.ended
  }
}

const start = (...words: ReadonlyArray<string>): Process => new Process(["start", "--http", "off", "--log-level", "warn", ...words])

const listening = async (): Promise<{ readonly server: Server; readonly port: number }> => {
  const server = createServer().listen(0, "localhost")
  await once(server, "listening")
  return { server, port: (server.address() as { port: number }).port }
}

describe("tailrace start", { timeout: 30_000 }, () => {
  it("prints one line when it is ready, keeps records over a restart, and ends cleanly", async () => {
    const first = start("--data", "kept", "--port", "0")
    const address = await first.ready()
    // Which directory it is must not depend on who reads the line where.
    expect(first.out).toContain(`, data ${join(realpathSync(directory), "kept")})`)
    expect(await new Process(["topic", "create", "orders", "--bootstrap-server", address]).ended).toMatchObject({ exitCode: 0, out: "Created topic orders.\n" })
    const producer = new Process(["produce", "orders", "-b", address])
    producer.child.stdin?.end("one\ntwo\n")
    expect(await producer.ended).toEqual({ exitCode: 0, out: "", err: "" })

    const second = start("--data", "kept", "--port", "0")
    expect(await second.ended).toMatchObject({ exitCode: 4, out: "", err: expect.stringContaining(`is in use by process ${first.child.pid}\n`) as string })

    const ended = await first.stop("SIGTERM")
    expect(ended).toMatchObject({ exitCode: 0, err: "" })
    expect(ended.out.split("\n").length).toBe(2)

    const again = start("--data", "kept", "--port", "0")
    const consumer = new Process(["consume", "orders", "--from-beginning", "--until-end", "-b", await again.ready()])
    expect(await consumer.ended).toMatchObject({ exitCode: 0, out: "one\ntwo\n" })
    expect(await again.stop("SIGINT")).toMatchObject({ exitCode: 0 })
  })

  it("names what stands in its way", async () => {
    const { port, server } = await listening()
    try {
      expect(await start("--memory", "--port", String(port)).ended).toEqual({
        exitCode: 5, out: "", err: `tailrace: port ${port} is in use by another process\nStop that process, or choose another port with --port N.\n`
      })
      const http = await new Process(["start", "--memory", "--port", "0", "--http", `localhost:${port}`]).ended
      expect(http).toMatchObject({ exitCode: 5, err: expect.stringContaining("Choose another one with --http") as string })
    } finally {
      server.close()
    }
  })

  it.each(["SIGTERM", "SIGKILL"] as const)("does not start with metadata that is damaged, and says what to do (after %s)", async (signal) => {
    const data = `damaged-${signal}`
    writeFileSync(join(directory, `${data}.properties`), `log.dirs=${data}\nlisteners=PLAINTEXT://localhost:0\n`)
    const node = start("--config", `${data}.properties`)
    await new Process(["topic", "create", "orders", "-b", await node.ready()]).ended
    await node.stop(signal)
    const file = join(directory, data, "log.mdb")
    const bytes = readFileSync(file)
    // As the record of the topic has its name, behind its length; older pages may have it too.
    for (let at = bytes.indexOf("\u0007orders"); at >= 0; at = bytes.indexOf("\u0007orders", at + 1)) bytes[at + 1]! ^= 1
    writeFileSync(file, bytes)
    // The second start finds a log without the damaged end.
    for (let attempt = 0; attempt < 2; attempt++) {
      const { err, exitCode, out } = await new Process(["start", "--config", `${data}.properties`, "--log-level", "off"]).ended
      expect({ exitCode, out, lines: err.split("\n") }).toEqual({
        exitCode: 1, out: "", lines: [
          expect.stringMatching(new RegExp(`^tailrace: the metadata log in ${data} is damaged: __cluster_metadata-0 is damaged at \\[\\d+, \\d+\\): crc; the node does not start with it$`)),
          "This node is alone, so no other has what is in the directory: put a backup of it back, made while the node was stopped.", ""
        ]
      })
    }
  })

  it("refuses keys that nobody knows, with file and line", async () => {
    writeFileSync(join(directory, "server.properties"), "# a comment\nlog.retention.hour=3\nnum.partitions=many\n")
    const environment = { TAILRACE_NUM_PARTITION: "3" }
    const { err, exitCode } = await new Process(["start", "server.properties", "--override", "nod.id=2"], environment).ended
    expect(exitCode).toBe(2)
    expect(err.split("\n")).toEqual([
      "tailrace: the configuration is wrong:",
      "  file server.properties line 2: log.retention.hour: Unknown configuration; did you mean log.retention.hours?",
      expect.stringMatching(/^ {2}file server.properties line 3: num.partitions: /),
      "  environment variable TAILRACE_NUM_PARTITION: num.partition: Unknown configuration; did you mean num.partitions?",
      "  flag --override nod.id: nod.id: Unknown configuration; did you mean node.id?", ""
    ])
  })

  it("says what it waits for where NATS is not there, and can be stopped", async () => {
    const { port, server } = await listening()
    server.close()
    const node = new Process(["start", "--memory", "--http", "off", "--port", "0", "--override", "controller.quorum.voters=1", "--override", `nats.servers=nats://127.0.0.1:${port}`])
    while (!node.err.includes("no connection to NATS yet")) await once(node.child.stderr!, "data")
    expect(await node.stop("SIGTERM")).toMatchObject({ exitCode: 0, out: "", err: expect.stringContaining("stopped before it served") as string })
    expect(node.err).toContain("nats.servers says where to look")
  })

  it("warns where one of several controllers begins with an empty directory, and only then", async () => {
    const { port, server } = await listening()
    server.close()
    const warnings = async (...settings: ReadonlyArray<string>): Promise<ReadonlyArray<Record<string, unknown>>> => {
      const node = start("--port", "0", ...[`nats.servers=nats://127.0.0.1:${port}`, ...settings].flatMap((setting) => ["--override", setting]))
      while (!node.err.includes("no connection to NATS yet")) await once(node.child.stderr!, "data")
      const { err } = await node.stop("SIGTERM")
      return err.trim().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ message }) => String(message).includes("empty"))
    }
    expect(await warnings("controller.quorum.voters=1,2,3", "log.dirs=one-of-three")).toMatchObject([{
      level: "warn", message: expect.stringContaining("begins with an empty data directory") as string, directory: join(realpathSync(directory), "one-of-three")
    }])
    expect(await warnings("controller.quorum.voters=1,2,3", "log.dirs=one-of-three")).toEqual([])
    expect(await warnings("controller.quorum.voters=1", "log.dirs=one-of-one")).toEqual([])
    expect(await warnings("controller.quorum.voters=4,5,6", "node.id=4")).toHaveLength(1)
  })

  it("refuses settings that would make several clusters of one", async () => {
    const refused = async (...settings: ReadonlyArray<string>): Promise<string> => {
      const { err, exitCode } = await start("--memory", ...settings.flatMap((setting) => ["--override", setting])).ended
      expect(exitCode).toBe(2)
      return err
    }
    expect(await refused("controller.quorum.voters=1,2,3")).toContain("nats.servers does not say how to reach them")
    expect(await refused("nats.servers=nats://127.0.0.1:1")).toContain("this node would be a cluster of its own")
    expect(await refused("process.roles=controller")).toContain("a controller and no broker is not supported")
    expect(await refused("process.roles=broker", "nats.servers=nats://127.0.0.1:1", "controller.quorum.voters=1,2,3")).toContain("says that it is no controller")
  })

  it("does not take the variables of other parts of Tailrace for settings", async () => {
    const node = new Process(["start", "--memory", "--port", "0", "--http", "off"], {
      TAILRACE_LOG_LEVEL: "warn", TAILRACE_REPORTS: "reports", TAILRACE_SEED: "77", TAILRACE_BOOTSTRAP_SERVERS: "localhost:1"
    })
    await node.ready()
    expect(await node.stop("SIGTERM")).toMatchObject({ exitCode: 0, err: "" })
  })

  it("takes its settings from file, environment and flags, the later winning", async () => {
    writeFileSync(join(directory, "three.properties"), "num.partitions=2\nlisteners=PLAINTEXT://localhost:1\nnode.id=1\n")
    const node = new Process(["start", "three.properties", "--memory", "--port", "0", "--http", "off"], { TAILRACE_NUM_PARTITIONS: "4", TAILRACE_LOG_LEVEL: "error" })
    const address = await node.ready()
    await new Process(["topic", "create", "t", "-b", address]).ended
    const { out } = await new Process(["topic", "describe", "t", "-b", address]).ended
    expect(out).toContain("PartitionCount: 4")
    expect(await node.stop("SIGTERM")).toMatchObject({ exitCode: 0 })
  })
})

describe("tailrace", { timeout: 30_000 }, () => {
  it("has a version, help of every command, and exit codes for what it does not know", async () => {
    expect(await new Process(["--version"]).ended).toMatchObject({ exitCode: 0, out: expect.stringMatching(/^tailrace \d+\.\d+\.\d+\n$/) as string })
    expect(await new Process([]).ended).toMatchObject({ exitCode: 2, out: "" })
    const { out } = await new Process(["--help"]).ended
    const commands = [...out.matchAll(/^ {2}(\w+) {2,}\S/gm)].map(([, name]) => name as string)
    expect(commands).toEqual(expect.arrayContaining(["start", "topic", "produce", "consume", "group", "config", "cluster"]))
    for (const name of ["start", "topic", "produce", "consume", "group", "config", "cluster"]) {
      const help = await new Process([name, "--help"]).ended
      expect(help).toMatchObject({ exitCode: 0, err: "" })
      expect(help.out).toContain("Examples:\n  ")
    }
    expect(await new Process(["topik", "list"]).ended).toMatchObject({ exitCode: 2, err: expect.stringContaining("Did you mean topic?") as string })
  })

  it("does not mind a reader that has seen enough", async () => {
    const node = start("--memory", "--port", "0")
    const address = await node.ready()
    await new Process(["topic", "create", "t", "-b", address]).ended
    const producer = new Process(["produce", "t", "-b", address])
    producer.child.stdin?.end("0123456789\n".repeat(100_000))
    expect(await producer.ended).toMatchObject({ exitCode: 0 })
    const consumer = new Process(["consume", "t", "--from-beginning", "-b", address])
    await once(consumer.child.stdout!, "data")
    consumer.child.stdout?.destroy()
    const { err, exitCode } = await consumer.ended
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: expect.stringMatching(/^Processed a total of \d+ messages\n$/) as string })
    await node.stop("SIGTERM")
  })
})
