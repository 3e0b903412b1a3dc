import { type CompressionName, CompressionType, type FieldInput } from "@tailrace/record"
import { ClientError } from "./ClientError.ts"
import type { ClientOptions } from "./ClientOptions.ts"
import type { Cluster } from "./Cluster.ts"

export interface ProducerSettings {
  /** -1 or "all": all in-sync replicas have the record; 1: the leader has it; 0: nobody says. Default "all". */
  readonly acks?: "all" | -1 | 0 | 1
  /** No record twice or out of order, whatever is repeated. Default true with acks "all"; not possible otherwise. */
  readonly enableIdempotence?: boolean
  /** Default "none". */
  readonly compression?: CompressionName
  /** How long a batch that is not full waits for more records; default 5 ms. */
  readonly lingerMillis?: number
  /** The size that a batch of several records keeps below, before compression; default 128 KiB. */
  readonly batchBytes?: number
  /** The largest request, and so the largest record; default 1 MiB. */
  readonly requestBytesMax?: number
  /** Records that wait to be acknowledged; beyond, `send` waits. Default 32 MiB. */
  readonly bufferBytesMax?: number
  /** Calls of `send` that wait for room or for metadata; beyond, `send` fails. Default 100,000. */
  readonly blockedSendsMax?: number
  /** How long `send` waits for room or for metadata; default 60 s. */
  readonly maxBlockMillis?: number
  /** After this time a record is not tried again; default 2 minutes. */
  readonly deliveryTimeoutMillis?: number
  /** Requests under way to one broker, at most 5 with idempotence; default 5. */
  readonly maxInFlightRequestsPerConnection?: number
  /** Whether the broker may create a missing topic where it is configured to; default true. */
  readonly allowAutoCreateTopics?: boolean
  /** Chooses a partition for records that name none; undefined leaves it to the default. */
  readonly partitioner?: (record: ProducerRecord, partitionCount: number) => number | undefined
}

export type ProducerOptions = ProducerSettings & (ClientOptions | { readonly cluster: Cluster })

export interface ProducerRecord {
  readonly topic: string
  /** A string stands for its UTF-8 bytes; null and undefined for no key. */
  readonly key?: FieldInput
  /** null is a tombstone. */
  readonly value?: FieldInput
  readonly headers?: ReadonlyArray<{ readonly key: string; readonly value: FieldInput }>
  readonly partition?: number
  /** Milliseconds since 1970; default now. */
  readonly timestamp?: number
}

export interface RecordMetadata {
  readonly topic: string
  readonly partition: number
  /** -1 when the broker does not say: with acks=0, or for a duplicate whose offset it has forgotten. */
  readonly offset: number
  readonly timestamp: number
}

export const producerDefaults = {
  lingerMillis: 5,
  batchBytes: 128 << 10,
  requestBytesMax: 1 << 20,
  bufferBytesMax: 32 << 20,
  blockedSendsMax: 100_000,
  maxBlockMillis: 60_000,
  deliveryTimeoutMillis: 120_000,
  maxInFlightRequestsPerConnection: 5
} as const

export type ResolvedProducerSettings = { readonly [Name in keyof typeof producerDefaults]: number } & {
  readonly acks: -1 | 0 | 1
  readonly enableIdempotence: boolean
  readonly compression: CompressionName
  readonly allowAutoCreateTopics: boolean
  readonly partitioner: ProducerSettings["partitioner"] | undefined
}

/** More than five unacknowledged batches of one producer are more than a broker remembers. */
const idempotentInFlightMax = 5

export const resolveProducerSettings = (settings: ProducerSettings): ResolvedProducerSettings => {
  const acks = settings.acks === "all" || settings.acks === undefined ? -1 : settings.acks
  const enableIdempotence = settings.enableIdempotence ?? acks === -1
  const numbers: Record<string, number> = { ...producerDefaults }
  for (const name of Object.keys(producerDefaults) as Array<keyof typeof producerDefaults>) {
    const value = settings[name] ?? producerDefaults[name]
    if (!(value > 0 || (name === "lingerMillis" && value === 0))) {
      throw new ClientError("configuration", `${name}: ${value} is not a positive number`)
    }
    numbers[name] = value
  }
  const resolved = {
    ...(numbers as { [Name in keyof typeof producerDefaults]: number }), acks, enableIdempotence,
    compression: settings.compression ?? "none", allowAutoCreateTopics: settings.allowAutoCreateTopics ?? true,
    partitioner: settings.partitioner
  } as const
  if (![-1, 0, 1].includes(acks)) throw new ClientError("configuration", `acks: ${acks} is none of "all", -1, 0, 1`)
  if (!Object.hasOwn(CompressionType, resolved.compression)) {
    throw new ClientError("configuration", `compression: ${resolved.compression} is none of ${Object.keys(CompressionType).join(", ")}`)
  }
  if (resolved.lingerMillis >= resolved.deliveryTimeoutMillis) {
    throw new ClientError("configuration", `lingerMillis: after ${resolved.lingerMillis} ms the ${
      resolved.deliveryTimeoutMillis} ms of deliveryTimeoutMillis are over before anything is sent`)
  }
  if (enableIdempotence && acks !== -1) throw new ClientError("configuration", "enableIdempotence needs acks \"all\"")
  if (enableIdempotence && resolved.maxInFlightRequestsPerConnection > idempotentInFlightMax) {
    throw new ClientError("configuration", `maxInFlightRequestsPerConnection is at most ${idempotentInFlightMax} with enableIdempotence`)
  }
  return { ...resolved, batchBytes: Math.min(resolved.batchBytes, resolved.requestBytesMax) }
}
