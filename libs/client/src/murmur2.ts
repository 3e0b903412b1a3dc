/**
 * The hash by which Java's producer picks partitions for keys: MurmurHash2 with Kafka's seed. All clients that share topics
 * must agree on it, so it can never change.
 */
export const murmur2 = (bytes: Uint8Array): number => {
  const m = 0x5bd1e995
  const length = bytes.length
  let h = 0x9747b28c ^ length
  let at = 0
  for (; at + 4 <= length; at += 4) {
    let k = (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24)
    k = Math.imul(k, m)
    k ^= k >>> 24
    h = Math.imul(h, m) ^ Math.imul(k, m)
  }
  const rest = length - at
  if (rest >= 3) h ^= (bytes[at + 2] as number) << 16
  if (rest >= 2) h ^= (bytes[at + 1] as number) << 8
  if (rest >= 1) h = Math.imul(h ^ (bytes[at] as number), m)
  h ^= h >>> 13
  h = Math.imul(h, m)
  return h ^ (h >>> 15)
}

/** The partition of a key among `count` partitions, as Java's default partitioner has it. */
export const partitionForKey = (key: Uint8Array, count: number): number => (murmur2(key) & 0x7fff_ffff) % count
