import type { Store } from "../Store.ts"
import type { Descriptor } from "./Descriptor.ts"

/** The bytes of the segment's batches that the store has. */
export function storedBytes(store: Store, logNumber: number, { firstOffset, nextOffset }: Descriptor): number {
  let bytes = 0
  store.scanBatches(logNumber, firstOffset, nextOffset, (batch) => {
    bytes += batch.length
    return true
  })
  return bytes
}
