import type { ClientOptions } from "@tailrace/client"
import type { SeededRandom } from "@tailrace/runtime/simulated"
import type { History } from "../../History.ts"
import type { SimulatedCluster } from "../../SimulatedCluster.ts"

/** A topic that lives from the beginning to the end, and whose records are all accounted for. */
export interface WorkloadTopic {
  readonly name: string
  readonly partitions: number
  readonly minIsr: number
}

/** What the clients of one run share. */
export interface WorkloadContext {
  readonly cluster: SimulatedCluster
  readonly history: History
  readonly topics: ReadonlyArray<WorkloadTopic>
}

export const keyOf = (topic: string, partition: number): string => `${topic}/${partition}`

/** Clients give up early, so that a run sees many of their errors. */
export function clientOptions(cluster: SimulatedCluster, host: string, random: SeededRandom): ClientOptions {
  return {
    bootstrapServers: cluster.bootstrapServers, clientId: host, requestTimeoutMillis: 3_000, connectTimeoutMillis: 1_000,
    apiTimeoutMillis: 15_000, retryBackoffMillis: 50, retryBackoffMillisMax: 400, metadataMaxAgeMillis: 20_000,
    ports: { clock: cluster.clock, random, dialer: cluster.net.at(host) }
  }
}

/** What a record says, without what fills it up. */
export const valueOf = (bytes: Buffer | null): string => {
  const text = bytes === null ? "" : bytes.toString("latin1", 0, Math.min(bytes.length, 64))
  const end = text.indexOf(" ")
  return end < 0 ? text : text.slice(0, end)
}
