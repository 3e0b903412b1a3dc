import { type Field, type Message, type Struct, type Versions, isEmpty } from "./model.ts"
import { isOptional, isStruct, structsOf } from "./shape.ts"

/** The `.d.ts` of a message: its structs as decoded, as given to the encoder, and the two functions. */
export function emitTypes(message: Message): string {
  const parts = structsOf(message).map(({ struct, versions }) => decoded(struct) + input(struct, versions))
  const name = message.name
  parts.push(
    `export declare function decode${name}(reader: Reader, version: number): ${name}\n` +
      `export declare function encode${name}(writer: Writer, version: number, value: ${name}Input): void\n`,
  )
  return parts.join("\n")
}

function decoded(struct: Struct): string {
  const fields = struct.fields.map((field) => `  readonly ${field.name}: ${typeOf(field, false)}\n`)
  return `export interface ${struct.name} {\n${fields.join("")}}\n`
}

function input(struct: Struct, versions: Versions): string {
  const fields = struct.fields.map((field) => {
    const optional = isOptional(field, versions)
    return `  readonly ${field.name}${optional ? "?" : ""}: ${typeOf(field, true)}${optional ? " | undefined" : ""}\n`
  })
  return `export interface ${struct.name}Input {\n${fields.join("")}}\n`
}

function typeOf(field: Field, forInput: boolean): string {
  const element = elementType(field, forInput)
  const type = field.type.array ? `ReadonlyArray<${element}>` : element
  return isEmpty(field.nullable) ? type : `${type} | null`
}

function elementType(field: Field, forInput: boolean): string {
  const of = field.type.of
  if (isStruct(of)) return forInput ? `${of.name}Input` : of.name
  if (of === "bool") return "boolean"
  if (of === "string" || of === "uuid") return "string"
  if (of === "records" && forInput) return "Uint8Array | ReadonlyArray<Uint8Array>"
  if (of === "bytes" || of === "records") return forInput ? "Uint8Array" : "Buffer"
  return "number"
}
