import type { KafkaListener } from "@tailrace/kafka-listener"
import { ApiKey } from "@tailrace/kafka-protocol"
import type { LogDirectory } from "@tailrace/log"
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
  const component = health.register("data directory")
  const report = () => {
    if (directory.writeGate.isOpen) component.ready()
    else component.unready(`the data directory takes no writes: ${directory.writeGate.reason ?? "unknown"}`)
  }
  directory.writeGate.onChange(report)
  report()
}
