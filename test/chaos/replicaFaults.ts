import { recordCodecs } from "@tailrace/codecs"
import { LmdbStore, LogDirectory, type PartitionLog } from "@tailrace/log"
import { Batch } from "@tailrace/record"
import { SystemClock, SystemRandom } from "@tailrace/runtime"

/** What one node stores of one partition. */
export interface StoredReplica {
  readonly nodeId: number
  readonly startOffset: number
  readonly highWatermark: number
  readonly endOffset: number
  /** The batches below the wanted end, as bytes. */
  readonly bytes: Buffer
}

const readBytesMax = 4 << 20

/**
 * What is wrong with the copies of a partition: each must hold everything below `committedEnd`, the end that clients were told, byte by byte
 * as the others do. Copies that begin later than others, after a retention, are compared from the latest start on.
 */
export function replicaFaults(key: string, replicas: ReadonlyArray<StoredReplica>, committedEnd: number): string[] {
  const short = replicas.filter((one) => one.endOffset < committedEnd)
    .map((one) => `${key}: node ${one.nodeId} ends at ${one.endOffset}, below ${committedEnd}, which clients were told`)
  const from = Math.max(...replicas.map((one) => one.startOffset))
  const [first, ...others] = replicas.map((one) => ({ nodeId: one.nodeId, bytes: between(one.bytes, from, committedEnd) }))
  const different = first === undefined ? [] : others.filter((one) => !one.bytes.equals(first.bytes)).map((one) =>
    `${key}: below ${committedEnd} node ${one.nodeId} holds ${describeDifference(one.bytes, first.bytes)} node ${first.nodeId}`)
  return [...short, ...different]
}

/** Reads the replicas of a node that has stopped. Opening the directory writes to it, so it is not to be started again. */
export async function storedReplicas(nodeId: number, dataDirectory: string, ends: ReadonlyMap<string, number>): Promise<Map<string, StoredReplica>> {
  const directory = await LogDirectory.open(LmdbStore.open(dataDirectory), {}, {
    clock: new SystemClock(), random: new SystemRandom(), crc32c: recordCodecs.crc32c
  })
  try {
    const found = new Map<string, StoredReplica>()
    for (const log of directory.logs()) {
      const key = `${log.topic}/${log.partition}`
      const end = ends.get(key)
      if (end === undefined || log.isDeleted) continue
      found.set(key, {
        nodeId, startOffset: log.startOffset, highWatermark: log.highWatermark, endOffset: log.durableEnd, bytes: await bytesOf(log, Math.min(end, log.durableEnd))
      })
    }
    return found
  } finally {
    await directory.close()
  }
}

/** The copies of all nodes against each other, and none missing. */
export async function compareReplicas(nodes: ReadonlyArray<{ readonly id: number; readonly dataDirectory: string }>, ends: ReadonlyMap<string, number>): Promise<string[]> {
  const stored: Map<string, StoredReplica>[] = []
  for (const node of nodes) stored.push(await storedReplicas(node.id, node.dataDirectory, ends))
  return [...ends].flatMap(([key, end]) => {
    const missing = nodes.filter((_, at) => stored[at]?.has(key) !== true).map((node) => `${key}: node ${node.id} has no replica`)
    return [...missing, ...replicaFaults(key, stored.flatMap((replicas) => replicas.get(key) ?? []), end)]
  })
}

async function bytesOf(log: PartitionLog, end: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  for (let offset = log.startOffset; offset < end;) {
    const read = await log.readVerified(offset, readBytesMax, end, true)
    if (read.chunks.length === 0) break
    for (const chunk of read.chunks) {
      chunks.push(Buffer.from(chunk))
      for (let at = 0; at < chunk.length; at += Batch.sizeInBytes(chunk, at)) offset = Batch.nextOffset(chunk, at)
    }
  }
  return Buffer.concat(chunks)
}

/** Whole batches from an offset on, up to another. */
function between(bytes: Buffer, from: number, end: number): Buffer {
  let [start, stop] = [0, 0]
  for (let at = 0; at < bytes.length && Batch.nextOffset(bytes, at) <= end; at = stop) {
    stop = at + Batch.sizeInBytes(bytes, at)
    if (Batch.nextOffset(bytes, at) <= from) start = stop
  }
  return bytes.subarray(start, stop)
}

function describeDifference(bytes: Buffer, other: Buffer): string {
  for (let at = 0; at < Math.min(bytes.length, other.length); at += Batch.sizeInBytes(bytes, at)) {
    const length = Batch.sizeInBytes(bytes, at)
    if (!bytes.subarray(at, at + length).equals(other.subarray(at, at + length))) {
      return `at offset ${Batch.baseOffset(bytes, at)} of epoch ${Batch.leaderEpoch(bytes, at)} another batch than`
    }
  }
  return `${bytes.length} bytes instead of the ${other.length} of`
}
