import { readFileSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import type { Message, Struct } from "../../generator/model.ts"
import { parse } from "../../generator/parse.ts"
import { defaultOf, inVersion, isStruct } from "../../generator/shape.ts"
import * as protocol from "../../src/index.ts"

const room = join(import.meta.dirname, "../..")

/** One message as Kafka's classes wrote it; `value` holds the fields of that version, bytes as base64. */
export interface Golden {
  readonly name: string
  readonly version: number
  readonly variant: string
  readonly bytes: string
  readonly withUnknownTags?: string
  readonly value: Record<string, unknown>
}

export function goldens(): Array<Golden> {
  const directory = join(room, "golden/fixtures")
  return readdirSync(directory).flatMap((name) =>
    gunzipSync(readFileSync(join(directory, name))).toString("utf8").trimEnd().split("\n").map((line) => JSON.parse(line) as Golden),
  )
}

/** All messages of the definitions by name. */
export function messages(): Map<string, Message> {
  const directory = join(room, "definitions")
  const names = readdirSync(directory).filter((name) => name.endsWith(".messages"))
  const { apis, data, metadataRecords } = parse(names.map((name) => [name, readFileSync(join(directory, name), "utf8")] as const))
  const all = [...apis.flatMap((api) => [api.request, api.response]), ...data, ...metadataRecords.map((record) => record.message)]
  return new Map(all.map((message) => [message.name, message]))
}

export type Decode = (reader: protocol.Reader, version: number) => unknown
export type Encode = (writer: protocol.Writer, version: number, value: unknown) => void

export function codecOf(name: string): { decode: Decode; encode: Encode } {
  const all = protocol as unknown as Record<string, unknown>
  return { decode: all[`decode${name}`] as Decode, encode: all[`encode${name}`] as Encode }
}

/** The golden's value with bytes as buffers, without the fields that the version lacks. */
export function valueOf(json: unknown, struct: Struct, version: number): Record<string, unknown> {
  return build(json as Record<string, unknown>, struct, version, false)
}

/** What decoding has to give: the value, and defaults for the fields that the version lacks. */
export function decodedOf(json: unknown, struct: Struct, version: number): Record<string, unknown> {
  return build(json as Record<string, unknown>, struct, version, true)
}

function build(json: Record<string, unknown>, struct: Struct, version: number, withAbsent: boolean): Record<string, unknown> {
  const value: Record<string, unknown> = {}
  for (const field of struct.fields) {
    const of = field.type.of
    const given = json[field.name]
    if (!inVersion(field.versions, version)) {
      if (given !== undefined) throw new Error(`${struct.name}.${field.name} is in version ${version} of Kafka's`)
      if (withAbsent) {
        const standard = new Function("zeroUuid", "noBytes", `return ${defaultOf(field)}`) as (uuid: string, bytes: Buffer) => unknown
        value[field.name] = standard(protocol.zeroUuid, Buffer.alloc(0))
      }
      continue
    }
    if (given === undefined) throw new Error(`${struct.name}.${field.name} is not in version ${version} of Kafka's`)
    const convert = (one: unknown): unknown => {
      if (one === null) return null
      if (isStruct(of)) return build(one as Record<string, unknown>, of, version, withAbsent)
      return of === "bytes" || of === "records" ? Buffer.from(one as string, "base64") : one
    }
    value[field.name] = field.type.array && given !== null ? (given as Array<unknown>).map(convert) : convert(given)
  }
  return value
}
