import { kMaxLength } from "node:buffer"
import { CompressionType, DecompressionError } from "@tailrace/record"
import { zlib } from "./native.ts"

/** zlib collects its output in pieces of this size; its own default of 16 KiB is slow for batches. */
const chunkSize = 64 << 10

/** Each frame of zstd takes a decoder of its own, so that many empty ones would cost far more than their bytes. */
const framesMax = 1_000

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

/** One frame; also where it ended. */
const decompressFrame = (bytes: Uint8Array, outputBytesMax: number): { readonly output: Buffer; readonly bytesRead: number } => {
  let bytesRead = 0
  const output = decompressWith(CompressionType.zstd, outputBytesMax, (options) => {
    const { buffer, engine } = zlib().zstdDecompressSync(bytes, { ...options, info: true }) as unknown as ZstdResult
    bytesRead = engine.bytesWritten
    return buffer
  })
  return { output, bytesRead }
}

/** What Node answers with the option `info`, which its types do not know; `bytesWritten` is what went into the decoder. */
interface ZstdResult {
  readonly buffer: Buffer
  readonly engine: { readonly bytesWritten: number }
}

/** Any number of frames, which Node reads one at a time. */
export const decompressZstd = (bytes: Uint8Array, outputBytesMax: number): Buffer => {
  // Node answers an empty input with an empty output, but no frame at all is not a frame of nothing.
  if (bytes.length === 0) throw new DecompressionError(CompressionType.zstd, "corrupt")
  const { output, bytesRead } = decompressFrame(bytes, outputBytesMax)
  if (bytesRead >= bytes.length) return output
  const outputs = [output]
  let total = output.length
  for (let at = bytesRead; at < bytes.length;) {
    if (outputs.length === framesMax) throw new DecompressionError(CompressionType.zstd, "unsupported")
    const next = decompressFrame(bytes.subarray(at), outputBytesMax - total)
    if (next.bytesRead === 0) throw new DecompressionError(CompressionType.zstd, "corrupt")
    outputs.push(next.output)
    total += next.output.length
    at += next.bytesRead
  }
  return Buffer.concat(outputs, total)
}
