const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
/** Six bits by character code, -1 for characters outside of the alphabet. */
const sextets = new Int8Array(128).fill(-1)
for (let i = 0; i < alphabet.length; i++) sextets[alphabet.charCodeAt(i)] = i

/** Writes the 16 bytes of a uuid in base64url text; false when the text is none. `Buffer.write` would be the longest step of a Fetch response. */
export function writeUuid(bytes: Buffer, at: number, text: string): boolean {
  if (text.length !== 22) return false
  let bits = 0
  let bitCount = 0
  let to = at
  let seen = 0
  for (let i = 0; i < 22; i++) {
    const code = text.charCodeAt(i)
    const sextet = code < 128 ? sextets[code]! : -1
    seen |= sextet
    bits = (bits << 6) | (sextet & 0x3f)
    bitCount += 6
    if (bitCount >= 8) {
      bitCount -= 8
      bytes[to++] = bits >> bitCount
    }
  }
  // Only -1 has its sign bit set. The last character's four lowest bits carry nothing.
  return seen >= 0
}
