/** A range of versions; `Infinity` while the definition is open-ended, clipped to the message's range after parsing. */
export interface Versions {
  readonly min: number
  readonly max: number
}

export const noVersions: Versions = { min: 1, max: 0 }

export interface Struct {
  /** Exported name. */
  readonly name: string
  readonly fields: Array<Field>
}

export interface Type {
  readonly array: boolean
  /** A primitive's name, or the struct. */
  readonly of: Primitive | Struct
}

export type Primitive = (typeof primitives)[number]
export const primitives = [
  "bool", "int8", "int16", "uint16", "int32", "int64", "string", "bytes", "records", "uuid",
] as const

export interface Field {
  readonly name: string
  readonly type: Type
  readonly versions: Versions
  readonly nullable: Versions
  readonly tag: number | undefined
  readonly ignorable: boolean
  /** The default as written in the definition, as a JavaScript expression. */
  readonly explicitDefault: string | undefined
}

export interface Message {
  /** `FetchRequest`, `OffsetCommitKey`. */
  readonly name: string
  readonly versions: Versions
  readonly flexible: Versions
  readonly struct: Struct
}

export interface Api {
  readonly key: number
  readonly name: string
  readonly versions: Versions
  readonly flexible: Versions
  readonly request: Message
  readonly response: Message
}

export interface MetadataRecord {
  readonly key: number
  readonly message: Message
}

export interface Definitions {
  readonly apis: Array<Api>
  /** What only nodes of one cluster ask each other. */
  readonly internals: Array<Api>
  readonly data: Array<Message>
  readonly metadataRecords: Array<MetadataRecord>
}

export function isEmpty(versions: Versions): boolean {
  return versions.min > versions.max
}

export function clip(versions: Versions, to: Versions): Versions {
  return { min: Math.max(versions.min, to.min), max: Math.min(versions.max, to.max) }
}

export function covers(outer: Versions, inner: Versions): boolean {
  return isEmpty(inner) || (outer.min <= inner.min && outer.max >= inner.max)
}
