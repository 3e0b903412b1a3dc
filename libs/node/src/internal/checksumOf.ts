/** FNV-1a: tells two snapshots of the same offset apart; their bytes are guarded by the directory's own checks. */
export function checksumOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash
}
