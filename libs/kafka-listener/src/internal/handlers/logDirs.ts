import type { LogDir } from "@tailrace/contracts"
import { decodeDescribeLogDirsRequest, type DescribeLogDirsRequest, encodeDescribeLogDirsResponse } from "@tailrace/kafka-protocol"
import type { Call } from "../Call.ts"

/** What this node's directories hold of the partitions that were asked for; a partition that is not here is left out. */
export function handleDescribeLogDirs(call: Call): void {
  const request = decodeDescribeLogDirsRequest(call.reader, call.apiVersion)
  const isWanted = wantedBy(request)
  const results = call.context.broker.logDirs().map(({ errorCode, path, replicas, totalBytes, usableBytes }) => ({
    errorCode,
    logDir: path,
    topics: topicsOf(replicas.filter(isWanted)),
    totalBytes,
    usableBytes
  }))
  call.reply(encodeDescribeLogDirsResponse, { results })
}

type Replica = LogDir["replicas"][number]

function wantedBy({ topics }: DescribeLogDirsRequest): (replica: Replica) => boolean {
  if (topics === null) return () => true
  const wanted = new Map<string, Set<number>>()
  for (const { partitions, topic } of topics) {
    let ofTopic = wanted.get(topic)
    if (ofTopic === undefined) wanted.set(topic, ofTopic = new Set())
    // In place: a topic may be named as often as a request has room for.
    for (const partition of partitions) ofTopic.add(partition)
  }
  return ({ partition, topic }) => wanted.get(topic)?.has(partition) === true
}

function topicsOf(replicas: ReadonlyArray<Replica>) {
  return [...Map.groupBy(replicas, ({ topic }) => topic)].map(([name, ofTopic]) => ({
    name,
    partitions: ofTopic.map(({ offsetLag, partition, sizeBytes }) => ({
      partitionIndex: partition,
      partitionSize: sizeBytes,
      offsetLag,
      isFutureKey: false
    }))
  }))
}
