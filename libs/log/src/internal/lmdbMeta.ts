import { headerBytes, metaFlag, pageFlags, pageNumber, readUint64 } from "./lmdbPage.ts"

/** What a meta page says of one of the two trees. */
export interface LmdbTree {
  readonly flags: number
  readonly depth: number
  readonly branchPages: number
  readonly leafPages: number
  readonly overflowPages: number
  readonly entries: number
  /** Undefined for an empty tree. */
  readonly root: number | undefined
}

export interface LmdbMeta {
  readonly pageBytes: number
  readonly mapBytes: number
  /** The pages that are free, by the transaction that freed them. */
  readonly free: LmdbTree
  readonly main: LmdbTree
  readonly lastPage: number
  readonly transaction: number
}

export const lmdbMetaBytes = headerBytes + 144

const magic = 0xbeefc0de
const dataVersion = 2
const pageBytesMin = 512
const pageBytesMax = 65_536
const mapBytesMax = 2 ** 47
const integerKeyFlag = 8
const noPage = 2 ** 64

/** Answers what is wrong where the bytes are not a meta page. */
export function readLmdbMeta(bytes: Buffer, index: number): LmdbMeta | string {
  if (pageNumber(bytes) !== index || pageFlags(bytes) !== metaFlag) return `page ${index} is not a meta page`
  if (bytes.readUInt32LE(headerBytes) !== magic || bytes.readUInt32LE(headerBytes + 4) !== dataVersion) {
    return `meta page ${index} is not LMDB's`
  }
  const free = readTree(bytes, headerBytes + 24)
  const main = readTree(bytes, headerBytes + 72)
  const meta = {
    pageBytes: bytes.readUInt32LE(headerBytes + 24),
    mapBytes: readUint64(bytes, headerBytes + 16),
    free,
    main,
    lastPage: readUint64(bytes, headerBytes + 120),
    transaction: readUint64(bytes, headerBytes + 128)
  }
  const { lastPage, mapBytes, pageBytes } = meta
  const isPossible = pageBytes >= pageBytesMin && pageBytes <= pageBytesMax && (pageBytes & (pageBytes - 1)) === 0
    && mapBytes <= mapBytesMax && lastPage * pageBytes < mapBytesMax && main.flags === 0 && (free.flags & integerKeyFlag) !== 0
  return isPossible ? meta : `meta page ${index} says what cannot be`
}

/** The meta page of the last commit. The one before it must be its predecessor, or it would be no proof that this is the last. */
export function newestLmdbMeta(first: LmdbMeta, second: LmdbMeta): LmdbMeta | string {
  const newest = first.transaction >= second.transaction ? first : second
  const { transaction } = newest
  const other = newest === first ? second : first
  const isPlaced = transaction === 0 || transaction % 2 === (newest === first ? 0 : 1)
  if (!isPlaced || transaction - other.transaction > 1 || transaction === other.transaction && transaction > 0) {
    return `the meta pages name transactions ${first.transaction} and ${second.transaction}`
  }
  if (first.pageBytes !== second.pageBytes || first.free.flags !== second.free.flags) return "the meta pages contradict each other"
  return newest
}

function readTree(bytes: Buffer, at: number): LmdbTree {
  const root = readUint64(bytes, at + 40)
  return {
    flags: bytes.readUInt16LE(at + 4),
    depth: bytes.readUInt16LE(at + 6),
    branchPages: readUint64(bytes, at + 8),
    leafPages: readUint64(bytes, at + 16),
    overflowPages: readUint64(bytes, at + 24),
    entries: readUint64(bytes, at + 32),
    root: root === noPage ? undefined : root
  }
}
