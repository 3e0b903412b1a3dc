import { ClientError } from "./ClientError.ts"
import type { ClientOptions } from "./ClientOptions.ts"
import type { Cluster } from "./Cluster.ts"
import type { RecordHeader } from "@tailrace/record"

export interface ConsumerSettings {
  /** The group whose committed offsets are used; without one, nothing can be committed. */
  readonly groupId?: string
  /** Where to begin without a committed offset, or when the position is not in the log any more; default "latest". */
  readonly autoOffsetReset?: "earliest" | "latest" | "none"
  /** "read_committed" leaves out aborted and open transactions; default "read_uncommitted". */
  readonly isolationLevel?: "read_uncommitted" | "read_committed"
  /** The broker waits for this much, up to `fetchMaxWaitMillis`; default 1. */
  readonly fetchMinBytes?: number
  /** The most that one answer of a broker holds, unless one batch is larger; default 50 MiB. */
  readonly fetchMaxBytes?: number
  /** The same for each partition; default 1 MiB. */
  readonly maxPartitionFetchBytes?: number
  /** Default 500 ms. */
  readonly fetchMaxWaitMillis?: number
  /** The most that one `poll` answers; default 500. */
  readonly maxPollRecords?: number
  /** Verify the checksum of each batch; default true. */
  readonly checkCrcs?: boolean
  /** The most that one batch may hold after decompression; default 128 MiB. */
  readonly decompressedBytesMax?: number
}

export type ConsumerOptions = ConsumerSettings & (ClientOptions | { readonly cluster: Cluster })

/** Key, value and headers are views of what the broker sent; copy what is kept for long, or it keeps the whole answer. */
export interface ConsumerRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly timestampType: "CreateTime" | "LogAppendTime"
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: ReadonlyArray<RecordHeader>
  readonly leaderEpoch: number
}

export const consumerDefaults = {
  autoOffsetReset: "latest",
  isolationLevel: "read_uncommitted",
  fetchMinBytes: 1,
  fetchMaxBytes: 50 << 20,
  maxPartitionFetchBytes: 1 << 20,
  fetchMaxWaitMillis: 500,
  maxPollRecords: 500,
  checkCrcs: true,
  decompressedBytesMax: 128 << 20
} as const

/** Options of which only some words mean anything. */
const choices: Readonly<Record<string, ReadonlyArray<unknown>>> = {
  autoOffsetReset: ["earliest", "latest", "none"] satisfies ReadonlyArray<ConsumerSettings["autoOffsetReset"]>,
  isolationLevel: ["read_uncommitted", "read_committed"] satisfies ReadonlyArray<ConsumerSettings["isolationLevel"]>
}

export type ResolvedConsumerSettings = Required<Omit<ConsumerSettings, "groupId">> & { readonly groupId: string | undefined }

export const resolveConsumerSettings = (settings: ConsumerSettings): ResolvedConsumerSettings => {
  const resolved: Record<string, unknown> = { groupId: settings.groupId }
  for (const [name, fallback] of Object.entries(consumerDefaults)) {
    const value = (settings as unknown as Record<string, unknown>)[name] ?? fallback
    if (typeof fallback === "number" && !(typeof value === "number" && value >= 0)) {
      throw new ClientError("configuration", `${name}: ${String(value)} is not a number`)
    }
    if (choices[name]?.includes(value) === false) {
      throw new ClientError("configuration", `${name}: ${String(value)} is none of ${choices[name].join(", ")}`)
    }
    resolved[name] = value
  }
  if (resolved["maxPollRecords"] === 0) throw new ClientError("configuration", "maxPollRecords: 0 would never answer anything")
  if (settings.groupId === "") throw new ClientError("configuration", "groupId is empty")
  return resolved as unknown as ResolvedConsumerSettings
}
