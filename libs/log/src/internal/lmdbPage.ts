/**
 * The layout of LMDB's pages, as far as a check needs it: 64-bit, little-endian. A page is a header, an array of places of
 * nodes that grows up, and nodes that grow down.
 */
export const headerBytes = 24
export const nodeHeaderBytes = 8
export const overflowBytes = 24

export const branchFlag = 1
export const leafFlag = 2
export const metaFlag = 8
/** Of a node: its value lies on pages of its own. */
export const bigDataFlag = 1

const topBits = 2 ** 32

export const pageNumber = (page: Buffer): number => readUint64(page, 0)
export const pageTransaction = (page: Buffer): number => readUint64(page, 8)
export const pageFlags = (page: Buffer): number => page.readUInt16LE(18)
export const nodeCount = (page: Buffer): number => page.readUInt16LE(20) >>> 1
export const lowerBytes = (page: Buffer): number => page.readUInt16LE(20)
export const upperBytes = (page: Buffer): number => page.readUInt16LE(22)
export const nodeAt = (page: Buffer, i: number): number => headerBytes + page.readUInt16LE(headerBytes + 2 * i)
export const keyBytes = (page: Buffer, node: number): number => page.readUInt16LE(node + 6)
export const nodeFlags = (page: Buffer, node: number): number => page.readUInt16LE(node + 4)
export const dataBytes = (page: Buffer, node: number): number => page.readUInt32LE(node)
export const childPage = (page: Buffer, node: number): number => page.readUInt32LE(node) + page.readUInt16LE(node + 4) * topBits

/** The pages that a value of this length takes for itself. */
export const overflowPages = (bytes: number, pageBytes: number): number => Math.floor((headerBytes - 1 + bytes) / pageBytes) + 1

/** Numbers above 2^53 come out rounded, far beyond every limit all the same. */
export const readUint64 = (bytes: Buffer, at: number): number => bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * topBits
