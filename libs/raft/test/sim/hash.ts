/** FNV-1a, going on from `hash`. */
export function hashBytes(hash: number, bytes: Uint8Array): number {
  let h = hash
  for (let i = 0; i < bytes.length; i++) h = Math.imul(h ^ bytes[i]!, 16_777_619)
  return h >>> 0
}

export function hashNumber(hash: number, value: number): number {
  let h = hash
  for (let rest = value; ; rest = Math.floor(rest / 65_536)) {
    h = Math.imul(h ^ (rest & 0xffff), 16_777_619)
    h ^= h >>> 13
    if (rest < 65_536) return h >>> 0
  }
}
