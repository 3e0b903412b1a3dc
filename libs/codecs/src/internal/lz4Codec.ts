import { CompressionType, DecompressionError } from "@tailrace/record"
import { asBuffer } from "./bytes.ts"
import { lz4 } from "./native.ts"

/**
 * The LZ4 frame format. The native decoder has no output limit and accepts frames that stop early, so the frame is
 * walked here first: structure, and an upper bound of the output that is made exact only when it would not do.
 */
const frameMagic = 0x184d2204
const endMark = 0
const uncompressedBit = 0x8000_0000
/** No sequence of LZ4 makes more than 255 bytes of one. */
const expansionMax = 255

const corrupt = (cause?: unknown): DecompressionError =>
  new DecompressionError(CompressionType.lz4, "corrupt", { cause })

/**
 * The frame that the native encoder writes has independent blocks of at most 4 MiB, a header checksum and neither a
 * content size nor content checksums: what Java's reader demands.
 */
export const compressLz4 = (bytes: Uint8Array): Buffer => lz4().compressFrameSync(asBuffer(bytes))

/** The exact output of one compressed block, by walking its sequences without copying anything. */
const blockOutputBytes = (bytes: Buffer, from: number, to: number): number => {
  let at = from
  let total = 0
  const longLength = (): number => {
    let sum = 0
    for (;;) {
      const byte = at < to ? bytes[at++] : undefined
      if (byte === undefined) throw corrupt()
      sum += byte
      if (byte !== 255) return sum
    }
  }
  while (at < to) {
    const token = bytes[at++] as number
    let literals = token >>> 4
    if (literals === 15) literals += longLength()
    at += literals
    total += literals
    // The last sequence of a block has literals only.
    if (at === to) return total
    at += 2
    if (at > to) throw corrupt()
    let match = token & 15
    if (match === 15) match += longLength()
    total += match + 4
  }
  return total
}

interface Frame {
  readonly blockBytesMax: number
  readonly firstBlockAt: number
  readonly blockTrailerBytes: number
}

const frameOf = (bytes: Buffer): Frame => {
  if (bytes.length < 7 || bytes.readUInt32LE(0) !== frameMagic) throw corrupt()
  const flags = bytes.readUInt8(4)
  const blockSizeCode = (bytes.readUInt8(5) >>> 4) & 7
  if (flags >>> 6 !== 1 || blockSizeCode < 4) throw corrupt()
  // A dictionary is something that a reader of records cannot have.
  if ((flags & 1) !== 0) throw new DecompressionError(CompressionType.lz4, "unsupported")
  return {
    blockBytesMax: 1 << (8 + 2 * blockSizeCode),
    firstBlockAt: 7 + ((flags & 8) !== 0 ? 8 : 0),
    blockTrailerBytes: (flags & 16) !== 0 ? 4 : 0
  }
}

/** Visits the blocks up to the end mark; what follows the frame is ignored, as Kafka ignores it. */
const forEachBlock = (
  bytes: Buffer, frame: Frame, visit: (from: number, to: number, isCompressed: boolean) => void
): void => {
  let at = frame.firstBlockAt
  for (;;) {
    if (bytes.length - at < 4) throw corrupt()
    const word = bytes.readUInt32LE(at)
    at += 4
    if (word === endMark) return
    const isCompressed = word < uncompressedBit
    const size = isCompressed ? word : word - uncompressedBit
    if (size > frame.blockBytesMax || size > bytes.length - at) throw corrupt()
    visit(at, at + size, isCompressed)
    at += size + frame.blockTrailerBytes
  }
}

export const decompressLz4 = (input: Uint8Array, outputBytesMax: number): Buffer => {
  const bytes = asBuffer(input)
  const frame = frameOf(bytes)
  let bound = 0
  forEachBlock(bytes, frame, (from, to, isCompressed) => {
    bound += isCompressed ? Math.min(frame.blockBytesMax, (to - from) * expansionMax) : to - from
  })
  if (bound > outputBytesMax) {
    let exact = 0
    forEachBlock(bytes, frame, (from, to, isCompressed) => {
      exact += isCompressed ? blockOutputBytes(bytes, from, to) : to - from
      if (exact > outputBytesMax) throw new DecompressionError(CompressionType.lz4, "limit")
    })
  }
  try {
    return lz4().decompressFrameSync(bytes)
  } catch (cause) {
    throw corrupt(cause)
  }
}
