import { CompressionType, DecompressionError, type RecordCodecs } from "@tailrace/record"
import { asBuffer } from "./internal/bytes.ts"
import { compressLz4, decompressLz4 } from "./internal/lz4Codec.ts"
import { crc32c } from "./internal/native.ts"
import { compressSnappy, decompressSnappy } from "./internal/snappyCodec.ts"
import { compressGzip, compressZstd, decompressGzip, decompressZstd } from "./internal/zlibCodec.ts"

const compress = (type: CompressionType, bytes: Uint8Array): Buffer => {
  switch (type) {
    case CompressionType.none: return asBuffer(bytes)
    case CompressionType.gzip: return compressGzip(bytes)
    case CompressionType.snappy: return compressSnappy(bytes)
    case CompressionType.lz4: return compressLz4(bytes)
    case CompressionType.zstd: return compressZstd(bytes)
  }
}

const decompress = (type: CompressionType, bytes: Uint8Array, outputBytesMax: number): Buffer => {
  switch (type) {
    case CompressionType.none: {
      if (bytes.length > outputBytesMax) throw new DecompressionError(type, "limit")
      return asBuffer(bytes)
    }
    case CompressionType.gzip: return decompressGzip(bytes, outputBytesMax)
    case CompressionType.snappy: return decompressSnappy(bytes, outputBytesMax)
    case CompressionType.lz4: return decompressLz4(bytes, outputBytesMax)
    case CompressionType.zstd: return decompressZstd(bytes, outputBytesMax)
    // The number comes from the attributes of a batch, where 5 to 7 fit too.
    default: throw new DecompressionError(type, "unsupported")
  }
}

/** The checksums and codecs of this process: native packages and `node:zlib`, each loaded when it is first needed. */
export const recordCodecs: RecordCodecs = { crc32c, compress, decompress }
