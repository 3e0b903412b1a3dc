import { type Definitions, type Message } from "./model.ts"
import { emitDecoder } from "./emitDecoder.ts"
import { emitEncoder } from "./emitEncoder.ts"
import { emitTypes } from "./emitTypes.ts"
import { structsOf } from "./shape.ts"

const banner = "// Generated from definitions/ by `npm run generate`. Do not edit.\n"
const imports = `import { checkDecodable, checkEncodable, noBytes, unsupportedField, unsupportedNull, zeroUuid } from "../internal/codec.ts"\n`
const typeImports = `import type { Reader } from "../Reader.ts"\nimport type { Writer } from "../Writer.ts"\n`

/** All generated files: name and content. */
export function generate(definitions: Definitions): Map<string, string> {
  const requests = definitions.apis.flatMap((api) => [api.request, api.response])
  const records = definitions.metadataRecords.map((record) => record.message)
  const internals = definitions.internals.flatMap((api) => [api.request, api.response])
  checkNames([...requests, ...internals, ...definitions.data, ...records])
  return new Map([
    ["apis.js", apis(definitions)],
    ["apis.d.ts", apisTypes()],
    ["internals.js", codecs(internals) + internalKeys(definitions)],
    ["internals.d.ts", types(internals) + internalKeyTypes(definitions)],
    ["messages.js", codecs(requests)],
    ["messages.d.ts", types(requests)],
    ["records.js", codecs([...definitions.data, ...records]) + metadataRecords(definitions)],
    ["records.d.ts", types([...definitions.data, ...records]) + metadataRecordTypes(definitions)],
  ])
}

function checkNames(messages: Array<Message>): void {
  const seen = new Set<string>()
  for (const message of messages) {
    for (const { struct } of structsOf(message)) {
      if (seen.has(struct.name)) throw new Error(`two structs are called ${struct.name}`)
      seen.add(struct.name)
    }
  }
}

function codecs(messages: Array<Message>): string {
  const parts = messages.map((message) =>
    structsOf(message)
      .map(({ struct, versions }) => `${emitDecoder(message, struct, versions)}\n${emitEncoder(message, struct, versions)}`)
      .join("\n"),
  )
  return `${banner}${imports}\n${parts.join("\n")}`
}

function types(messages: Array<Message>): string {
  return `${banner}${typeImports}\n${messages.map(emitTypes).join("\n")}`
}

function apis(definitions: Definitions): string {
  const rows = definitions.apis.map((api) => {
    const flexibleMin = api.flexible.min > api.flexible.max ? "Infinity" : String(api.flexible.min)
    return `  { key: ${api.key}, name: "${api.name}", versionMin: ${api.versions.min}, versionMax: ${api.versions.max}, flexibleMin: ${flexibleMin} },\n`
  })
  return `${banner}export const apiRows = [\n${rows.join("")}]\n`
}

function apisTypes(): string {
  return `${banner}export declare const apiRows: ReadonlyArray<{
  readonly key: number
  readonly name: string
  readonly versionMin: number
  readonly versionMax: number
  readonly flexibleMin: number
}>
`
}

function internalKeys(definitions: Definitions): string {
  return `\nexport const InternalApiKey = {\n${definitions.internals.map(({ key, name }) => `  ${name}: ${key},\n`).join("")}}\n`
}

function internalKeyTypes(definitions: Definitions): string {
  const keys = definitions.internals.map(({ key, name }) => `  readonly ${name}: ${key}\n`)
  return `
/** Keys of the calls between nodes, above all of Kafka's. */
export declare const InternalApiKey: {
${keys.join("")}}
`
}

function metadataRecords(definitions: Definitions): string {
  const rows = definitions.metadataRecords.map(({ key, message }) => {
    const name = message.name
    return `  { key: ${key}, type: "${name}", versionMax: ${message.versions.max}, decode: decode${name}, encode: encode${name} },\n`
  })
  return `\nexport const metadataRecordRows = [\n${rows.join("")}]\n`
}

function metadataRecordTypes(definitions: Definitions): string {
  const names = definitions.metadataRecords.map((record) => record.message.name)
  return `
/** One record of the metadata log: its kind and its fields. */
export type MetadataRecord =
${names.map((name) => `  | { readonly type: "${name}"; readonly value: ${name} }\n`).join("")}
export type MetadataRecordInput =
${names.map((name) => `  | { readonly type: "${name}"; readonly value: ${name}Input }\n`).join("")}
export declare const metadataRecordRows: ReadonlyArray<{
  readonly key: number
  readonly type: MetadataRecord["type"]
  readonly versionMax: number
  readonly decode: (reader: Reader, version: number) => MetadataRecord["value"]
  readonly encode: (writer: Writer, version: number, value: never) => void
}>
`
}
