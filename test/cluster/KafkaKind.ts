import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { run } from "../bench/harness/Child.ts"
import { java, type KafkaJars } from "../bench/harness/kafkaJars.ts"
import type { ClusterKind, ClusterKindId, CommandLine, NodePlan } from "./ClusterKind.ts"

const clusterId = "4L6g3nShT-eMCtK--X86sw"

/** Real Apache Kafka brokers, each also a voter of the KRaft quorum, heap 1 GiB each, with the JVM options of their own start script. */
export class KafkaKind implements ClusterKind {
  readonly id: ClusterKindId
  readonly title: string
  readonly startMillisMax = 90_000
  readonly hasReadyz = false
  #jars: KafkaJars
  #flush: Readonly<Record<string, string>>

  constructor(jars: KafkaJars, flush: "default" | "everyMessage") {
    this.#jars = jars
    this.id = flush === "default" ? "kafka" : "kafka-flush"
    this.title = flush === "default" ? "Kafka default" : "Kafka flush.messages=1"
    this.#flush = flush === "default" ? {} : { "log.flush.interval.messages": "1" }
  }

  async prepare(plan: NodePlan): Promise<void> {
    mkdirSync(plan.directory, { recursive: true })
    writeFileSync(this.#propertiesFile(plan), this.#properties(plan))
    if (existsSync(join(this.dataDirectory(plan), "meta.properties"))) return
    const format = java(this.#jars, ["-Xmx256M"], "kafka.tools.StorageTool", ["format", "-t", clusterId, "-c", this.#propertiesFile(plan)])
    await run({ ...format, timeoutMillis: 60_000 })
  }

  hasBusServer(): boolean {
    return false
  }

  busServer(): CommandLine {
    throw new Error("Kafka's brokers talk to each other directly")
  }

  node(plan: NodePlan): CommandLine {
    const heap = ["-Xmx1g", "-Xms1g", "-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20", "-XX:InitiatingHeapOccupancyPercent=35",
      "-XX:+ExplicitGCInvokesConcurrent", `-Dkafka.logs.dir=${plan.directory}`]
    return java(this.#jars, heap, "kafka.Kafka", [this.#propertiesFile(plan)])
  }

  dataDirectory(plan: NodePlan): string {
    return join(plan.directory, "data")
  }

  #propertiesFile(plan: NodePlan): string {
    return join(plan.directory, "server.properties")
  }

  #properties(plan: NodePlan): string {
    const kafka = plan.layout.endpoint(plan.nodeId, "kafka")
    const controllerOf = (nodeId: number): string => {
      const { host, port } = plan.layout.endpoint(nodeId, "controller")
      return `${host}:${port}`
    }
    // One node alone is its own replica; internal topics of a cluster keep Kafka's own default of three.
    const replicas = String(Math.min(3, plan.nodeIds.length))
    const inSyncMin = String(plan.nodeIds.length < 3 ? 1 : 2)
    const properties: Record<string, string> = {
      "process.roles": "broker,controller",
      "node.id": String(plan.nodeId),
      "controller.quorum.voters": plan.nodeIds.map((nodeId) => `${nodeId}@${controllerOf(nodeId)}`).join(","),
      "listeners": `PLAINTEXT://${kafka.host}:${kafka.port},CONTROLLER://${controllerOf(plan.nodeId)}`,
      "advertised.listeners": `PLAINTEXT://${kafka.host}:${kafka.port}`,
      "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
      "controller.listener.names": "CONTROLLER",
      "inter.broker.listener.name": "PLAINTEXT",
      "log.dirs": this.dataDirectory(plan),
      "default.replication.factor": replicas,
      "min.insync.replicas": inSyncMin,
      "offsets.topic.replication.factor": replicas,
      "transaction.state.log.replication.factor": replicas,
      "transaction.state.log.min.isr": inSyncMin,
      "share.coordinator.state.topic.replication.factor": replicas,
      "share.coordinator.state.topic.min.isr": inSyncMin,
      ...this.#flush,
      ...plan.properties
    }
    return Object.entries(properties).map(([name, value]) => `${name}=${value}\n`).join("")
  }
}
