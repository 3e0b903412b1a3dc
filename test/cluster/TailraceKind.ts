import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { nodeEnvironment, nodePath, repositoryRoot } from "../bench/harness/paths.ts"
import type { ClusterKind, CommandLine, NodePlan } from "./ClusterKind.ts"
import { natsServer } from "./natsServer.ts"

/** As `npm start` does it. */
const startArguments = ["--initial-old-space-size=512", "apps/cli/bin/tailrace.js", "start"]

/** Our own nodes, each with a NATS server beside it. A cluster of one node is a single node with its memory bus and needs no NATS. */
export class TailraceKind implements ClusterKind {
  readonly id = "tailrace"
  readonly title = "Tailrace (durable)"
  readonly startMillisMax = 60_000
  readonly hasReadyz = true
  #timerProfile: "default" | "ci"

  constructor(timerProfile: "default" | "ci" = "default") {
    this.#timerProfile = timerProfile
  }

  prepare(plan: NodePlan): Promise<void> {
    mkdirSync(plan.directory, { recursive: true })
    writeFileSync(this.#propertiesFile(plan), this.#properties(plan))
    if (plan.nodeIds.length > 1) natsServer.writeConfig(this.#natsFile(plan), plan)
    return Promise.resolve()
  }

  busServer(plan: NodePlan): CommandLine | undefined {
    return plan.nodeIds.length > 1 ? { command: natsServer.program(), args: ["--config", this.#natsFile(plan)] } : undefined
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
      "nats.control.user": natsServer.users.control.user,
      "nats.control.password": natsServer.users.control.password,
      "nats.data.user": natsServer.users.data.user,
      "nats.data.password": natsServer.users.data.password,
      "timer.profile": this.#timerProfile
    }
  }
}
