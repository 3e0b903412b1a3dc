import { apiOf } from "./Api.ts"
import type { Reader } from "./Reader.ts"
import type { Writer } from "./Writer.ts"

export interface RequestHeader {
  readonly apiKey: number
  readonly apiVersion: number
  readonly correlationId: number
  readonly clientId: string | null
}

/**
 * Reads the header and leaves the reader at the body. The header of an API or a version that we do not serve is read as far as it
 * is certain (the four fields); then the body cannot be read, and the caller answers or closes by key and version.
 */
export function decodeRequestHeader(reader: Reader): RequestHeader {
  const apiKey = reader.int16()
  const apiVersion = reader.int16()
  const correlationId = reader.int32()
  const clientId = reader.legacyNullableString()
  const api = apiOf(apiKey)
  if (api !== undefined && apiVersion <= api.versionMax && api.requestHeaderVersion(apiVersion) === 2) reader.skipTags()
  return { apiKey, apiVersion, correlationId, clientId }
}

export function encodeRequestHeader(writer: Writer, header: RequestHeader): void {
  writer.int16(header.apiKey)
  writer.int16(header.apiVersion)
  writer.int32(header.correlationId)
  writer.legacyNullableString(header.clientId)
  if (apiOf(header.apiKey)?.requestHeaderVersion(header.apiVersion) === 2) writer.uvarint(0)
}

/** Reads the header of an answer to a request of this key and version; answers its correlation id. */
export function decodeResponseHeader(reader: Reader, apiKey: number, apiVersion: number): number {
  const correlationId = reader.int32()
  if (apiOf(apiKey)?.responseHeaderVersion(apiVersion) === 1) reader.skipTags()
  return correlationId
}

export function encodeResponseHeader(writer: Writer, apiKey: number, apiVersion: number, correlationId: number): void {
  writer.int32(correlationId)
  if (apiOf(apiKey)?.responseHeaderVersion(apiVersion) === 1) writer.uvarint(0)
}
