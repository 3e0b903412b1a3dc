import { ConfigError } from "./ConfigError.ts"

export interface Property {
  readonly key: string
  readonly value: string
  /** Where the entry begins, counted from 1. */
  readonly line: number
}

const isBlank = (char: string | undefined): boolean => char === " " || char === "\t" || char === "\f"

/**
 * Reads the format of `java.util.Properties`: `key=value`, `key: value` or `key value`; comments begin with # or !;
 * a backslash at the end goes on in the next line; escapes are \t \n \r \f and \uXXXX, before any other character the backslash falls away.
 */
export function parseProperties(text: string, path: string): Array<Property> {
  const properties: Array<Property> = []
  const lines = text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/)
  for (let index = 0; index < lines.length; index++) {
    const line = index + 1
    let logical = withoutIndent(lines[index]!)
    if (logical === "" || logical.startsWith("#") || logical.startsWith("!")) continue
    while (continues(logical)) {
      // A backslash at the very end of the file has nothing to join.
      logical = logical.slice(0, -1) + withoutIndent(lines[++index] ?? "")
    }
    properties.push({ ...keyAndValue(logical, path, line), line })
  }
  return properties
}

function withoutIndent(line: string): string {
  let at = 0
  while (isBlank(line[at])) at++
  return line.slice(at)
}

/** An odd number of backslashes at the end: the last one is not itself escaped. */
function continues(line: string): boolean {
  let backslashes = 0
  while (line[line.length - 1 - backslashes] === "\\") backslashes++
  return backslashes % 2 === 1
}

function keyAndValue(line: string, path: string, lineNumber: number): { key: string; value: string } {
  let keyEnd = 0
  while (keyEnd < line.length && !isBlank(line[keyEnd]) && line[keyEnd] !== "=" && line[keyEnd] !== ":") {
    keyEnd += line[keyEnd] === "\\" ? 2 : 1
  }
  let valueStart = keyEnd
  while (isBlank(line[valueStart])) valueStart++
  if (line[valueStart] === "=" || line[valueStart] === ":") {
    valueStart++
    while (isBlank(line[valueStart])) valueStart++
  }
  const unescape = (text: string): string => unescaped(text, path, lineNumber)
  return { key: unescape(line.slice(0, keyEnd)), value: unescape(line.slice(valueStart)) }
}

const escapes: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", f: "\f" }

function unescaped(text: string, path: string, line: number): string {
  if (!text.includes("\\")) return text
  return text.replace(/\\(u[0-9a-fA-F]{4}|[^]|$)/g, (_, escape: string) => {
    if (escape.length === 5) return String.fromCharCode(Number.parseInt(escape.slice(1), 16))
    if (escape === "u") {
      throw new ConfigError({ fault: "malformed", origin: { source: "file", path, line }, detail: "\\u needs four hexadecimal digits" })
    }
    return escapes[escape] ?? escape
  })
}
