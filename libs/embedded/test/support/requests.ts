import { recordCodecs } from "@tailrace/codecs"
import { Batch, BatchBuilder, type ProducerFields, readRecords } from "@tailrace/record"
import type { FetchRequestInput, ProduceResponse } from "@tailrace/kafka-protocol"
import type { SimulatedClient } from "./SimulatedNode.ts"
import type { RequestOf } from "./codecs.ts"

export const baseTimestamp = Date.UTC(2026, 0, 1)

export interface BatchOptions {
  readonly timestamp?: number
  readonly producer?: ProducerFields
  readonly valueBytes?: number
}

/** A batch with one record for each value. */
export function batchOf(values: ReadonlyArray<string>, { producer, timestamp = baseTimestamp, valueBytes = 0 }: BatchOptions = {}): Buffer {
  const builder = new BatchBuilder({ codecs: recordCodecs, bytesMax: 100_000_000 })
  values.forEach((value, index) => builder.append({ timestamp: timestamp + index, value: value.padEnd(valueBytes, ".") }))
  return builder.build(producer)
}

/** The values of everything in a fetch's bytes, with their offsets. */
export function recordsIn(bytes: Buffer | null): Array<readonly [number, string]> {
  const found: Array<readonly [number, string]> = []
  if (bytes === null) return found
  const end = Batch.forEach(bytes, 0, bytes.length, (at) => {
    for (const { offset, value } of readRecords(bytes, at, recordCodecs)) found.push([offset, value?.toString() ?? ""])
  })
  if (end !== bytes.length) throw new Error("a fetch carries whole batches")
  return found
}

/** Creates a topic and answers its id. */
export async function createTopic(
  client: SimulatedClient,
  name: string,
  numPartitions = 1,
  configs: Readonly<Record<string, string>> = {}
): Promise<string> {
  const { topics } = await client.ask("CreateTopics", 7, {
    topics: [{
      name,
      numPartitions,
      replicationFactor: 1,
      assignments: [],
      configs: Object.entries(configs).map(([key, value]) => ({ name: key, value }))
    }],
    timeoutMs: 1_000
  })
  const { errorCode, errorMessage, topicId } = topics[0]!
  if (errorCode !== 0) throw new Error(`${name} was not created: ${errorCode} ${errorMessage}`)
  return topicId
}

export const produceRequest = (
  topic: string,
  records: Buffer | null,
  { acks = -1, index = 0, timeoutMs = 30_000 } = {}
): RequestOf<"Produce"> => ({ acks, timeoutMs, topicData: [{ name: topic, partitionData: [{ index, records }] }] })

export const outcomeOf = (response: ProduceResponse): ProduceResponse["responses"][number]["partitionResponses"][number] =>
  response.responses[0]!.partitionResponses[0]!

/** Produces one batch and answers what became of it. */
export async function produce(
  client: SimulatedClient,
  topic: string,
  records: Buffer,
  options?: { readonly acks?: number; readonly index?: number }
) {
  return outcomeOf(await client.ask("Produce", 9, produceRequest(topic, records, options)))
}

export interface FetchOptions extends Partial<Omit<FetchRequestInput, "topics">> {
  readonly partition?: number
  readonly offset?: number
  readonly partitionMaxBytes?: number
  readonly currentLeaderEpoch?: number
}

/** A fetch of one partition by its topic's name, of version 12 or older. */
export function fetchRequest(topic: string, options: FetchOptions = {}): RequestOf<"Fetch"> {
  const { currentLeaderEpoch = -1, offset = 0, partition = 0, partitionMaxBytes = 1 << 20, ...rest } = options
  return {
    maxWaitMs: 0,
    minBytes: 1,
    maxBytes: 1 << 20,
    topics: [{ topic, partitions: [{ partition, fetchOffset: offset, partitionMaxBytes, currentLeaderEpoch }] }],
    ...rest
  }
}

export async function fetch(client: SimulatedClient, topic: string, options?: FetchOptions) {
  const { responses } = await client.ask("Fetch", 12, fetchRequest(topic, options))
  return responses[0]!.partitions[0]!
}
