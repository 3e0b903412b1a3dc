import type { Admin } from "@tailrace/client"
import type { Arguments } from "../Arguments.ts"
import { defineCommand } from "../Command.ts"
import type { Context } from "../Context.ts"
import { ExitCode } from "../ExitCode.ts"
import { connectionFlags, printJson, timeoutFlag, withAdmin } from "../internal/connecting.ts"
import { noValue } from "../internal/table.ts"

const flags = {
  "topic": { type: "text", value: "NAME", isList: true, of: ["partitions", "elect", "reassign", "log-dirs"], aliases: ["topics", "topic-list"], help: "Only these topics." },
  "under-replicated": { type: "switch", of: ["partitions"], aliases: ["under-replicated-partitions"], help: "Those with replicas out of sync." },
  "under-min-isr": { type: "switch", of: ["partitions"], aliases: ["under-min-isr-partitions"], help: "Those that cannot take acks=all." },
  "at-min-isr": { type: "switch", of: ["partitions"], aliases: ["at-min-isr-partitions"], help: "Those that cannot lose one more replica." },
  "offline": { type: "switch", of: ["partitions"], aliases: ["unavailable-partitions"], help: "Those without a leader." },
  "not-preferred": { type: "switch", of: ["partitions"], help: "Those that another replica leads than the first." },
  "status": { type: "switch", of: ["quorum"], help: "Leader, epoch, lag and voters; the default." },
  "replication": { type: "switch", of: ["quorum"], help: "A line for every node that follows the metadata." },
  "human-readable": { type: "switch", of: ["quorum"], help: "With --replication: how long ago, instead of timestamps." },
  "election-type": { type: "text", value: "TYPE", oneOf: ["preferred", "unclean"], of: ["elect"], help: "preferred (the default), or unclean, which may lose acknowledged records." },
  "partition": { type: "text", value: "N", isList: true, of: ["elect"], help: "Only this partition of the topic." },
  "all-topic-partitions": { type: "switch", of: ["elect"], help: "All partitions that need it." },
  "path-to-json-file": { type: "text", value: "FILE", of: ["elect"], help: "A file with partitions, as kafka-leader-election takes it." },
  "generate": { type: "switch", of: ["reassign"], help: "Print a plan, and how to go back." },
  "execute": { type: "switch", of: ["reassign"], help: "Begin to move." },
  "verify": { type: "switch", of: ["reassign"], help: "How far the plan is; when it is done, ends the throttle." },
  "cancel": { type: "switch", of: ["reassign"], help: "End the plan's moves that are under way." },
  "list": { type: "switch", of: ["reassign"], help: "All moves that are under way." },
  "plan": { type: "text", value: "FILE", of: ["reassign"], aliases: ["reassignment-json-file"], help: "The plan that --generate printed. --execute makes one without it." },
  "topics-to-move-json-file": { type: "text", value: "FILE", of: ["reassign"], help: "The topics, as kafka-reassign-partitions takes them." },
  "nodes": { type: "text", value: "1,2,3", of: ["reassign", "log-dirs", "nats-config"], aliases: ["broker-list"], help: "The nodes; default all that are online." },
  "replication-factor": { type: "integer", value: "N", of: ["reassign"], help: "How many replicas from then on; default as many as now." },
  "disable-rack-aware": { type: "switch", of: ["reassign"], help: "Do not spread replicas over racks." },
  "throttle": { type: "integer", value: "BYTES/S", of: ["reassign"], help: "How fast replicas move, until --verify finds them done." },
  "additional": { type: "switch", of: ["reassign"], help: "Also while other moves are under way." },
  "preserve-throttles": { type: "switch", of: ["reassign"], help: "Leave the throttle as it is." },
  "dry-run": { type: "switch", of: ["drain"], help: "Only print the plan." },
  "wait-ms": { type: "integer", value: "MS", of: ["drain"], help: "How long to wait for the moves; default until they are done." },
  "controller-id": { type: "text", value: "ID", of: ["add-controller", "remove-controller"] },
  "controller-directory-id": { type: "text", value: "UUID", of: ["add-controller", "remove-controller"], help: "The data directory that votes; default the one that the node has." },
  "id": { type: "text", value: "ID", of: ["unregister"] },
  "force": { type: "switch", of: ["unregister"], help: "Although it runs, has replicas or is a controller." },
  "cluster-name": { type: "text", value: "NAME", of: ["nats-config"], help: "First word of every NATS subject; default tailrace." },
  "client-port": { type: "integer", value: "N", of: ["nats-config"], help: "Where nodes reach the NATS servers; default 4222." },
  "cluster-port": { type: "integer", value: "N", of: ["nats-config"], help: "Where the NATS servers reach each other; default 6222." },
  "monitor-port": { type: "integer", value: "N", of: ["nats-config"], help: "The NATS servers' HTTP pages, on loopback; none without it." },
  "kafka-port": { type: "integer", value: "N", of: ["nats-config"], help: "Where clients reach the nodes; default 9092." },
  "output": { type: "text", value: "DIR", of: ["nats-config"], help: "Where the files go; default the current directory." },
  "tls-ca": { type: "text", value: "FILE", of: ["nats-config"], help: "TLS: the authority of servers and nodes, with the next two." },
  "tls-cert": { type: "text", value: "FILE", of: ["nats-config"], help: "The certificate; {node} in its name stands for the node's id." },
  "tls-key": { type: "text", value: "FILE", of: ["nats-config"], help: "Its key." },
  "describe": { type: "switch", of: ["log-dirs"] },
  ...connectionFlags,
  // Kafka's reassignment tool calls the nodes of a plan so.
  "bootstrap-server": { ...connectionFlags["bootstrap-server"], aliases: [] },
  ...timeoutFlag
} as const

export type ClusterArguments = Arguments<keyof typeof flags>

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
  flags,
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
