import { kMaxLength } from "node:buffer"
import { CompressionType, DecompressionError } from "@tailrace/record"
import { zlib } from "./native.ts"

/** zlib collects its output in pieces of this size; its own default of 16 KiB is slow for batches. */
const chunkSize = 64 << 10

const decompressWith = (
  type: CompressionType, outputBytesMax: number, run: (options: { chunkSize: number; maxOutputLength: number }) => Buffer
): Buffer => {
  try {
    // zlib refuses a limit of zero, so an empty output is checked behind it, and one that no buffer could reach.
    const output = run({ chunkSize, maxOutputLength: Math.min(Math.max(1, outputBytesMax), kMaxLength) })
    if (output.length > outputBytesMax) throw new DecompressionError(type, "limit")
    return output
  } catch (cause) {
    if (cause instanceof DecompressionError) throw cause
    const tooLarge = (cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE"
    throw new DecompressionError(type, tooLarge ? "limit" : "corrupt", { cause })
  }
}

export const compressGzip = (bytes: Uint8Array): Buffer => zlib().gzipSync(bytes, { chunkSize })

export const decompressGzip = (bytes: Uint8Array, outputBytesMax: number): Buffer =>
  decompressWith(CompressionType.gzip, outputBytesMax, (options) => zlib().gunzipSync(bytes, options))

export const compressZstd = (bytes: Uint8Array): Buffer => zlib().zstdCompressSync(bytes, { chunkSize })

export const decompressZstd = (bytes: Uint8Array, outputBytesMax: number): Buffer => {
  // Node answers an empty input with an empty output, but no frame at all is not a frame of nothing.
  if (bytes.length === 0) throw new DecompressionError(CompressionType.zstd, "corrupt")
  return decompressWith(CompressionType.zstd, outputBytesMax, (options) => zlib().zstdDecompressSync(bytes, options))
}
