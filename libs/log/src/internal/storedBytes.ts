import type { Store } from "../Store.ts"
import type { Descriptor } from "./Descriptor.ts"

/** The bytes of the batches that the store has of a segment, or of a part of one. */
export function storedBytes(
  store: Store, logNumber: number, { firstOffset, nextOffset }: Pick<Descriptor, "firstOffset" | "nextOffset">
): number {
  let bytes = 0
  store.scanBatches(logNumber, firstOffset, nextOffset, (batch) => {
    bytes += batch.length
    return true
  })
  return bytes
}
