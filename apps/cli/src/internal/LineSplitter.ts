import { CommandError } from "../CommandError.ts"

/** The longest line that is taken; the broker's limit is far below. */
export const lineBytesMax = 64 << 20

const newline = 0x0a
const carriageReturn = 0x0d

/** Cuts lines out of chunks of bytes, without their ends. Bytes that are no UTF-8 stay as they are. */
export class LineSplitter {
  /** The beginning of a line whose end has not come yet. */
  readonly #parts: Array<Buffer> = []
  #partBytes = 0

  push(chunk: Buffer): Array<Buffer> {
    const lines: Array<Buffer> = []
    let start = 0
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      lines.push(this.#line(chunk.subarray(start, end)))
      start = end + 1
    }
    if (start < chunk.length) {
      this.#parts.push(chunk.subarray(start))
      this.#partBytes += chunk.length - start
      if (this.#partBytes > lineBytesMax) throw new CommandError(`a line of the input is longer than ${lineBytesMax} bytes`)
    }
    return lines
  }

  /** What stands after the last line end, if anything. */
  end(): Buffer | undefined {
    return this.#partBytes === 0 ? undefined : this.#line(Buffer.alloc(0))
  }

  #line(last: Buffer): Buffer {
    let line = last
    if (this.#partBytes > 0) {
      line = Buffer.concat([...this.#parts, last])
      this.#parts.length = 0
      this.#partBytes = 0
    }
    return line.at(-1) === carriageReturn ? line.subarray(0, -1) : line
  }
}
