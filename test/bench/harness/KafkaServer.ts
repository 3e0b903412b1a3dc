import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Child, run } from "./Child.ts"
import { java, type KafkaJars } from "./kafkaJars.ts"
import { waitForApiVersions } from "./network.ts"
import { runningServer, type RunningServer, type ServerId, type ServerKind, type StartOptions } from "./Server.ts"

const clusterId = "4L6g3nShT-eMCtK--X86sw"

/** A real Apache Kafka as one KRaft node (broker and controller), heap 1 GiB, with the JVM options of its own start script. */
export class KafkaServer implements ServerKind {
  readonly id: ServerId
  readonly title: string
  #jars: KafkaJars
  #extra: Readonly<Record<string, string>>

  constructor(jars: KafkaJars, flush: "default" | "everyMessage") {
    this.#jars = jars
    this.id = flush === "default" ? "kafka" : "kafka-flush"
    this.title = flush === "default" ? "Kafka default" : "Kafka flush.messages=1"
    this.#extra = flush === "default" ? {} : { "log.flush.interval.messages": "1" }
  }

  async prepare(options: StartOptions): Promise<void> {
    mkdirSync(options.directory, { recursive: true })
    writeFileSync(this.#propertiesFile(options), this.#properties(options))
    if (existsSync(join(options.directory, "data/meta.properties"))) return
    const format = java(this.#jars, ["-Xmx256M"], "kafka.tools.StorageTool", ["format", "-t", clusterId, "-c", this.#propertiesFile(options)])
    await run({ ...format, timeoutMillis: 60_000 })
  }

  spawn(options: StartOptions): Child {
    const heap = ["-Xmx1g", "-Xms1g", "-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20", "-XX:InitiatingHeapOccupancyPercent=35",
      "-XX:+ExplicitGCInvokesConcurrent", `-Dkafka.logs.dir=${options.directory}`]
    const own = java(this.#jars, heap, "kafka.Kafka", [this.#propertiesFile(options)])
    const [command, ...args] = [...(options.wrapper ?? []), own.command, ...own.args]
    return new Child({ command: command!, args, ...(options.logFile === undefined ? {} : { logFile: options.logFile }), ...(options.env === undefined ? {} : { env: options.env }) })
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

  #propertiesFile(options: StartOptions): string {
    return join(options.directory, "server.properties")
  }

  #properties(options: StartOptions): string {
    const controllerPort = options.port + 1
    const properties: Record<string, string> = {
      "process.roles": "broker,controller",
      "node.id": "1",
      "controller.quorum.voters": `1@127.0.0.1:${controllerPort}`,
      "listeners": `PLAINTEXT://127.0.0.1:${options.port},CONTROLLER://127.0.0.1:${controllerPort}`,
      "advertised.listeners": `PLAINTEXT://127.0.0.1:${options.port}`,
      "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
      "controller.listener.names": "CONTROLLER",
      "inter.broker.listener.name": "PLAINTEXT",
      "log.dirs": join(options.directory, "data"),
      "offsets.topic.replication.factor": "1",
      "transaction.state.log.replication.factor": "1",
      "transaction.state.log.min.isr": "1",
      "share.coordinator.state.topic.replication.factor": "1",
      "share.coordinator.state.topic.min.isr": "1",
      ...this.#extra,
      ...options.properties
    }
    return Object.entries(properties).map(([name, value]) => `${name}=${value}\n`).join("")
  }
}
