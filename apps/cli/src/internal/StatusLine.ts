import type { Output } from "../Context.ts"

/** What a command waits for: redrawn in place on a terminal, elsewhere a line whenever it has changed. */
export class StatusLine {
  readonly #output: Output
  #shown = ""

  constructor(output: Output) {
    this.#output = output
  }

  show(text: string): void {
    if (text === this.#shown) return
    this.#shown = text
    this.#output.write(this.#output.isTTY === true ? `\r\u001b[K${text}` : `${text}\n`)
  }

  /** Removes it from a terminal, so that what follows stands in its place. */
  end(): void {
    if (this.#output.isTTY === true && this.#shown !== "") this.#output.write("\r\u001b[K")
    this.#shown = ""
  }
}
