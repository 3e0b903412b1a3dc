import { type Field, type Message, type Primitive, type Struct, type Versions, covers, isEmpty } from "./model.ts"

/** What both emitters ask about fields. */

export function inVersion(versions: Versions, version: number): boolean {
  return version >= versions.min && version <= versions.max
}

/** `v >= 3`, `v <= 5`, both, or "" when `within` always holds. */
export function condition(versions: Versions, within: Versions): string {
  if (covers(versions, within)) return ""
  if (isEmpty(versions)) return "false"
  const low = versions.min > within.min ? `v >= ${versions.min}` : ""
  const high = versions.max < within.max ? `v <= ${versions.max}` : ""
  if (versions.min === versions.max && low !== "" && high !== "") return `v === ${versions.min}`
  return low !== "" && high !== "" ? `${low} && ${high}` : low + high
}

export function isStruct(of: Primitive | Struct): of is Struct {
  return typeof of === "object"
}

/** The default as a JavaScript expression. */
export function defaultOf(field: Field): string {
  if (field.explicitDefault !== undefined) return field.explicitDefault
  if (field.type.array) return "[]"
  const of = field.type.of
  if (isStruct(of)) return `{ ${of.fields.map((inner) => `${inner.name}: ${defaultOf(inner)}`).join(", ")} }`
  if (of === "bool") return "false"
  if (of === "string") return '""'
  if (of === "uuid") return "zeroUuid"
  if (of === "bytes") return "noBytes"
  if (of === "records") return "null"
  return "0"
}

/** An expression that is true when `value` (known not to be undefined) differs from the default. */
export function differsFromDefault(field: Field, value: string): string {
  const standard = defaultOf(field)
  if (standard === "null") return `${value} !== null`
  const orNull = isEmpty(field.nullable) ? "" : `${value} === null || `
  if (field.type.array) return `${orNull}${value}.length !== 0`
  const of = field.type.of
  if (of === "bytes") return `${orNull}${value}.length !== 0`
  if (isStruct(of)) {
    return of.fields
      .map((inner) => {
        const at = `${value}.${inner.name}`
        return isOptional(inner, inner.versions) ? `(${at} !== undefined && ${differsFromDefault(inner, at)})` : differsFromDefault(inner, at)
      })
      .join(" || ")
  }
  return `${value} !== ${standard}`
}

/** Whether the encoder may be given nothing: the field has a default of its own, or some versions lack it anyway. */
export function isOptional(field: Field, within: Versions): boolean {
  return field.explicitDefault !== undefined || field.tag !== undefined || field.ignorable || !covers(field.versions, within)
}

/** The fewest bytes that a value of this type takes in `version`. */
export function bytesMin(field: Field, version: number, flexible: boolean): number {
  if (field.tag !== undefined || !inVersion(field.versions, version)) return 0
  if (field.type.array) return flexible ? 1 : 4
  if (isStruct(field.type.of) && !isEmpty(field.nullable)) return 1
  return elementBytesMin(field.type.of, version, flexible)
}

export function elementBytesMin(of: Primitive | Struct, version: number, flexible: boolean): number {
  if (isStruct(of)) {
    const tags = flexible ? 1 : 0
    return Math.max(1, of.fields.reduce((sum, field) => sum + bytesMin(field, version, flexible), tags))
  }
  const fixed: Partial<Record<Primitive, number>> = { bool: 1, int8: 1, int16: 2, uint16: 2, int32: 4, int64: 8, uuid: 16 }
  return fixed[of] ?? (flexible ? 1 : of === "string" ? 2 : 4)
}

/** Structs of a message, inner ones first, the message itself last. */
export function structsOf(message: Message): Array<{ struct: Struct; versions: Versions }> {
  const found: Array<{ struct: Struct; versions: Versions }> = []
  const visit = (struct: Struct, versions: Versions): void => {
    for (const field of struct.fields) if (isStruct(field.type.of)) visit(field.type.of, field.versions)
    found.push({ struct, versions })
  }
  visit(message.struct, message.versions)
  return found
}
