import type { CompressionType } from "./CompressionType.ts"

/**
 * Checksums and compression, which core rooms cannot do themselves. The adapter is `@tailrace/codecs`.
 * All functions are synchronous: a batch is at most a few megabytes and its buffers never leave the caller's turn.
 */
export interface RecordCodecs {
  /** CRC-32C (Castagnoli) as an unsigned 32-bit number. */
  crc32c(bytes: Uint8Array): number
  /** Type 0 copies nothing and answers the same bytes. */
  compress(type: CompressionType, bytes: Uint8Array): Buffer
  /** Throws {@link DecompressionError}; never allocates more than `outputBytesMax` for the output. */
  decompress(type: CompressionType, bytes: Uint8Array, outputBytesMax: number): Buffer
}
