import type { LogFields, LogLevel } from "../Logger.ts"

/** Text from outside may end up in a field; a line must stay a line. */
const textCharsMax = 4_096
const depthMax = 6
const entriesMax = 100

export function jsonLine(wallMillis: number, level: LogLevel, message: string, fields: LogFields): string {
  // The four own keys come last in the spread, so that no field can pass for them, and first in the line.
  const entry = { time: "", level: "", message: "", ...(plain(fields, 0) as object) }
  return JSON.stringify({ ...entry, time: new Date(wallMillis).toISOString(), level, message: cut(message) })
}

export function humanLine(wallMillis: number, level: LogLevel, message: string, fields: LogFields): string {
  let line = `${new Date(wallMillis).toISOString()} ${level.toUpperCase().padEnd(5)} ${printable(cut(message))}`
  for (const [key, value] of Object.entries(plain(fields, 0) as object)) {
    line += ` ${printable(key)}=${typeof value === "string" ? word(value) : JSON.stringify(value)}`
  }
  return line
}

const cut = (text: string): string =>
  text.length <= textCharsMax ? text : `${text.slice(0, textCharsMax)}... (${text.length} characters)`

const word = (text: string): string => (/^[\w.:/@+-]+$/.test(text) ? text : JSON.stringify(text))

/** Escapes control characters, so that nobody's topic name can move the cursor or forge a second line. */
// oxlint-disable-next-line no-control-regex
const printable = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (char) => JSON.stringify(char).slice(1, -1))

/** A value that JSON can hold, bounded in depth, entries and text, so that logging can neither throw nor run on. */
function plain(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case "string":
      return cut(value)
    case "number":
      return Number.isFinite(value) ? value : String(value)
    case "bigint":
    case "symbol":
      return String(value)
    case "function":
      return "<function>"
    case "object":
      return value === null ? null : plainObject(value, depth)
    default:
      return value
  }
}

function plainObject(value: object, depth: number): unknown {
  if (ArrayBuffer.isView(value)) return `<${value.byteLength} bytes>`
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "<invalid date>" : value.toISOString()
  if (depth >= depthMax) return "<too deep>"
  if (value instanceof Error) return plainError(value, depth)
  if (value instanceof Map || value instanceof Set) return plain([...value], depth)
  if (Array.isArray(value)) return value.slice(0, entriesMax).map((item) => plain(item, depth + 1))
  return plainEntries(value, depth)
}

/** Errors carry fields, not prose: the tag, the fields, the message, the first stack and the chain of causes. */
function plainError(error: Error, depth: number): unknown {
  return {
    ...plainEntries(error, depth),
    name: error.name,
    ...(error.message === "" ? {} : { message: cut(error.message) }),
    ...(depth === 1 && error.stack !== undefined ? { stack: cut(error.stack) } : {}),
    ...(error.cause === undefined ? {} : { cause: plain(error.cause, depth + 1) })
  }
}

function plainEntries(value: object, depth: number): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  let entries = 0
  for (const key of Object.keys(value)) {
    if (entries++ === entriesMax) break
    try {
      result[key] = plain((value as Record<string, unknown>)[key], depth + 1)
    } catch (cause) {
      result[key] = `<unreadable: ${String(cause)}>`
    }
  }
  return result
}
