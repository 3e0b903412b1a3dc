/** Shared by all members without an assignment. */
export const noBytes: Buffer = Buffer.alloc(0)

/**
 * A copy that shares no memory. What the shard keeps for long must not be a view, since a view of 100 bytes
 * keeps the whole network frame or log batch alive behind it (nor may it come from Node's pool, for the same reason).
 */
export function ownBytes(view: Uint8Array): Buffer {
  if (view.length === 0) return noBytes
  const copy = Buffer.allocUnsafeSlow(view.length)
  copy.set(view)
  return copy
}
