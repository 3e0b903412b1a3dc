import { DirectoryDamagedError } from "../DirectoryDamagedError.ts"
import type { LogFault } from "../LogFault.ts"
import type { Store } from "../Store.ts"
import type { WriteSet } from "../WriteSet.ts"
import type { Crc32c } from "./Guarded.ts"
import * as keys from "./keys.ts"
import * as records from "./records.ts"

/** The small records that belong to a directory and to no log of it. Reading a damaged one throws `DirectoryDamagedError`. */
export class DirectoryRecords {
  readonly #store: Store
  readonly #crc32c: Crc32c

  constructor(store: Store, crc32c: Crc32c) {
    this.#store = store
    this.#crc32c = crc32c
  }

  get isSuspect(): boolean {
    return this.#store.get(keys.suspect) !== undefined
  }

  number(key: string): number | undefined {
    const record = this.#store.get(key)
    return record === undefined ? undefined : records.decodeNumber(record, this.#crc32c) ?? this.#fail(key)
  }

  putNumber(set: WriteSet, key: string, value: number): void {
    set.put(key, records.encodeNumber(value, this.#crc32c))
  }

  putText(set: WriteSet, key: string, value: string): void {
    set.put(key, records.encodeText(value, this.#crc32c))
  }

  /** `record` is what the commit loop has under the slot's key. */
  slot(name: string, record: Buffer): Buffer {
    return records.decodeBytes(record, this.#crc32c) ?? this.#fail(keys.slot(name))
  }

  putSlot(set: WriteSet, name: string, bytes: Uint8Array): void {
    set.put(keys.slot(name), records.encodeBytes(bytes, this.#crc32c))
  }

  dropped(logNumber: number): LogFault | undefined {
    const key = keys.dropped(logNumber)
    const record = this.#store.get(key)
    return record === undefined ? undefined : JSON.parse(records.decodeText(record, this.#crc32c) ?? this.#fail(key)) as LogFault
  }

  putSuspicion(set: WriteSet): void {
    this.putText(set, keys.suspect, "what was durable may be gone")
  }

  #fail(key: string): never {
    throw new DirectoryDamagedError(this.#store.name, `its record ${key} is damaged`)
  }
}
