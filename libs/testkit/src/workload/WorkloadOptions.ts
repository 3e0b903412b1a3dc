import type { ClientOptions, TopicPartition } from "@tailrace/client"
import type { Clock, Random } from "@tailrace/runtime"
import type { History } from "../History.ts"

/** What all processes of a workload share. */
export interface WorkloadOptions {
  readonly history: History
  /** The clock of the history. */
  readonly clock: Clock
  readonly random: Random
  /**
   * How clients reach the cluster, with their time-outs; and, in a simulation, by which ports. Each process is a client of its own.
   * Where nothing else is said, a request waits for 1.5 s, a connection for 1 s and a call with all its retries for 10 s.
   */
  readonly client: ClientOptions
  readonly partitions: ReadonlyArray<TopicPartition>
  /** How long producers send; then the workload ends by itself. */
  readonly durationMillis: number
  /** Ends it before its time when it resolves: where what happens to the cluster decides how long it takes. */
  readonly until?: Promise<unknown>
  /** A record is given up after this time; default 30 s. */
  readonly deliveryTimeoutMillis?: number
  /** How long consumers go on after the producers have ended; default 2 s. */
  readonly tailMillis?: number
}

export const workloadDefaults = {
  requestTimeoutMillis: 1_500,
  connectTimeoutMillis: 1_000,
  apiTimeoutMillis: 10_000,
  deliveryTimeoutMillis: 30_000,
  tailMillis: 2_000
} as const

/** The options of one client of a workload: short waits where the caller does not say otherwise. */
export const clientOptionsOf = ({ client, clock, random }: WorkloadOptions, clientId: string): ClientOptions => {
  const { requestTimeoutMillis, connectTimeoutMillis, apiTimeoutMillis } = workloadDefaults
  return { requestTimeoutMillis, connectTimeoutMillis, apiTimeoutMillis, ...client, clientId, ports: { clock, random, ...client.ports } }
}

export const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`

/** A value is its name and as many spaces as it takes to make it long. */
export const valueOf = (bytes: Uint8Array | null): string => {
  const text = bytes === null ? "null" : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
  const end = text.indexOf(" ")
  return end < 0 ? text : text.slice(0, end)
}
