/**
 * The partition of `__consumer_offsets` that holds a group: Kafka's `abs(groupId.hashCode()) % count`.
 * Java hashes UTF-16 code units, as `charCodeAt` gives them, and `abs` maps the smallest integer to 0.
 */
export function partitionFor(groupId: string, partitionCount: number): number {
  let hash = 0
  for (let index = 0; index < groupId.length; index += 1) hash = (Math.imul(hash, 31) + groupId.charCodeAt(index)) | 0
  return (hash === -2147483648 ? 0 : Math.abs(hash)) % partitionCount
}
