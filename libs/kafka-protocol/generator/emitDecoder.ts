import { type Field, type Message, type Struct, type Versions, clip, covers, isEmpty } from "./model.ts"
import { condition, defaultOf, elementBytesMin, isStruct } from "./shape.ts"

/** The decoder of one struct: one straight line of reads, a test of the version where versions differ. */
export function emitDecoder(message: Message, struct: Struct, versions: Versions): string {
  const top = struct === message.struct
  const lines: Array<string> = []
  if (top) {
    lines.push(`export function decode${message.name}(r, v) {`)
    lines.push(`  checkDecodable(r.position, v, ${message.versions.min}, ${message.versions.max})`)
    lines.push(`  r.flexible = ${condition(message.flexible, message.versions) || "true"}`)
  } else {
    lines.push(`function read${struct.name}(r, v) {`)
  }
  for (const field of struct.fields) lines.push(...declare(field, message, versions))
  lines.push(...tags(message, struct, versions))
  lines.push(struct.fields.length === 0 ? "  return {}" : `  return { ${struct.fields.map((field) => local(field)).join(", ")} }`, "}")
  return `${lines.join("\n")}\n`
}

/** Field names that are not usable as JavaScript variables do not occur; `r` and `v` are ours. */
function local(field: Field): string {
  return field.name
}

function declare(field: Field, message: Message, within: Versions): Array<string> {
  if (field.tag !== undefined) return [`  let ${local(field)} = ${defaultOf(field)}`]
  const when = condition(field.versions, within)
  const read = simpleRead(field, message)
  if (read !== undefined) {
    return [`  const ${local(field)} = ${when === "" ? read : `${when} ? ${read} : ${defaultOf(field)}`}`]
  }
  const body = assign(field, message)
  if (when === "") return [`  let ${local(field)}`, ...indent(body, 2)]
  return [`  let ${local(field)} = ${defaultOf(field)}`, `  if (${when}) {`, ...indent(body, 4), "  }"]
}

/** The read as one expression, where there is one. */
function simpleRead(field: Field, message: Message): string | undefined {
  if (field.type.array) {
    if (isStruct(field.type.of) || !isEmpty(field.nullable)) return undefined
    return arrayRead(field, message, `r.arrayLength(${elementMinimum(field, message)})`)
  }
  const of = field.type.of
  if (isStruct(of)) return isEmpty(field.nullable) ? `read${of.name}(r, v)` : `r.int8() < 0 ? null : read${of.name}(r, v)`
  const method = of === "bool" ? "boolean" : of === "records" ? "bytes" : of
  if (of !== "string" && of !== "bytes" && of !== "records") return `r.${method}()`
  const nullable = `r.nullable${method[0]!.toUpperCase()}${method.slice(1)}()`
  if (isEmpty(field.nullable)) return `r.${method}()`
  const when = condition(field.nullable, field.versions)
  return when === "" ? nullable : `(${when} ? ${nullable} : r.${method}())`
}

function arrayRead(field: Field, message: Message, length: string): string {
  const of = field.type.of
  if (of !== "int32" && of !== "string" && of !== "uuid") {
    throw new Error(`${message.name}.${field.name}: arrays of ${String(of)} are not supported`)
  }
  return `r.${of}Array(${length})`
}

/** Statements that read into the variable, for arrays that are nullable or of structs, and for nullable structs. */
function assign(field: Field, message: Message): Array<string> {
  const name = local(field)
  const of = field.type.of
  if (!field.type.array) return [`${name} = ${simpleRead(field, message)!}`]
  const minimum = elementMinimum(field, message)
  const lines: Array<string> = []
  const when = condition(field.nullable, field.versions)
  const length = `n_${name}`
  if (isEmpty(field.nullable)) lines.push(`const ${length} = r.arrayLength(${minimum})`)
  else if (when === "") lines.push(`const ${length} = r.nullableArrayLength(${minimum})`)
  else lines.push(`const ${length} = ${when} ? r.nullableArrayLength(${minimum}) : r.arrayLength(${minimum})`)
  const fill = isStruct(of)
    ? [`${name} = []`, `for (let i = 0; i < ${length}; i++) ${name}.push(read${of.name}(r, v))`]
    : [`${name} = ${arrayRead(field, message, length)}`]
  if (isEmpty(field.nullable)) return [...lines, ...fill]
  return [...lines, `if (${length} < 0) ${name} = null`, "else {", ...indent(fill, 2), "}"]
}

/** The least size of an element as an expression: a literal, or the version's entry in a list. */
function elementMinimum(field: Field, message: Message): string {
  const sizes: Array<number> = []
  for (let v = field.versions.min; v <= field.versions.max; v++) {
    sizes.push(elementBytesMin(field.type.of, v, v >= message.flexible.min && v <= message.flexible.max))
  }
  const runs: Array<{ from: number; size: number }> = []
  sizes.forEach((size, index) => {
    if (runs.length === 0 || runs[runs.length - 1]!.size !== size) runs.push({ from: field.versions.min + index, size })
  })
  let expression = String(runs[0]!.size)
  for (const run of runs.slice(1)) expression = `v >= ${run.from} ? ${run.size} : ${expression}`
  return expression
}

function tags(message: Message, struct: Struct, versions: Versions): Array<string> {
  const flexible = clip(message.flexible, versions)
  if (isEmpty(flexible)) return []
  const when = condition(flexible, versions)
  const tagged = struct.fields.filter((field) => field.tag !== undefined)
  if (tagged.length === 0) return [`  ${when === "" ? "" : `if (${when}) `}r.skipTags()`]
  const lines = ["for (let n = r.tagCount(); n > 0; n--) {", "  const tag = r.uvarint()"]
  tagged.forEach((field, index) => {
    const present = covers(field.versions, flexible) ? "" : ` && ${condition(field.versions, flexible)}`
    lines.push(`  ${index === 0 ? "if" : "} else if"} (tag === ${field.tag!}${present}) {`)
    lines.push("    const outerEnd = r.beginTag()", ...indent(assign(field, message), 4), "    r.endTag(outerEnd)")
  })
  lines.push("  } else r.skipTag()", "}")
  return when === "" ? indent(lines, 2) : [`  if (${when}) {`, ...indent(lines, 4), "  }"]
}

function indent(lines: Array<string>, spaces: number): Array<string> {
  return lines.map((line) => " ".repeat(spaces) + line)
}
