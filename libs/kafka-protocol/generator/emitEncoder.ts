import { type Field, type Message, type Struct, type Versions, clip, covers, isEmpty } from "./model.ts"
import { condition, defaultOf, differsFromDefault, isOptional, isStruct } from "./shape.ts"

/** The encoder of one struct. A value that the version cannot carry throws, unless the field is ignorable. */
export function emitEncoder(message: Message, struct: Struct, versions: Versions): string {
  const top = struct === message.struct
  const lines: Array<string> = []
  if (top) {
    lines.push(`export function encode${message.name}(w, v, x) {`)
    lines.push(`  checkEncodable("${message.name}", v, ${message.versions.min}, ${message.versions.max})`)
    lines.push(`  w.flexible = ${condition(message.flexible, message.versions) || "true"}`)
  } else {
    lines.push(`function write${struct.name}(w, v, x) {`)
  }
  for (const field of struct.fields) lines.push(...indent(statement(field, struct, versions), 2))
  lines.push(...indent(tags(message, struct, versions), 2), "}")
  return `${lines.join("\n")}\n`
}

function statement(field: Field, struct: Struct, within: Versions): Array<string> {
  const when = condition(field.versions, within)
  const refuse = refusal(field, struct)
  if (field.tag !== undefined) return when === "" || refuse.length === 0 ? [] : [`if (!(${when})) {`, ...indent(refuse, 2), "}"]
  const write = writes(field, struct, within)
  if (when === "") return write
  const lines = [`if (${when}) {`, ...indent(write, 2)]
  if (refuse.length > 0) lines.push("} else {", ...indent(refuse, 2))
  return [...lines, "}"]
}

function refusal(field: Field, struct: Struct): Array<string> {
  if (field.ignorable) return []
  const value = `x.${field.name}`
  const differs = differsFromDefault(field, value)
  const guard = differs.includes("||") ? `(${differs})` : differs
  return [`if (${value} !== undefined && ${guard}) unsupportedField("${struct.name}.${field.name}", v, ${value})`]
}

/** The value to write: what was given, or the default. */
function given(field: Field, within: Versions): string {
  const value = `x.${field.name}`
  if (!isOptional(field, within)) return value
  const standard = defaultOf(field)
  if (isEmpty(field.nullable) || standard === "null") return `${value} ?? ${standard}`
  return `${value} === undefined ? ${standard} : ${value}`
}

function writes(field: Field, struct: Struct, within: Versions): Array<string> {
  const of = field.type.of
  const value = given(field, within)
  if (field.type.array) return writesArray(field, struct, value)
  if (isStruct(of)) return writesStruct(field, of, value)
  if (of === "bool") return [`w.boolean(${value})`]
  if (of === "records") return [`w.nullableRecords(${value})`]
  if (of !== "string" && of !== "bytes") return [`w.${of}(${value})`]
  const nullable = of === "string" ? "nullableString" : "nullableBytes"
  if (isEmpty(field.nullable)) return [`w.${of}(${value})`]
  const when = condition(field.nullable, field.versions)
  if (when === "") return [`w.${nullable}(${value})`]
  return [`if (${when}) w.${nullable}(${value})`, `else w.${of}(${value})`]
}

/** A nullable struct has a byte in front: 1, or -1 where it is null. */
function writesStruct(field: Field, of: Struct, value: string): Array<string> {
  if (isEmpty(field.nullable)) return [`write${of.name}(w, v, ${value})`]
  const name = `s_${field.name}`
  return [`const ${name} = ${value}`, `if (${name} === null) w.int8(-1)`, "else {", "  w.int8(1)", `  write${of.name}(w, v, ${name})`, "}"]
}

function writesArray(field: Field, struct: Struct, value: string): Array<string> {
  const of = field.type.of
  const name = `a_${field.name}`
  const lines = [`const ${name} = ${value}`]
  const fill = isStruct(of)
    ? [`w.arrayLength(${name}.length)`, `for (let i = 0; i < ${name}.length; i++) write${of.name}(w, v, ${name}[i])`]
    : [`w.${of}Array(${name})`]
  if (isEmpty(field.nullable)) return [...lines, ...fill]
  const when = condition(field.nullable, field.versions)
  const refuse = when === "" ? [] : [`  if (!(${when})) unsupportedNull("${struct.name}.${field.name}", v)`]
  return [...lines, `if (${name} === null) {`, ...refuse, "  w.nullArray()", "} else {", ...indent(fill, 2), "}"]
}

function tags(message: Message, struct: Struct, versions: Versions): Array<string> {
  const flexible = clip(message.flexible, versions)
  if (isEmpty(flexible)) return []
  const when = condition(flexible, versions)
  const tagged = struct.fields.filter((field) => field.tag !== undefined).sort((a, b) => a.tag! - b.tag!)
  if (tagged.length === 0) return [`${when === "" ? "" : `if (${when}) `}w.uvarint(0)`]
  const lines: Array<string> = []
  const counted: Array<string> = []
  for (const field of tagged) {
    const value = `x.${field.name}`
    const present = covers(field.versions, flexible) ? "" : `${condition(field.versions, flexible)} && `
    lines.push(`const t_${field.name} = ${present}${value} !== undefined && (${differsFromDefault(field, value)})`)
    counted.push(`(t_${field.name} ? 1 : 0)`)
  }
  lines.push(`w.uvarint(${counted.join(" + ")})`)
  for (const field of tagged) {
    lines.push(`if (t_${field.name}) {`, `  const mark = w.beginTag(${field.tag!})`)
    lines.push(...indent(writes(field, struct, versions), 2), "  w.endTag(mark)", "}")
  }
  return when === "" ? lines : [`if (${when}) {`, ...indent(lines, 2), "}"]
}

function indent(lines: Array<string>, spaces: number): Array<string> {
  return lines.map((line) => " ".repeat(spaces) + line)
}
