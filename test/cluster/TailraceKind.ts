import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { natsConfig } from "@tailrace/bus/nats"
import { findNatsServer, natsEnvironment, natsServerHelp } from "@tailrace/bus/nats-server"
import { nodeEnvironment, nodePath, repositoryRoot } from "../bench/harness/paths.ts"
import type { ClusterKind, CommandLine, NodePlan } from "./ClusterKind.ts"

/** As `npm start` does it. */
const startArguments = ["--initial-old-space-size=512", "apps/cli/bin/tailrace.js", "start"]

const natsUsers = {
  control: { user: "control", password: "for control" }, data: { user: "data", password: "for data" }, routes: { user: "routes", password: "between servers" }
} as const

/** Our own nodes, each with a NATS server beside it. A cluster of one node is a single node with its memory bus and needs no NATS. */
export class TailraceKind implements ClusterKind {
  readonly id = "tailrace"
  readonly title = "Tailrace (durable)"
  readonly startMillisMax = 60_000
  readonly hasReadyz = true
  #timerProfile: "default" | "ci"
  #natsProgram: string | undefined

  constructor(timerProfile: "default" | "ci" = "default") {
    this.#timerProfile = timerProfile
  }

  async prepare(plan: NodePlan): Promise<void> {
    mkdirSync(plan.directory, { recursive: true })
    writeFileSync(this.#propertiesFile(plan), this.#properties(plan))
    if (!this.hasBusServer(plan)) return
    this.#natsProgram ??= await findNatsServer()
    if (this.#natsProgram === undefined) throw new Error(natsServerHelp)
    writeFileSync(this.#natsFile(plan), this.#natsConfig(plan))
  }

  hasBusServer(plan: NodePlan): boolean {
    return plan.nodeIds.length > 1
  }

  busServer(plan: NodePlan): CommandLine {
    return { command: this.#natsProgram!, args: ["--config", this.#natsFile(plan)], env: { ...process.env, ...natsEnvironment } }
  }

  node(plan: NodePlan): CommandLine {
    return { command: nodePath, args: [...startArguments, "--config", this.#propertiesFile(plan)], cwd: repositoryRoot, env: nodeEnvironment() }
  }

  dataDirectory(plan: NodePlan): string {
    return join(plan.directory, "data")
  }

  #propertiesFile(plan: NodePlan): string {
    return join(plan.directory, "server.properties")
  }

  #natsFile(plan: NodePlan): string {
    return join(plan.directory, "nats.conf")
  }

  /** What `tailrace cluster nats-config` writes for users. */
  #natsConfig({ clusterName, layout, nodeId, nodeIds }: NodePlan): string {
    const nodes = nodeIds.map((id) => {
      const { host, port } = layout.endpoint(id, "nats")
      return { name: String(id), host, clientPort: port, clusterPort: layout.endpoint(id, "natsRoute").port, monitorPort: layout.endpoint(id, "natsMonitor").port }
    })
    return natsConfig({ clusterName, nodes, ...natsUsers }).get(String(nodeId))!
  }

  #properties(plan: NodePlan): string {
    const address = (nodeId: number, port: "kafka" | "http" | "nats"): string => {
      const { host, port: number } = plan.layout.endpoint(nodeId, port)
      return `${host}:${number}`
    }
    const properties: Record<string, string> = {
      "node.id": String(plan.nodeId),
      "listeners": `PLAINTEXT://${address(plan.nodeId, "kafka")}`,
      "advertised.listeners": `PLAINTEXT://${address(plan.nodeId, "kafka")}`,
      "http.listener": address(plan.nodeId, "http"),
      "log.dirs": this.dataDirectory(plan),
      ...(plan.layout.name === "namespaces" ? { "allow.unauthenticated.listeners": "true" } : {}),
      ...(plan.nodeIds.length > 1 ? this.#clusterProperties(plan, address) : {}),
      ...plan.properties
    }
    return Object.entries(properties).map(([name, value]) => `${name}=${value}\n`).join("")
  }

  #clusterProperties(plan: NodePlan, address: (nodeId: number, port: "nats") => string): Record<string, string> {
    // The server beside the node comes first: all others are ways around a dead one.
    const servers = [plan.nodeId, ...plan.nodeIds.filter((other) => other !== plan.nodeId)]
    return {
      "process.roles": "broker,controller",
      "controller.quorum.voters": plan.nodeIds.join(","),
      "cluster.name": plan.clusterName,
      "nats.servers": servers.map((nodeId) => `nats://${address(nodeId, "nats")}`).join(","),
      "nats.control.user": natsUsers.control.user,
      "nats.control.password": natsUsers.control.password,
      "nats.data.user": natsUsers.data.user,
      "nats.data.password": natsUsers.data.password,
      "timer.profile": this.#timerProfile
    }
  }
}
