/**
 * - `corrupt`: the compressed bytes break their own format.
 * - `limit`: the output would be larger than the caller allows.
 * - `unsupported`: the codec number or a feature of the format is not known here.
 */
export type DecompressionReason = "corrupt" | "limit" | "unsupported"

/** What a codec throws for bytes that it cannot decompress; expected, since the bytes come from outside. */
export class DecompressionError extends Error {
  readonly _tag = "DecompressionError"
  readonly compressionType: number
  readonly reason: DecompressionReason

  constructor(compressionType: number, reason: DecompressionReason, options?: { readonly cause?: unknown }) {
    super(`decompression failed: ${reason} (codec ${compressionType})`, options)
    this.name = "DecompressionError"
    this.compressionType = compressionType
    this.reason = reason
  }
}
