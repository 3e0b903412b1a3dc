import { resolve } from "node:path"
import type { LogDir } from "@tailrace/contracts"
import { ErrorCode } from "@tailrace/kafka-protocol"
import type { LogDirectory } from "@tailrace/log"
import type { PartitionActor } from "../PartitionActor.ts"

const unknown = { totalBytes: -1, usableBytes: -1 }

/** The node's one directory of logs, as administrators see it. */
export function logDirsOf(path: string, directory: LogDirectory, partitions: Iterable<PartitionActor>): ReadonlyArray<LogDir> {
  const isOffline = !directory.writeGate.isUsable
  return [{
    path: resolve(path),
    errorCode: isOffline ? ErrorCode.KAFKA_STORAGE_ERROR : ErrorCode.NONE,
    ...isOffline ? unknown : volumeOf(directory),
    replicas: isOffline ? [] : Array.from(partitions, ({ highWatermark, log, partition, topic }) => ({
      topic, partition, sizeBytes: log.sizeBytes, offsetLag: Math.max(highWatermark - log.appendedEnd, 0)
    }))
  }]
}

/** A directory in memory has no end. */
function volumeOf({ space }: LogDirectory): typeof unknown {
  const measured = space.measured()
  if (measured === undefined || measured.totalBytes === Number.MAX_SAFE_INTEGER) return unknown
  return { totalBytes: measured.totalBytes, usableBytes: measured.freeBytes }
}
