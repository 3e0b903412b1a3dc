import type { Admin } from "@tailrace/client"
import { defineCommand } from "../Command.ts"
import type { Context } from "../Context.ts"
import { ExitCode } from "../ExitCode.ts"
import { printJson, withAdmin } from "../internal/connecting.ts"
import { noValue } from "../internal/table.ts"
import { clusterFlags, type ClusterArguments } from "./clusterFlags.ts"

export const cluster = defineCommand({
  name: "cluster",
  summary: "Shows and changes the cluster: nodes, controller quorum, leaders, replicas.",
  actions: {
    "info": { summary: "All of it at a glance; also without an action.", usage: "[flags]" },
    "nodes": { summary: "Who is there, what each leads and holds.", usage: "[flags]", flag: false },
    "partitions": { summary: "Leaders and replicas, or only what is not as it should be.", usage: "[--under-replicated | --offline | --under-min-isr …]" },
    "quorum": { summary: "The controllers, as kafka-metadata-quorum shows them.", usage: "[--status | --replication]" },
    "log-dirs": { summary: "What the data directories hold.", usage: "[NODE…]" },
    "elect": { summary: "Elects leaders.", usage: "TOPIC [--partition N] | --all-topic-partitions | --path-to-json-file FILE" },
    "reassign": { summary: "Moves replicas to other nodes.", usage: "--generate | --execute | --verify | --cancel | --list  [TOPIC… --nodes 1,2,3 | --plan FILE]" },
    "drain": { summary: "Moves everything away from a node, and waits.", usage: "NODE [--dry-run]" },
    "add-controller": { summary: "Lets a node vote in the controller quorum.", usage: "NODE" },
    "remove-controller": { summary: "Takes the vote from a node.", usage: "NODE" },
    "unregister": { summary: "Forgets a node that will not come back.", usage: "NODE" },
    "nats-config": { summary: "Writes the configuration of NATS servers and nodes for a new cluster.", usage: "--nodes 1@HOST,2@HOST,3@HOST [--output DIR]" },
    "cluster-id": { summary: "Only the id, as Kafka's kafka-cluster.sh prints it.", usage: "[flags]" }
  },
  defaultAction: "info",
  flags: clusterFlags,
  examples: [
    "tailrace cluster",
    "tailrace cluster info --bootstrap-server broker-1:9092 --json",
    "tailrace cluster nodes --json",
    "tailrace cluster partitions --under-replicated",
    "tailrace cluster quorum --replication --human-readable",
    "tailrace cluster log-dirs 1 --json",
    "tailrace cluster elect orders --partition 0",
    "tailrace cluster elect --all-topic-partitions",
    "tailrace cluster reassign --generate orders payments --nodes 2,3,4 --json",
    "tailrace cluster reassign --execute --plan plan.json --throttle 50000000",
    "tailrace cluster reassign --verify --plan plan.json",
    "tailrace cluster drain 3",
    "tailrace cluster add-controller 4",
    "tailrace cluster remove-controller 3",
    "tailrace cluster unregister 3",
    "tailrace cluster nats-config --nodes 1@10.0.0.1,2@10.0.0.2,3@10.0.0.3 --output conf",
    "tailrace cluster cluster-id"
  ],
  async run(args, context) {
    if (args.action === "nats-config") return (await import("./clusterNatsConfig.ts")).writeNatsConfig(args, context)
    return withAdmin(args, context, (admin) => perform(admin, args, context))
  }
})

/** Each action is a file, so that one does not pay for the others. */
const perform = async (admin: Admin, args: ClusterArguments, context: Context): Promise<number> => {
  switch (args.action) {
    case "nodes": return (await import("./clusterInfo.ts")).nodes(admin, args, context)
    case "partitions": return (await import("./clusterInfo.ts")).partitions(admin, args, context)
    case "quorum": return (await import("./clusterQuorum.ts")).quorum(admin, args, context)
    case "log-dirs": return (await import("./clusterLogDirs.ts")).logDirs(admin, args, context)
    case "elect": return (await import("./clusterElect.ts")).elect(admin, args, context)
    case "reassign": return (await import("./clusterReassign.ts")).reassign(admin, args, context)
    case "drain": return (await import("./clusterDrain.ts")).drain(admin, args, context)
    case "add-controller": return (await import("./clusterQuorum.ts")).addController(admin, args, context)
    case "remove-controller": return (await import("./clusterQuorum.ts")).removeController(admin, args, context)
    case "unregister": return (await import("./clusterQuorum.ts")).unregister(admin, args, context)
    case "cluster-id": return clusterId(admin, args, context)
    default: return (await import("./clusterInfo.ts")).info(admin, args, context)
  }
}

const clusterId = async (admin: Admin, args: ClusterArguments, context: Context): Promise<number> => {
  const described = await admin.describeCluster()
  if (args.has("json")) printJson(context, { clusterId: described.clusterId })
  else context.stdout.write(`Cluster ID: ${described.clusterId ?? noValue}\n`)
  return ExitCode.ok
}
