import { recordCodecs } from "@tailrace/codecs"

const messagesKeptMax = 4_000
const notesKeptMax = 20_000

/**
 * A hash over everything that nodes said to each other and asked of their disks, in order and with its time. Two runs with one
 * hash were the same run. Kept as text only where somebody wants to read it.
 */
export class Trace {
  readonly #clock: { monotonicMillis(): number }
  readonly #isKept: boolean
  readonly #messages: Array<string> = []
  readonly #notes: Array<string> = []
  #hash = 0x811c9dc5
  #second = 0x9747b28c
  events = 0

  constructor(clock: { monotonicMillis(): number }, isKept = false) {
    this.#clock = clock
    this.#isKept = isKept
  }

  get hash(): string {
    return [this.#hash, this.#second].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("")
  }

  /** What was noted, and the last messages, oldest first. */
  get lines(): ReadonlyArray<string> {
    return [...this.#notes, ...this.#messages].toSorted((a, b) => Number.parseFloat(a) - Number.parseFloat(b))
  }

  message(kind: string, from: string, to: string, subject: string, payload: Uint8Array): void {
    this.#add(recordCodecs.crc32c(payload), payload.length)
    if (this.#isKept) this.#keep(this.#messages, messagesKeptMax, `${from} > ${to} ${kind} ${subject} ${payload.length} bytes`)
  }

  store(name: string, operation: string, hash: number): void {
    this.#add(hash, name.length + operation.length * 31)
    if (this.#isKept && (operation === "commit" || operation === "fail")) this.#keep(this.#messages, messagesKeptMax, `${name} ${operation}`)
  }

  /** What was done to the cluster, and what became of it. */
  note(text: string): void {
    if (this.#isKept) this.#keep(this.#notes, notesKeptMax, text)
  }

  #keep(lines: Array<string>, countMax: number, text: string): void {
    if (lines.length >= countMax) lines.splice(0, countMax / 2)
    lines.push(`${this.#clock.monotonicMillis().toFixed(3).padStart(10)} ${text}`)
  }

  #add(a: number, b: number): void {
    this.events++
    const at = Math.round(this.#clock.monotonicMillis() * 1_000) | 0
    this.#hash = Math.imul(this.#hash ^ a, 0x01000193)
    this.#hash = Math.imul(this.#hash ^ at, 0x01000193) ^ (this.#hash >>> 15)
    this.#second = Math.imul(this.#second ^ b ^ (a << 7), 0x5bd1e995)
    this.#second = Math.imul(this.#second ^ at, 0x5bd1e995) ^ (this.#second >>> 13)
  }
}
