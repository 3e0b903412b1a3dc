import type { MetadataRecord } from "@tailrace/kafka-protocol"
import type { BrokerSessions } from "../BrokerSessions.ts"
import { type MetadataImage, ResourceType, storageCommitsKey } from "../MetadataImage.ts"
import { configRecord } from "./records.ts"

/** What was heard of a broker's storage since it was last written down; nothing where it made no commit meanwhile. */
export function heardCommits(image: MetadataImage, brokerId: number, sessions: BrokerSessions | undefined): ReadonlyArray<MetadataRecord> {
  const heard = sessions?.commitSequenceOf(brokerId) ?? 0
  return heard > image.storageCommits(brokerId) ? [configRecord(ResourceType.unknown, "", storageCommitsKey(brokerId), String(heard))] : []
}

/** The storage is another one, or has shown that it lost something: it counts its commits from where it is now. */
export function forgetCommits(image: MetadataImage, brokerId: number): ReadonlyArray<MetadataRecord> {
  return image.storageCommits(brokerId) > 0 ? [configRecord(ResourceType.unknown, "", storageCommitsKey(brokerId), null)] : []
}
