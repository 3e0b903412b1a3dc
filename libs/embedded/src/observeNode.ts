import type { KafkaListener } from "@tailrace/kafka-listener"
import { ApiKey } from "@tailrace/kafka-protocol"
import type { LogDirectory } from "@tailrace/log"
import { effectiveMinIsr, type PartitionImage } from "@tailrace/metadata"
import type { Node } from "@tailrace/node"
import type { Health, Metrics } from "@tailrace/runtime"

interface Observed {
  readonly node: Node
  readonly directory: LogDirectory
  readonly listener: KafkaListener
}

/** Shows a node's numbers and its health. They are read when somebody asks, so a node that nobody watches pays nothing. */
export function observeNode(metrics: Metrics, health: Health, { directory, listener, node }: Observed): void {
  const { metrics: served } = listener
  metrics.observe("gauge", "tailrace_connections", "Connections of clients that are open.", () => served.connections)
  metrics.observe("counter", "tailrace_connections_accepted_total", "Connections accepted.", () => served.connectionsAccepted)
  metrics.observe(
    "counter",
    "tailrace_connections_closed_malformed_total",
    "Connections closed because a request broke the protocol.",
    () => served.closedForMalformedRequest
  )
  metrics.observe("counter", "tailrace_connections_closed_idle_total", "Connections closed for idleness.", () => served.closedForIdleness)
  metrics.observe("counter", "tailrace_bytes_in_total", "Bytes received from clients.", () => served.bytesIn)
  metrics.observe("counter", "tailrace_bytes_out_total", "Bytes sent to clients.", () => served.bytesOut)
  for (const [api, key] of Object.entries(ApiKey)) {
    if (typeof key !== "number") continue
    metrics.observe("counter", "tailrace_requests_total", "Requests by API.", () => served.requestsByApi[key] ?? 0, { api })
  }
  metrics.observe("gauge", "tailrace_topics", "Topics of the cluster.", () => node.metadata.topicCount)
  metrics.observe("gauge", "tailrace_partitions", "Partitions of the cluster.", () => node.metadata.partitionCount)
  metrics.observe("gauge", "tailrace_log_bytes", "Bytes of all logs of this node.", () => {
    let bytes = 0
    for (const log of directory.logs()) bytes += log.sizeBytes
    return bytes
  })
  metrics.observe("counter", "tailrace_commits_total", "Commits that were flushed, over all runs.", () => directory.commitSequence)
  metrics.observe("gauge", "tailrace_backlog_bytes", "Bytes that wait for a flush.", () => directory.backlog.bytes)
  metrics.observe("gauge", "tailrace_write_gate_open", "1 while the data directory takes writes.", () => directory.writeGate.isOpen ? 1 : 0)
  if (node.replicationCounters !== undefined) observeCluster(metrics, health, node, node.replicationCounters)
  const component = health.register("data directory")
  const report = () => {
    if (directory.writeGate.isOpen) component.ready()
    else component.unready(`the data directory takes no writes: ${directory.writeGate.reason ?? "unknown"}`)
  }
  directory.writeGate.onChange(report)
  report()
}

/** What only a node of a cluster has. */
function observeCluster(metrics: Metrics, health: Health, node: Node, replication: NonNullable<Node["replicationCounters"]>): void {
  const { quorum } = node
  const led = (isCounted: (image: PartitionImage, topic: string) => boolean) => (): number => {
    let counted = 0
    for (const { isLeader, partition, topic, topicId } of node.partitions) {
      const image = isLeader ? node.metadata.partition(topicId, partition) : undefined
      if (image !== undefined && isCounted(image, topic)) counted++
    }
    return counted
  }
  metrics.observe("gauge", "tailrace_controller_active", "1 where this node is the controller.", () => quorum.isActive ? 1 : 0)
  metrics.observe("gauge", "tailrace_quorum_term", "The term of the controller quorum.", () => quorum.status.term)
  metrics.observe("gauge", "tailrace_metadata_applied_offset", "How far this node has applied the metadata.", () => node.metadataOffset)
  metrics.observe("gauge", "tailrace_node_fenced", "1 while no heartbeat was answered for one session.", () => node.isCutOff ? 1 : 0)
  metrics.observe("gauge", "tailrace_leaders", "Partitions that this node leads.", led(() => true))
  metrics.observe(
    "gauge",
    "tailrace_under_replicated_partitions",
    "Partitions led here that have replicas out of sync.",
    led(({ isr, replicas }) => isr.length < replicas.length)
  )
  metrics.observe(
    "gauge",
    "tailrace_under_min_isr_partitions",
    "Partitions led here that take no acks=all, since too few replicas are in sync.",
    led(({ isr, replicas }, topic) => isr.length < effectiveMinIsr(node.metadata, node.config, topic, replicas.length))
  )
  // Nobody leads them, so none of their nodes would count them.
  metrics.observe("gauge", "tailrace_offline_partitions", "Partitions of the cluster that nobody leads; 0 where this node is not the controller.", () => {
    let counted = 0
    for (const { partitions } of quorum.isActive ? node.metadata.topics : []) for (const { leader } of partitions) if (leader < 0) counted++
    return counted
  })
  metrics.observe("counter", "tailrace_replication_bytes_in_total", "Bytes of batches from leaders.", () => replication.bytesIn)
  metrics.observe("counter", "tailrace_replication_bytes_out_total", "Bytes of batches to followers.", () => replication.bytesOut)
  metrics.observe("counter", "tailrace_replication_resyncs_total", "Sessions with leaders that were begun anew.", () => replication.resyncs)
  metrics.observe("counter", "tailrace_truncations_total", "Logs that were cut to where a leader's parts from them.", () => replication.truncations)
  metrics.observe(
    "counter",
    "tailrace_messages_malformed_total",
    "Messages of other nodes that nobody understands.",
    () => replication.malformed + quorum.malformed.count
  )
  const component = health.register("cluster")
  node.onLeaseChanged = () => {
    if (node.isCutOff) component.unready("no heartbeat was answered for one session")
    else component.ready()
  }
  node.onLeaseChanged()
}
