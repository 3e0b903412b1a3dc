import { createRequire } from "node:module"
import type * as Zlib from "node:zlib"
import type * as Lz4 from "lz4-napi"
import type * as Snappy from "snappy"

/**
 * Native modules take 4-6 ms each to load, so each is loaded by the first call that needs it.
 * `require` is used because that first call is synchronous.
 */
const require = createRequire(import.meta.url)

let zlibModule: typeof Zlib | undefined
let snappyModule: typeof Snappy | undefined
let lz4Module: typeof Lz4 | undefined
let crc32cFunction: ((bytes: Uint8Array) => number) | undefined

export const zlib = (): typeof Zlib => zlibModule ??= require("node:zlib") as typeof Zlib
export const snappy = (): typeof Snappy => snappyModule ??= require("snappy") as typeof Snappy
export const lz4 = (): typeof Lz4 => lz4Module ??= require("lz4-napi") as typeof Lz4

export const crc32c = (bytes: Uint8Array): number => {
  crc32cFunction ??= (require("@node-rs/crc32") as { crc32c: (bytes: Uint8Array) => number }).crc32c
  return crc32cFunction(bytes)
}
