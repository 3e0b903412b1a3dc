/**
 * Marks 16 random bytes as a version 4 UUID and writes them as Kafka does. Undefined where the text would
 * start with "-", which a command line would take for an option; the caller then draws again.
 */
export function uuidText(bytes: Buffer): string | undefined {
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const text = bytes.toString("base64url")
  return text.startsWith("-") ? undefined : text
}
