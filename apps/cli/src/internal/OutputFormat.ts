import type { ConsumerRecord } from "@tailrace/client"
import { UsageError } from "../UsageError.ts"
import { unescaped } from "./InputFormat.ts"
import { nearest } from "./nearest.ts"

/** Defaults of the formatter properties of Kafka's console consumer. */
const defaults = {
  "print.timestamp": "false", "print.partition": "false", "print.offset": "false", "print.epoch": "false", "print.headers": "false",
  "print.key": "false", "print.value": "true", "print.delivery": "false", "key.separator": "\t", "line.separator": "\n", "headers.separator": ",",
  "null.literal": "null", "key.deserializer": "", "value.deserializer": "", "headers.deserializer": ""
}

type Property = keyof typeof defaults
type Field = (record: ConsumerRecord) => string | Buffer

/** How records are printed: Kafka's fields in Kafka's order, or one JSON object for each. */
export class OutputFormat {
  readonly #fields: ReadonlyArray<Field>
  readonly #separator: Buffer
  readonly #end: Buffer

  constructor(given: Iterable<readonly [string, string]>) {
    const properties: Record<string, string> = { ...defaults }
    for (const [name, value] of given) {
      if (!Object.hasOwn(defaults, name)) {
        const meant = nearest(name, Object.keys(defaults))
        throw new UsageError(`unknown formatter property ${name}`, meant === undefined ? undefined : `Did you mean ${meant}?`)
      }
      properties[name] = unescaped(value)
    }
    this.#fields = fieldsOf(properties as Record<Property, string>)
    this.#separator = Buffer.from(properties["key.separator"] ?? "")
    this.#end = Buffer.from(properties["line.separator"] ?? "")
  }

  /** The bytes of some records. Values that are no text come out as they are. */
  format(records: ReadonlyArray<ConsumerRecord>): Buffer {
    const parts: Array<Buffer> = []
    for (const record of records) {
      for (let index = 0; index < this.#fields.length; index++) {
        const part = (this.#fields[index] as Field)(record)
        if (index > 0) parts.push(this.#separator)
        parts.push(typeof part === "string" ? Buffer.from(part) : part)
      }
      parts.push(this.#end)
    }
    return Buffer.concat(parts)
  }
}

const fieldsOf = (properties: Record<Property, string>): ReadonlyArray<Field> => {
  const has = (name: Property): boolean => properties[name] === "true"
  const none = Buffer.from(properties["null.literal"])
  const key = deserializer("key.deserializer", properties)
  const value = deserializer("value.deserializer", properties)
  const header = deserializer("headers.deserializer", properties)
  const fields: Array<Field> = []
  if (has("print.timestamp")) fields.push((record) => record.timestamp < 0 ? "NO_TIMESTAMP" : `${record.timestampType}:${record.timestamp}`)
  if (has("print.partition")) fields.push((record) => `Partition:${record.partition}`)
  if (has("print.offset")) fields.push((record) => `Offset:${record.offset}`)
  if (has("print.delivery")) fields.push(() => "Delivery:NOT_PRESENT")
  if (has("print.epoch")) fields.push((record) => `Epoch:${record.leaderEpoch}`)
  if (has("print.headers")) {
    fields.push((record) => record.headers.length === 0 ? "NO_HEADERS" : Buffer.concat(record.headers.flatMap((it, index) => [
      Buffer.from(`${index === 0 ? "" : properties["headers.separator"]}${it.key}:`), it.value === null ? none : asBytes(header(it.value))
    ])))
  }
  if (has("print.key")) fields.push((record) => record.key === null ? none : key(record.key))
  if (has("print.value")) fields.push((record) => record.value === null ? none : value(record.value))
  return fields
}

const asBytes = (part: string | Buffer): Buffer => typeof part === "string" ? Buffer.from(part) : part

type Deserialize = (bytes: Buffer) => string | Buffer

const ofSize = (size: number, read: (bytes: Buffer) => unknown): Deserialize => (bytes) =>
  bytes.length === size ? String(read(bytes)) : `<${bytes.length} bytes instead of ${size}>`

/** By the names of Kafka's classes, with or without the package and `Deserializer`. */
const deserializers: Readonly<Record<string, Deserialize>> = {
  String: (bytes) => bytes,
  ByteArray: (bytes) => bytes,
  Bytes: (bytes) => bytes,
  ByteBuffer: (bytes) => bytes,
  Long: ofSize(8, (bytes) => bytes.readBigInt64BE()),
  Integer: ofSize(4, (bytes) => bytes.readInt32BE()),
  Short: ofSize(2, (bytes) => bytes.readInt16BE()),
  Double: ofSize(8, (bytes) => bytes.readDoubleBE()),
  Float: ofSize(4, (bytes) => bytes.readFloatBE()),
  Boolean: ofSize(1, (bytes) => bytes[0] === 1),
  Void: () => "null"
}

const deserializer = (property: Property, properties: Record<Property, string>): Deserialize => {
  const name = properties[property]
  if (name === "") return (bytes) => bytes
  const short = name.slice(name.lastIndexOf(".") + 1).replace(/Deserializer$/, "")
  const found = Object.hasOwn(deserializers, short) ? deserializers[short] : undefined
  if (found === undefined) throw new UsageError(`${property}: ${name} is not known here`, `It is one of: ${Object.keys(deserializers).join(", ")}.`)
  return found
}

/** One line of JSON. Bytes that are no UTF-8 are base64, and the record says so. */
export const recordAsJson = (record: ConsumerRecord): string => {
  const encodings: Record<string, "base64"> = {}
  const text = (name: string, bytes: Buffer | null): string | null => {
    if (bytes === null) return null
    const decoded = bytes.toString("utf8")
    if (!decoded.includes("\ufffd") || Buffer.from(decoded).equals(bytes)) return decoded
    encodings[`${name}Encoding`] = "base64"
    return bytes.toString("base64")
  }
  const { offset, partition, timestamp, timestampType, topic } = record
  const key = text("key", record.key)
  const value = text("value", record.value)
  const headers = record.headers.map((header) => {
    const bytes = header.value
    const decoded = bytes?.toString("utf8") ?? null
    return bytes === null || decoded === null || Buffer.from(decoded).equals(bytes)
      ? { key: header.key, value: decoded } : { key: header.key, value: bytes.toString("base64"), valueEncoding: "base64" }
  })
  return `${JSON.stringify({ topic, partition, offset, timestamp, timestampType, key, value, headers, ...encodings })}\n`
}
