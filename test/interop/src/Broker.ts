import * as fs from "node:fs"
import * as net from "node:net"
import { join } from "node:path"
import type { ChildProcess } from "node:child_process"
import { cachePath, partProblem, repositoryPath } from "./Cache.ts"
import { exitOf, killGroup, runProcess, startProcess } from "./Processes.ts"

const startMillisMax = 60_000
const stopMillisMax = 30_000

/** The broker under test. Only one that the runner started can be restarted. */
export interface Broker {
  readonly name: string
  readonly bootstrap: string
  /** SIGTERM, then the same again on the same directory and port. */
  readonly restart?: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** The target's settings beside its own defaults: a group's first rebalance must not wait three seconds in every cell. */
const settings = { "group.initial.rebalance.delay.ms": "0", "offsets.topic.replication.factor": "1", "auto.create.topics.enable": "false" }

export async function openBroker(target: string, directory: string): Promise<Broker> {
  if (target === "tailrace") return owned("tailrace", directory, tailraceCommand)
  if (target === "kafka") return owned("Apache Kafka 4.3.1", directory, kafkaCommand)
  await portOpen(target, 5_000)
  return { name: target, bootstrap: target, stop: async () => {} }
}

interface Command { readonly command: string; readonly args: ReadonlyArray<string> }
type Prepare = (directory: string, port: number) => Promise<Command>

async function owned(name: string, directory: string, prepare: Prepare): Promise<Broker> {
  const port = await freePort()
  const bootstrap = `127.0.0.1:${port}`
  const { command, args } = await prepare(directory, port)
  let child = await start()

  async function start(): Promise<ChildProcess> {
    const log = fs.openSync(join(directory, "broker.log"), "a")
    const started = startProcess(command, args, { stdio: ["ignore", log, log] })
    fs.closeSync(log)
    await Promise.race([
      portOpen(bootstrap, startMillisMax),
      exitOf(started).then((code) => { throw new Error(`${name} ended with ${code} instead of opening its port: ${lastLines(directory)}`) })
    ])
    return started
  }

  async function stop(): Promise<void> {
    const timer = setTimeout(() => killGroup(child), stopMillisMax)
    const before = Date.now()
    killGroup(child, "SIGTERM")
    const code = await exitOf(child)
    clearTimeout(timer)
    if (child.signalCode === "SIGKILL") throw new Error(`${name} did not end within ${stopMillisMax} ms of SIGTERM: ${lastLines(directory)}`)
    console.log(`${name} ended ${Date.now() - before} ms after SIGTERM with ${child.signalCode ?? code}`)
  }

  return { name, bootstrap, stop, restart: async () => { await stop(); child = await start() } }
}

function lastLines(directory: string): string {
  return fs.readFileSync(join(directory, "broker.log"), "utf8").trim().split("\n").slice(-5).join(" | ")
}

async function tailraceCommand(directory: string, port: number): Promise<Command> {
  const overrides = { listeners: `PLAINTEXT://127.0.0.1:${port}`, "log.dirs": join(directory, "data"), ...settings }
  return {
    command: process.execPath,
    args: [repositoryPath("apps", "cli", "src", "main.ts"), "start", "--http", "off", ...Object.entries(overrides).flatMap(([name, value]) => ["--override", `${name}=${value}`])]
  }
}

async function kafkaCommand(directory: string, port: number): Promise<Command> {
  const problem = partProblem("kafka-4.3.1")
  if (problem !== undefined) throw new Error(`Kafka is ${problem}: run .ci/install-interop.sh`)
  const controller = await freePort()
  const properties = {
    "process.roles": "broker,controller", "node.id": "1", "controller.quorum.voters": `1@127.0.0.1:${controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`, "advertised.listeners": `PLAINTEXT://127.0.0.1:${port}`,
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT", "controller.listener.names": "CONTROLLER",
    "log.dirs": join(directory, "data"), "transaction.state.log.replication.factor": "1", "transaction.state.log.min.isr": "1", ...settings
  }
  const file = join(directory, "server.properties")
  fs.writeFileSync(file, Object.entries(properties).map(([name, value]) => `${name}=${value}\n`).join(""))
  const classPath = ["-Dlog4j2.level=WARN", "-cp", `${cachePath("kafka-4.3.1", "libs")}/*`]
  const format = await runProcess("java", ["-Xmx256m", ...classPath, "kafka.tools.StorageTool", "format", "-t", "4L6g3nShT-eMCtK--X86sw", "-c", file], { timeoutMillis: 60_000 })
  if (format.code !== 0) throw new Error(`kafka.tools.StorageTool ended with ${format.code}: ${format.stdout}${format.stderr}`)
  return { command: "java", args: ["-Xmx1g", "-Xms512m", "-XX:+UseG1GC", ...classPath, "kafka.Kafka", file] }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer()
    server.on("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as net.AddressInfo
      server.close(() => resolve(port))
    })
  })
}

async function portOpen(address: string, millisMax: number): Promise<void> {
  const [host = "", port = ""] = address.split(/:(?=\d+$)/)
  const deadline = Date.now() + millisMax
  while (!(await answers(host, Number(port)))) {
    if (Date.now() > deadline) throw new Error(`${address} did not open within ${millisMax} ms`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port, timeout: 1_000 })
    const settle = (answer: boolean): void => { socket.destroy(); resolve(answer) }
    socket.on("connect", () => settle(true)).on("error", () => settle(false)).on("timeout", () => settle(false))
  })
}
