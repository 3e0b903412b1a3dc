import { DirectoryDamagedError } from "../DirectoryDamagedError.ts"
import type { Store } from "../Store.ts"
import type { Crc32c } from "./Guarded.ts"
import * as keys from "./keys.ts"
import * as records from "./records.ts"

/**
 * Records that only together make sense, checked before anything is believed: a key that rotted is a record that is not
 * there, and a directory without one of these would pass for a new one, give a log number twice or forget a log.
 * Throws `DirectoryDamagedError`.
 */
export function checkInventory(store: Store, crc32c: Crc32c): void {
  const fail = (found: string): never => {
    throw new DirectoryDamagedError(store.name, found)
  }
  const numbers = (prefix: string, keyOf: (logNumber: number) => string): Set<number> => {
    const found = new Set<number>()
    store.scan(prefix, (key) => {
      const logNumber = keys.numberIn(key)
      if (key !== keyOf(logNumber)) fail(`it has an unknown record ${key}`)
      found.add(logNumber)
    })
    return found
  }
  const logs = numbers(keys.logPrefix, keys.log)
  const states = numbers(keys.statePrefix, keys.state)
  const isNew = store.get(keys.identity) === undefined
  const hasSequence = store.get(keys.commitSequence) !== undefined
  if (isNew && (hasSequence || logs.size > 0 || states.size > 0)) fail("its identity is missing")
  if (!isNew && !hasSequence) fail(`its record ${keys.commitSequence} is missing`)
  for (const logNumber of states) if (!logs.has(logNumber)) fail(`its record ${keys.log(logNumber)} is missing`)
  for (const logNumber of numbers(keys.deletedPrefix, keys.deleted)) {
    if (logs.has(logNumber)) fail(`log ${logNumber} is there and deleted`)
  }
  const number = (key: string, otherwise: number): number => {
    const record = store.get(key)
    return record === undefined ? otherwise : records.decodeNumber(record, crc32c) ?? fail(`its record ${key} is damaged`)
  }
  number(keys.brokerEpoch, -1)
  const nextLogNumber = number(keys.nextLogNumber, 1)
  for (const logNumber of logs) if (logNumber >= nextLogNumber) fail(`its record ${keys.nextLogNumber} is missing`)
  store.scan(keys.slotPrefix, (key, record) => {
    if (records.decodeBytes(record, crc32c) === undefined) fail(`its record ${key} is damaged`)
  })
}
