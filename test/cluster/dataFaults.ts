import { closeSync, cpSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, readSync, rmSync, statSync, truncateSync, writeSync } from "node:fs"
import { dirname, join } from "node:path"

const pageBytes = 4096
/** So many random places are looked at for each bit before the file counts as empty. */
const attemptsMax = 10_000

export interface BitFlip {
  readonly file: string
  readonly position: number
  readonly bit: number
}

/** Damage to the data of a node that is not running. Chance comes in as `random`, a number from 0 up to 1. */
export const dataFaults = {
  wipe(directory: string): void {
    for (const name of existsSync(directory) ? readdirSync(directory) : []) rmSync(join(directory, name), { recursive: true, force: true })
  },

  saveCopy(directory: string, copy: string): void {
    rmSync(copy, { recursive: true, force: true })
    mkdirSync(dirname(copy), { recursive: true })
    cpSync(directory, copy, { recursive: true })
  },

  restoreCopy(copy: string, directory: string): void {
    if (!existsSync(copy)) throw new Error("there is no copy to restore")
    dataFaults.wipe(directory)
    cpSync(copy, directory, { recursive: true })
  },

  /** Flips single bits where the largest matching file holds something: a hole or an unused page would prove nothing. */
  flipBits(directory: string, options: { readonly bits: number; readonly random: () => number; readonly match?: RegExp }): BitFlip[] {
    const file = largestFile(directory, options.match ?? /./)
    const sizeBytes = statSync(file).size
    const descriptor = openSync(file, "r+")
    const flips: BitFlip[] = []
    try {
      for (let attempt = 0; flips.length < options.bits; attempt++) {
        if (attempt === attemptsMax * options.bits) throw new Error(`${file} holds nothing to damage`)
        const page = Buffer.alloc(pageBytes)
        const pageStart = Math.floor(options.random() * (sizeBytes / pageBytes)) * pageBytes
        const length = readSync(descriptor, page, 0, pageBytes, pageStart)
        const position = Math.floor(options.random() * length)
        if (page.every((byte) => byte === 0) || page[position] === 0) continue
        const bit = Math.floor(options.random() * 8)
        writeSync(descriptor, Buffer.from([page[position]! ^ (1 << bit)]), 0, 1, pageStart + position)
        flips.push({ file, position: pageStart + position, bit })
      }
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    return flips
  },

  /** Cuts the end of the largest matching file off. */
  truncateTail(directory: string, bytes: number, match = /./): string {
    const file = largestFile(directory, match)
    truncateSync(file, Math.max(0, statSync(file).size - bytes))
    return file
  }
}

function largestFile(directory: string, match: RegExp): string {
  const files = readdirSync(directory, { recursive: true, encoding: "utf8" }).map((name) => join(directory, name))
    .filter((file) => match.test(file) && statSync(file).isFile()).sort((a, b) => statSync(b).size - statSync(a).size)
  if (files[0] === undefined || statSync(files[0]).size === 0) throw new Error(`no file below ${directory} matches ${match}`)
  return files[0]
}
