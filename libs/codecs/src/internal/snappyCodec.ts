import { CompressionType, DecompressionError } from "@tailrace/record"
import { asBuffer } from "./bytes.ts"
import { snappy } from "./native.ts"

/**
 * Two forms of snappy are in use: Java frames blocks the way of the xerial library (magic, two version numbers, then
 * length-prefixed blocks), librdkafka sends one raw block. Both are read; the framed form is written, since every
 * client reads that one.
 */
const magic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const headerBytes = 16
const versionFields = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1])
/** The block size of Java's writer. Larger blocks gain nothing, since snappy looks back 64 KiB at most. */
const blockBytes = 32 << 10
/** Three compressed bytes make at most 64, so a header that announces more than this per byte lies. */
const expansionMax = 32

const corrupt = (cause?: unknown): DecompressionError =>
  new DecompressionError(CompressionType.snappy, "corrupt", { cause })

export const compressSnappy = (bytes: Uint8Array): Buffer => {
  const chunks: Array<Uint8Array> = [magic, versionFields]
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const block = snappy().compressSync(bytes.subarray(at, at + blockBytes))
    const length = Buffer.allocUnsafe(4)
    length.writeUInt32BE(block.length)
    chunks.push(length, block)
  }
  return Buffer.concat(chunks)
}

/** The length that the header of a raw block announces, checked against what its bytes could ever give. */
const blockOutputBytes = (block: Buffer): number => {
  let length = 0
  for (let index = 0; index < 5; index++) {
    const byte = block[index]
    if (byte === undefined) throw corrupt()
    length += (byte & 127) * 2 ** (7 * index)
    if (byte < 128) {
      if (length > block.length * expansionMax) throw corrupt()
      return length
    }
  }
  throw corrupt()
}

const decompressBlock = (block: Buffer): Buffer => {
  try {
    return snappy().uncompressSync(block) as Buffer
  } catch (cause) {
    throw corrupt(cause)
  }
}

const isHeaderAt = (bytes: Buffer, at: number): boolean =>
  bytes.length - at >= headerBytes && bytes.compare(magic, 0, magic.length, at, at + magic.length) === 0

/** Visits the blocks of the framed form; streams that were appended to each other repeat the header. */
const forEachBlock = (bytes: Buffer, visit: (block: Buffer) => void): void => {
  let at = 0
  while (at < bytes.length) {
    if (isHeaderAt(bytes, at)) {
      at += headerBytes
      continue
    }
    if (bytes.length - at < 4) throw corrupt()
    const length = bytes.readUInt32BE(at)
    at += 4
    if (length > bytes.length - at) throw corrupt()
    visit(bytes.subarray(at, at + length))
    at += length
  }
}

export const decompressSnappy = (input: Uint8Array, outputBytesMax: number): Buffer => {
  const bytes = asBuffer(input)
  let total = 0
  const add = (block: Buffer): void => {
    total += blockOutputBytes(block)
    if (total > outputBytesMax) throw new DecompressionError(CompressionType.snappy, "limit")
  }
  if (!isHeaderAt(bytes, 0)) {
    add(bytes)
    return decompressBlock(bytes)
  }
  forEachBlock(bytes, add)
  const output = Buffer.allocUnsafe(total)
  let at = 0
  forEachBlock(bytes, (block) => {
    at += decompressBlock(block).copy(output, at)
  })
  return output
}
