import {
  type Definitions, type Field, type Message, type Struct, type Type, type Versions,
  clip, isEmpty, noVersions, primitives,
} from "./model.ts"

interface Line {
  readonly file: string
  readonly number: number
  readonly indent: number
  readonly words: Array<string>
}

/** Parses definition files (name and text) into one model. The language is described in definitions/README.md. */
export function parse(files: ReadonlyArray<readonly [name: string, text: string]>): Definitions {
  const definitions: Definitions = { apis: [], internals: [], data: [], metadataRecords: [] }
  for (const [file, text] of files) parseFile(linesOf(file, text), definitions)
  definitions.apis.sort((a, b) => a.key - b.key)
  definitions.internals.sort((a, b) => a.key - b.key)
  definitions.metadataRecords.sort((a, b) => a.key - b.key)
  return definitions
}

function linesOf(file: string, text: string): Array<Line> {
  const lines: Array<Line> = []
  text.split("\n").forEach((raw, index) => {
    const line = raw.replace(/#.*$/, "").trimEnd()
    if (line === "") return
    const indent = line.length - line.trimStart().length
    lines.push({ file, number: index + 1, indent, words: line.trim().split(/\s+/) })
  })
  return lines
}

function fail(line: Line, problem: string): never {
  throw new Error(`${line.file}:${line.number}: ${problem}: ${line.words.join(" ")}`)
}

function parseFile(lines: Array<Line>, definitions: Definitions): void {
  let at = 0
  const fieldsOf = (name: string, versions: Versions, flexible: Versions): Message => {
    const body: Array<Line> = []
    while (at < lines.length && lines[at]!.indent > 0) body.push(lines[at++]!)
    return { name, versions, flexible, struct: parseStruct(name, name, body, 2, versions) }
  }
  const expect = (word: string): void => {
    const line = lines[at++]
    if (line === undefined || line.words[0] !== word || line.indent !== 0) throw new Error(`"${word}" expected before line ${at}`)
  }
  while (at < lines.length) {
    const line = lines[at++]!
    const [kind, ...words] = line.words
    const key = kind === "data" ? -1 : Number(words.shift())
    const [name, range, word, flexibleRange] = words
    if (name === undefined || range === undefined) fail(line, "a name and versions expected")
    if (word !== undefined && word !== "flexible") fail(line, "`flexible` expected")
    const versions = parseVersions(line, range)
    const flexible = flexibleRange === undefined ? noVersions : clip(parseVersions(line, flexibleRange), versions)
    if (kind === "api" || kind === "internal") {
      expect("request")
      const request = fieldsOf(`${name}Request`, versions, flexible)
      expect("response")
      const list = kind === "api" ? definitions.apis : definitions.internals
      list.push({ key, name, versions, flexible, request, response: fieldsOf(`${name}Response`, versions, flexible) })
    } else if (kind === "data") {
      definitions.data.push(fieldsOf(name, versions, flexible))
    } else if (kind === "record") {
      definitions.metadataRecords.push({ key, message: fieldsOf(name, versions, flexible) })
    } else {
      fail(line, "api, internal, data or record expected")
    }
  }
}

function parseStruct(name: string, message: string, lines: Array<Line>, indent: number, versions: Versions): Struct {
  const struct: Struct = { name, fields: [] }
  for (let at = 0; at < lines.length; ) {
    const line = lines[at++]!
    if (line.indent !== indent) fail(line, `indentation of ${indent} expected`)
    const nested: Array<Line> = []
    while (at < lines.length && lines[at]!.indent > indent) nested.push(lines[at++]!)
    struct.fields.push(parseField(line, message, nested, versions))
  }
  return struct
}

function parseField(line: Line, message: string, nested: Array<Line>, outer: Versions): Field {
  const words = [...line.words]
  const name = words.shift()!
  const typeName = words.shift() ?? fail(line, "a type expected")
  const versions = isRange(words[0]) ? clip(parseVersions(line, words.shift()!), outer) : outer
  let nullable = noVersions
  let tag: number | undefined
  let ignorable = false
  let explicitDefault: string | undefined
  while (words.length > 0) {
    const word = words.shift()!
    if (word === "null") nullable = isRange(words[0]) ? clip(parseVersions(line, words.shift()!), versions) : versions
    else if (word === "tag") tag = Number(words.shift())
    else if (word === "ignorable") ignorable = true
    else if (word === "=") explicitDefault = words.shift()!
    else fail(line, `unknown word ${word}`)
  }
  if (isEmpty(versions)) fail(line, "a field in no version")
  const type = parseType(line, typeName, message, nested, versions)
  return { name, type, versions, nullable, tag, ignorable, explicitDefault }
}

function parseType(line: Line, text: string, message: string, nested: Array<Line>, versions: Versions): Type {
  const array = text.startsWith("[]")
  const name = array ? text.slice(2) : text
  const primitive = primitives.find((candidate) => candidate === name)
  if (primitive !== undefined) {
    if (nested.length > 0) fail(line, "a primitive has no fields")
    return { array, of: primitive }
  }
  if (!/^[A-Z]/.test(name)) fail(line, "unknown type")
  return { array, of: parseStruct(message + name, message, nested, line.indent + 2, versions) }
}

function isRange(word: string | undefined): boolean {
  return word !== undefined && /^\d+(\+|-\d+)?$/.test(word)
}

function parseVersions(line: Line, text: string): Versions {
  const match = /^(\d+)(\+|-(\d+))?$/.exec(text) ?? fail(line, "versions expected")
  const min = Number(match[1])
  return { min, max: match[2] === "+" ? Infinity : match[3] === undefined ? min : Number(match[3]) }
}
