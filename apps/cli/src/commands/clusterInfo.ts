import type { Admin, QuorumDescription } from "@tailrace/client"
import type { Context } from "../Context.ts"
import { ExitCode } from "../ExitCode.ts"
import { ClusterView, type NodeView, partitionFaults, type PartitionView } from "../internal/ClusterView.ts"
import { printJson } from "../internal/connecting.ts"
import { noValue, table } from "../internal/table.ts"
import type { ClusterArguments } from "./clusterFlags.ts"

const faultNames = Object.keys(partitionFaults) as ReadonlyArray<keyof typeof partitionFaults>

/** `cluster info`: who is there, who leads, and how many partitions are not as they should be. */
export const info = async (admin: Admin, args: ClusterArguments, context: Context): Promise<number> => {
  const view = await ClusterView.ask(admin)
  const counts = Object.fromEntries(faultNames.map((name) => [name, view.partitions.filter(partitionFaults[name]).length]))
  if (args.has("json")) {
    const { clusterId, controllerId, nodes, quorum } = view
    printJson(context, {
      clusterId, controllerId, quorum: quorum === undefined ? null : { ...quorum, lag: largestLag(quorum) }, nodes: nodes.map(nodeAsJson),
      topics: view.topics.length, partitions: { total: view.partitions.length, ...counts }
    })
    return ExitCode.ok
  }
  context.stdout.write([
    `Cluster ID: ${view.clusterId ?? noValue}\n`,
    `Controller: ${view.controllerId < 0 ? noValue : view.controllerId}\n`,
    `Quorum:     ${view.quorum === undefined ? "no controller answers; this is what the node that was asked knows" : describeVoters(view.quorum)}\n\n`,
    nodesTable(view.nodes), "\n",
    `Topics: ${view.topics.length}, partitions: ${view.partitions.length}, replicas: ${view.partitions.reduce((sum, { replicas }) => sum + replicas.length, 0)}\n`,
    `Under-replicated: ${counts["under-replicated"]}, under min.insync.replicas: ${counts["under-min-isr"]}, offline: ${
      counts["offline"]}, not led by the preferred replica: ${counts["not-preferred"]}\n`
  ].join(""))
  return ExitCode.ok
}

export const nodes = async (admin: Admin, args: ClusterArguments, context: Context): Promise<number> => {
  const view = await ClusterView.ask(admin)
  if (args.has("json")) printJson(context, view.nodes.map(nodeAsJson))
  else context.stdout.write(nodesTable(view.nodes))
  return ExitCode.ok
}

/** `cluster partitions`: all of them, or those that have one of the faults that were asked for. */
export const partitions = async (admin: Admin, args: ClusterArguments, context: Context): Promise<number> => {
  const view = await ClusterView.ask(admin)
  const wanted = faultNames.filter((name) => args.has(name))
  const topics = new Set(args.texts("topic").flatMap((names) => names.split(",")))
  const found = view.partitions.filter((partition) => (topics.size === 0 || topics.has(partition.topic))
    && (wanted.length === 0 || wanted.some((name) => partitionFaults[name](partition))))
  if (args.has("json")) printJson(context, found.map(partitionAsJson))
  else if (found.length === 0) context.stderr.write("No partitions.\n")
  else {
    context.stdout.write(table([["TOPIC", 20], ["PARTITION", 9], ["LEADER", 6], ["EPOCH", 5], ["REPLICAS", 12], ["ISR", 12], ["ELR", 6], ["MIN-ISR", 7], ["STATE", 0]],
      found.map((it) => [it.topic, it.partition, it.leader < 0 ? "none" : it.leader, it.leaderEpoch, it.replicas.join(","),
        it.isr.join(","), it.elr?.join(",") ?? "N/A", it.minIsr, faultsOf(it).join(",") || "ok"])))
  }
  return ExitCode.ok
}

const faultsOf = (partition: PartitionView): ReadonlyArray<string> =>
  // Being just at the minimum is no fault, only the last step before one.
  faultNames.filter((name) => name !== "at-min-isr" && partitionFaults[name](partition))

const partitionAsJson = ({ elr, isr, lastKnownElr, leader, leaderEpoch, minIsr, offlineReplicas, partition, replicas, topic }: PartitionView): unknown =>
  ({ topic, partition, leader, leaderEpoch, replicas, isr, elr, lastKnownElr, offlineReplicas, minIsr })

/** How far the voter behind all others is behind the leader, in records of the metadata. */
export const largestLag = ({ leaderId, voters }: QuorumDescription): number => {
  const end = voters.find(({ nodeId }) => nodeId === leaderId)?.logEndOffset ?? -1
  return voters.reduce((lag, { logEndOffset }) => Math.max(lag, end - logEndOffset), 0)
}

const describeVoters = (quorum: QuorumDescription): string => {
  const voters = quorum.voters.map(({ nodeId }) => `${nodeId}${nodeId === quorum.leaderId ? " (leader)" : ""}`).join(", ")
  const observers = quorum.observers.map(({ nodeId }) => nodeId).join(", ")
  return `epoch ${quorum.leaderEpoch}, voters ${voters}${observers === "" ? "" : `, observers ${observers}`}, lag ${largestLag(quorum)}`
}

const stateOf = ({ isFenced, isUnknown }: NodeView): string => isUnknown ? "unregistered" : isFenced ? "fenced" : "online"

const nodesTable = (list: ReadonlyArray<NodeView>): string => table(
  [["NODE", 6], ["HOST", 20], ["PORT", 6], ["RACK", 8], ["STATE", 8], ["ROLES", 17], ["LEADS", 6], ["REPLICAS", 8], ["OUT-OF-SYNC", 0]],
  list.map((node) => [node.id, node.host || noValue, node.port < 0 ? noValue : node.port, node.rack ?? noValue, stateOf(node),
    node.roles.join(",") || noValue, node.leads, node.replicas, node.outOfSync]))

const nodeAsJson = (node: NodeView): unknown => {
  const { host, id, leads, outOfSync, port, rack, replicas, roles } = node
  return { id, host, port, rack, state: stateOf(node), roles, leads, replicas, outOfSync }
}
