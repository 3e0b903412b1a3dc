import { DirectoryDamagedError } from "../DirectoryDamagedError.ts"
import type { Store } from "../Store.ts"
import type { WriteSet } from "../WriteSet.ts"
import type { Crc32c } from "./Guarded.ts"
import * as keys from "./keys.ts"
import * as records from "./records.ts"

export interface StoredLog {
  readonly logNumber: number
  readonly identity: records.LogIdentity
}

/** The logs that the store has, deleted ones not among them. */
export function storedLogs(store: Store, crc32c: Crc32c): Array<StoredLog> {
  const found: Array<StoredLog> = []
  store.scan(keys.logPrefix, (key, record) => {
    const text = records.decodeText(record, crc32c)
    if (text === undefined) throw new DirectoryDamagedError(store.name, `its record ${key} is damaged`)
    found.push({ logNumber: keys.numberIn(key), identity: JSON.parse(text) as records.LogIdentity })
  })
  return found
}

/** Removes the small state of a log by what the store has, and marks its batches as garbage. */
export function discardStored(store: Store, logNumber: number, set: WriteSet): void {
  const prefixes = [keys.log, keys.state, keys.epochs, keys.fault, keys.dropped, keys.descriptorPrefix, keys.checkpointPrefix]
  for (const prefix of prefixes) store.scan(prefix(logNumber), (key) => set.remove(key))
  set.put(keys.deleted(logNumber), Buffer.from([1]))
}

/** What tells the logs of a directory apart. */
export const logKey = (topicId: string, partition: number): string => `${topicId}/${partition}`
