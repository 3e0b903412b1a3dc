/** Called with views of what the socket read, or with memory of its own for a payload that came in pieces. */
export type NatsCallback = (payload: Buffer, reply: string, subject: string, headers: string) => void

/** A message whose payload has not come whole. */
interface Partial {
  readonly sid: number
  readonly subject: string
  readonly reply: string
  readonly headerBytes: number
  readonly bytes: Buffer
  filled: number
}

/** The servers' own limit is 4 KiB; only their greeting, which lists the cluster's addresses, is longer. */
const lineBytesMax = 64 * 1024
const payloadBytesMax = 64 * 1024 * 1024

const lineFeed = 10
const letterH = 72
const letterM = 77

/**
 * Reads messages out of what a server sends and leaves all other lines to the library. The library's own reader doubles a
 * buffer while a payload arrives, which costs more than all the rest of the way; here a payload that does not
 * come in one piece is copied once, into memory of exactly its size.
 */
export class NatsReader {
  readonly #callbacks = new Map<number, NatsCallback>()
  readonly #parseLine: (line: Uint8Array) => void
  #line: Buffer | undefined
  #partial: Partial | undefined
  /** What is left of the line end behind a payload. */
  #skip = 0

  constructor(parseLine: (line: Uint8Array) => void) {
    this.#parseLine = parseLine
  }

  /** The server names a subscription by the number that was sent with it. */
  on(sid: number, callback: NatsCallback): void {
    this.#callbacks.set(sid, callback)
  }

  off(sid: number): void {
    this.#callbacks.delete(sid)
  }

  parse(chunk: Buffer): void {
    let at = this.#line === undefined ? 0 : this.#completeLine(chunk)
    while (at < chunk.length) {
      if (this.#partial !== undefined) at = this.#fill(this.#partial, chunk, at)
      else if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, chunk.length - at)
        this.#skip -= skipped
        at += skipped
      } else {
        const end = chunk.indexOf(lineFeed, at)
        if (end < 0) {
          this.#keepLine(chunk.subarray(at))
          return
        }
        at = this.#read(chunk, at, end + 1)
      }
    }
  }

  /** Reads the line that began in an earlier chunk; answers where the rest of this one begins. */
  #completeLine(chunk: Buffer): number {
    const end = chunk.indexOf(lineFeed)
    this.#keepLine(end < 0 ? chunk : chunk.subarray(0, end + 1))
    if (end < 0) return chunk.length
    const line = this.#line!
    this.#line = undefined
    const rest = chunk.subarray(end + 1)
    if (line[0] !== letterM && line[0] !== letterH) this.#parseLine(line)
    else return end + 1 + this.#message(line.toString("latin1", 0, line.length - 2), rest, 0)
    return end + 1
  }

  #keepLine(part: Buffer): void {
    const line = this.#line === undefined ? part : Buffer.concat([this.#line, part])
    if (line.length > lineBytesMax) throw new Error(`a line of more than ${lineBytesMax} bytes`)
    this.#line = line
  }

  /** One line and, of a message, what is there of its payload; answers where the next begins. */
  #read(chunk: Buffer, start: number, end: number): number {
    const first = chunk[start]
    if (first === letterM || first === letterH) return this.#message(chunk.toString("latin1", start, end - 2), chunk, end)
    this.#parseLine(chunk.subarray(start, end))
    return end
  }

  /** `MSG subject sid [reply] size` or `HMSG subject sid [reply] headerSize size`; answers where the payload, as far as it is there, ends. */
  #message(line: string, chunk: Buffer, at: number): number {
    const words = line.split(" ")
    const hasHeaders = words[0] === "HMSG"
    const hasReply = words.length === (hasHeaders ? 6 : 5)
    const bytes = Number(words[words.length - 1])
    const headerBytes = hasHeaders ? Number(words[words.length - 2]) : 0
    const sid = Number(words[2])
    if (!isSize(bytes) || !isSize(headerBytes) || headerBytes > bytes || !Number.isInteger(sid) || words.length < (hasHeaders ? 5 : 4)) {
      throw new Error(`no message: ${line}`)
    }
    const subject = words[1]!
    const reply = hasReply ? words[3]! : ""
    const end = at + bytes
    if (end <= chunk.length) {
      this.#skip = 2
      this.#deliver(sid, subject, reply, headerBytes, chunk.subarray(at, end))
      return end
    }
    const partial: Partial = { sid, subject, reply, headerBytes, bytes: Buffer.allocUnsafeSlow(bytes), filled: 0 }
    this.#partial = partial
    return this.#fill(partial, chunk, at)
  }

  #fill(partial: Partial, chunk: Buffer, at: number): number {
    const copied = chunk.copy(partial.bytes, partial.filled, at)
    partial.filled += copied
    if (partial.filled === partial.bytes.length) {
      this.#partial = undefined
      this.#skip = 2
      this.#deliver(partial.sid, partial.subject, partial.reply, partial.headerBytes, partial.bytes)
    }
    return at + copied
  }

  #deliver(sid: number, subject: string, reply: string, headerBytes: number, bytes: Buffer): void {
    const callback = this.#callbacks.get(sid)
    if (callback === undefined) return
    if (headerBytes === 0) callback(bytes, reply, subject, "")
    else callback(bytes.subarray(headerBytes), reply, subject, bytes.toString("latin1", 0, headerBytes))
  }
}

const isSize = (bytes: number): boolean => Number.isInteger(bytes) && bytes >= 0 && bytes <= payloadBytesMax
