import { closeSync, fstatSync, openSync, readSync } from "node:fs"
import { type LmdbMeta, lmdbMetaBytes, type LmdbTree, newestLmdbMeta, readLmdbMeta } from "./lmdbMeta.ts"
import * as Page from "./lmdbPage.ts"
import { PageSet } from "./PageSet.ts"

/**
 * Whether an LMDB file is one that can be opened. LMDB trusts what it maps: a page that rotted, or a file that is too
 * short, makes it read wild memory and ends the process. So its trees are walked first, by ordinary reads: every page is
 * what its parent says, keys ascend, counts are right, no page is used twice or free besides, and all are in the file.
 * Values are not looked at, they have CRCs of their own.
 *
 * At most `bytesMax` of the trees' pages are read, from the small records on; pages of large values do not count. What
 * lies behind that is not known to be sound. Answers what is wrong, undefined where nothing is.
 */
export function checkLmdbFile(path: string, bytesMax: number): string | undefined {
  const descriptor = openSync(path, "r")
  try {
    const { size } = fstatSync(descriptor)
    // LMDB makes an empty file into a new database.
    if (size === 0) return undefined
    const meta = readMeta(descriptor)
    if (typeof meta === "string") return meta
    return new LmdbFileCheck(descriptor, size, meta, bytesMax).run()
  } finally {
    closeSync(descriptor)
  }
}

function readMeta(descriptor: number): LmdbMeta | string {
  const bytes = Buffer.alloc(lmdbMetaBytes)
  const isThere = (at: number): boolean => readSync(descriptor, bytes, 0, lmdbMetaBytes, at) === lmdbMetaBytes
  if (!isThere(0)) return "it is shorter than its meta pages"
  const first = readLmdbMeta(bytes, 0)
  if (typeof first === "string") return first
  if (!isThere(first.pageBytes)) return "it is shorter than its meta pages"
  const second = readLmdbMeta(bytes, 1)
  return typeof second === "string" ? second : newestLmdbMeta(first, second)
}

const depthMax = 32
/** Text keys: four zero bytes and at least one letter. */
const textKeyBytesMin = 5
const batchKeyBytes = 12
const integerKeyBytes = 8

type Kind = "main" | "free"

interface Counts {
  branchPages: number
  leafPages: number
  overflowPages: number
  entries: number
}

class Damage extends Error {}

function fail(found: string): never {
  throw new Damage(found)
}

class LmdbFileCheck {
  readonly #descriptor: number
  readonly #meta: LmdbMeta
  readonly #pagesInFile: number
  readonly #used: PageSet
  readonly #free: PageSet
  /** Free pages that the file is too short for, which it may be. */
  #freeBehindFile = 0
  /** One for each level, since a walk comes back to the page above. */
  readonly #pages: Array<Buffer> = []
  #bytesLeft: number

  constructor(descriptor: number, fileBytes: number, meta: LmdbMeta, bytesMax: number) {
    this.#descriptor = descriptor
    this.#meta = meta
    this.#pagesInFile = Math.min(meta.lastPage + 1, Math.floor(fileBytes / meta.pageBytes))
    this.#used = new PageSet(this.#pagesInFile)
    this.#free = new PageSet(this.#pagesInFile)
    this.#bytesLeft = bytesMax
  }

  run(): string | undefined {
    try {
      this.#use(0, 2)
      this.#walk(this.#meta.main, "main")
      this.#walk(this.#meta.free, "free")
      const isWhole = this.#bytesLeft > 0
      if (isWhole && this.#used.intersects(this.#free)) fail("a page is in use and free")
      if (this.#pagesInFile + (isWhole ? this.#freeBehindFile : 0) < this.#meta.lastPage + 1) fail("it is shorter than what it holds")
      return undefined
    } catch (error) {
      if (error instanceof Damage) return error.message
      throw error
    }
  }

  #walk(tree: LmdbTree, kind: Kind): void {
    const counts: Counts = { branchPages: 0, leafPages: 0, overflowPages: 0, entries: 0 }
    if ((tree.root === undefined) !== (tree.depth === 0) || tree.depth > depthMax) fail(`the ${kind} tree has depth ${tree.depth}`)
    if (tree.root !== undefined) this.#visit(tree.root, tree.depth, kind, counts, undefined, undefined)
    if (this.#bytesLeft <= 0) return
    for (const name of ["branchPages", "leafPages", "overflowPages", "entries"] as const) {
      if (counts[name] !== tree[name]) fail(`the ${kind} tree has ${counts[name]} instead of ${tree[name]} ${name}`)
    }
  }

  /** Keys of the page lie in [low, high). */
  #visit(number: number, level: number, kind: Kind, counts: Counts, low: Buffer | undefined, high: Buffer | undefined): void {
    this.#bytesLeft -= this.#meta.pageBytes
    if (this.#bytesLeft <= 0) return
    const page = this.#read(number, level)
    const isLeaf = level === 1
    counts[isLeaf ? "leafPages" : "branchPages"]++
    const count = this.#checkLayout(page, number, isLeaf)
    let nodeBytes = 0
    let previous = low
    for (let i = 0; i < count; i++) {
      const node = Page.nodeAt(page, i)
      const end = this.#nodeEnd(page, node, isLeaf)
      nodeBytes += end - node + ((end - node) & 1)
      const key = page.subarray(node + Page.nodeHeaderBytes, node + Page.nodeHeaderBytes + Page.keyBytes(page, node))
      // The first key of a branch page stands for everything below the second.
      const isKeyed = isLeaf || i > 0
      if (isKeyed) {
        checkKey(key, kind, number)
        const order = previous === undefined ? 1 : compare(key, previous, kind)
        if (order < 0 || order === 0 && i > 0 || high !== undefined && compare(key, high, kind) >= 0) fail(`keys of page ${number} are out of order`)
        previous = key
      }
      if (isLeaf) this.#checkValue(page, node, kind, counts)
      else this.#visit(Page.childPage(page, node), level - 1, kind, counts, isKeyed ? key : low, this.#nextKey(page, i, count) ?? high)
      if (this.#bytesLeft <= 0) return
    }
    if (nodeBytes !== this.#meta.pageBytes - Page.headerBytes - Page.upperBytes(page)) fail(`nodes of page ${number} overlap`)
  }

  #nextKey(page: Buffer, i: number, count: number): Buffer | undefined {
    if (i + 1 >= count) return undefined
    const node = Page.nodeAt(page, i + 1)
    this.#nodeEnd(page, node, false)
    return page.subarray(node + Page.nodeHeaderBytes, node + Page.nodeHeaderBytes + Page.keyBytes(page, node))
  }

  #read(number: number, level: number): Buffer {
    const { pageBytes } = this.#meta
    this.#use(number, 1)
    const page = this.#pages[level] ??= Buffer.alloc(pageBytes)
    if (readSync(this.#descriptor, page, 0, pageBytes, number * pageBytes) !== pageBytes) fail(`page ${number} is not in the file`)
    return page
  }

  /** Answers the number of nodes. */
  #checkLayout(page: Buffer, number: number, isLeaf: boolean): number {
    const count = Page.nodeCount(page)
    const lower = Page.lowerBytes(page)
    const upper = Page.upperBytes(page)
    const isPage = Page.pageNumber(page) === number && Page.pageFlags(page) === (isLeaf ? Page.leafFlag : Page.branchFlag)
      && Page.pageTransaction(page) <= this.#meta.transaction
    const isLaidOut = (lower & 1) === 0 && lower <= upper && upper <= this.#meta.pageBytes - Page.headerBytes && count > 0
    if (!isPage || !isLaidOut) fail(`page ${number} is not what it should be`)
    return count
  }

  /** Where a node ends, which must be inside the page. */
  #nodeEnd(page: Buffer, node: number, isLeaf: boolean): number {
    const { pageBytes } = this.#meta
    if (node < Page.headerBytes + Page.upperBytes(page) || node + Page.nodeHeaderBytes > pageBytes) fail("a node lies outside its page")
    const flags = Page.nodeFlags(page, node)
    let end = node + Page.nodeHeaderBytes + Page.keyBytes(page, node)
    if (isLeaf) {
      if (flags !== 0 && flags !== Page.bigDataFlag) fail("a node is of an unknown kind")
      end += flags === Page.bigDataFlag ? Page.overflowBytes : Page.dataBytes(page, node)
    }
    if (end > pageBytes) fail("a node lies outside its page")
    return end
  }

  #checkValue(page: Buffer, node: number, kind: Kind, counts: Counts): void {
    counts.entries++
    const { pageBytes } = this.#meta
    const at = node + Page.nodeHeaderBytes + Page.keyBytes(page, node)
    const bytes = Page.dataBytes(page, node)
    if (Page.nodeFlags(page, node) !== Page.bigDataFlag) {
      if (kind === "free") this.#noteFree(page.subarray(at, at + bytes))
      return
    }
    const first = Page.readUint64(page, at)
    const count = Page.readUint64(page, at + 16)
    // A value that was replaced by a shorter one keeps its pages.
    if (count < Page.overflowPages(bytes, pageBytes)) fail("a value is longer than its pages")
    this.#use(first, count)
    counts.overflowPages += count
    if (kind === "free") this.#noteFree(this.#readValue(first, bytes))
  }

  #readValue(firstPage: number, bytes: number): Buffer {
    const value = Buffer.alloc(bytes)
    if (readSync(this.#descriptor, value, 0, bytes, firstPage * this.#meta.pageBytes + Page.headerBytes) !== bytes) {
      fail(`page ${firstPage} is not in the file`)
    }
    return value
  }

  /** A list of free pages: its length, then page numbers; a negative number is the length of the run that the next one begins. */
  #noteFree(list: Buffer): void {
    const length = list.length < integerKeyBytes ? -1 : Page.readUint64(list, 0)
    if (length < 0 || (length + 1) * 8 > list.length) fail("a list of free pages has another length")
    let run = 1
    for (let i = 1; i <= length; i++) {
      const entry = Number(list.readBigInt64LE(i * 8))
      if (entry > 0) this.#markFree(entry, run)
      run = entry < 0 ? -entry : 1
    }
  }

  #markFree(first: number, count: number): void {
    if (first < 2 || first + count > this.#meta.lastPage + 1) fail("a page is free that is none")
    const inFile = Math.max(0, Math.min(count, this.#pagesInFile - first))
    this.#freeBehindFile += count - inFile
    if (!this.#free.add(first, inFile)) fail("a page is free twice")
  }

  #use(first: number, count: number): void {
    if (first + count > this.#pagesInFile) fail(`page ${first + count - 1} is not in the file`)
    if (!this.#used.add(first, count)) fail(`page ${first} is used twice`)
  }
}

function checkKey(key: Buffer, kind: Kind, page: number): void {
  const isKey = kind === "free" ? key.length === integerKeyBytes
    : key.length >= textKeyBytesMin && (key.readUInt32BE(0) === 0 || key.length === batchKeyBytes)
  if (!isKey) fail(`page ${page} has a key that is none`)
}

function compare(a: Buffer, b: Buffer, kind: Kind): number {
  return kind === "main" ? Buffer.compare(a, b) : Page.readUint64(a, 0) - Page.readUint64(b, 0)
}
