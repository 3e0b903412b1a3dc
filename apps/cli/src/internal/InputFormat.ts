import { CommandError } from "../CommandError.ts"
import { UsageError } from "../UsageError.ts"
import { nearest } from "./nearest.ts"

/** What a line of input says. */
export interface InputRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: ReadonlyArray<{ readonly key: string; readonly value: Buffer | null }>
}

/** Defaults of the reader properties of Kafka's console producer. */
const defaults = {
  "parse.key": "false", "key.separator": "\t", "parse.headers": "false", "headers.delimiter": "\t", "headers.separator": ",",
  "headers.key.separator": ":", "ignore.error": "false", "null.marker": ""
}

type Property = keyof typeof defaults

/** How lines are read as records: Kafka's `headers<delimiter>key<separator>value`, of which only the value is always there. */
export class InputFormat {
  readonly #properties: Readonly<Record<Property, string>>
  readonly #nullMarker: Buffer | undefined
  #lineNumber = 0

  constructor(given: Iterable<readonly [string, string]>) {
    const properties: Record<string, string> = { ...defaults }
    for (const [name, value] of given) {
      if (!Object.hasOwn(defaults, name)) {
        const meant = nearest(name, Object.keys(defaults))
        throw new UsageError(`unknown reader property ${name}`, meant === undefined ? undefined : `Did you mean ${meant}?`)
      }
      properties[name] = unescaped(value)
    }
    this.#properties = properties as Record<Property, string>
    this.#nullMarker = this.#properties["null.marker"] === "" ? undefined : Buffer.from(this.#properties["null.marker"])
  }

  read(line: Buffer): InputRecord {
    this.#lineNumber++
    let rest = line
    let headers: InputRecord["headers"] = []
    let key: Buffer | null = null
    if (this.#is("parse.headers")) {
      const [text, after] = this.#cut(rest, "headers.delimiter", "headers delimiter")
      if (text !== undefined) headers = this.#headers(text)
      rest = after
    }
    if (this.#is("parse.key")) {
      const [text, after] = this.#cut(rest, "key.separator", "key separator")
      if (text !== undefined) key = this.#orNull(text)
      rest = after
    }
    return { key, value: this.#orNull(rest), headers }
  }

  #is(name: Property): boolean {
    return this.#properties[name] === "true"
  }

  #cut(line: Buffer, name: Property, what: string): [Buffer | undefined, Buffer] {
    const separator = Buffer.from(this.#properties[name])
    const at = line.indexOf(separator)
    if (at >= 0) return [line.subarray(0, at), line.subarray(at + separator.length)]
    if (this.#is("ignore.error")) return [undefined, line]
    throw new CommandError(`no ${what} found on line number ${this.#lineNumber}: '${line.toString("utf8", 0, 200)}'`,
      { advice: `${name} is ${JSON.stringify(this.#properties[name])}; ignore.error=true takes such lines as values.` })
  }

  #headers(text: Buffer): InputRecord["headers"] {
    if (text.length === 0 || this.#orNull(text) === null) return []
    const separator = this.#properties["headers.key.separator"]
    return text.toString().split(this.#properties["headers.separator"]).map((pair) => {
      const at = pair.indexOf(separator)
      if (at < 0 && !this.#is("ignore.error")) throw new CommandError(`no header key separator found in pair '${pair}' on line number ${this.#lineNumber}`)
      return at < 0 ? { key: pair, value: null } : { key: pair.slice(0, at), value: this.#orNull(Buffer.from(pair.slice(at + separator.length))) }
    })
  }

  #orNull(bytes: Buffer): Buffer | null {
    return this.#nullMarker?.equals(bytes) === true ? null : bytes
  }
}

/** Shells make it hard to type a tab, so `\t` and its like are taken for what they mean. */
export const unescaped = (text: string): string =>
  text.replace(/\\([tnr0\\])/g, (_, letter: string) => ({ t: "\t", n: "\n", r: "\r", 0: "\0" })[letter] ?? letter)
