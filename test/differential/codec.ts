import * as protocol from "@tailrace/kafka-protocol"

type Room = typeof protocol

/** An API that the protocol room has codecs for. */
export type ApiName = { [K in keyof Room]: K extends `encode${infer N}Request` ? `decode${N}Response` extends keyof Room ? N : never : never }[keyof Room]
  & keyof typeof protocol.ApiKey
export type InputOf<N extends ApiName> = Parameters<Room[`encode${N}Request`]>[2]
export type AnswerOf<N extends ApiName> = ReturnType<Room[`decode${N}Response`]>

type Encode = (writer: protocol.Writer, version: number, value: unknown) => void
type Decode = (reader: protocol.Reader, version: number) => Record<string, unknown>
const functions = protocol as unknown as Readonly<Record<string, Encode & Decode>>

/** A whole frame, or nothing where the version cannot carry a value. */
export function encodeRequest<N extends ApiName>(name: N, version: number, correlationId: number, input: InputOf<N>): Buffer | undefined {
  const writer = new protocol.Writer()
  protocol.encodeRequestHeader(writer, { apiKey: protocol.ApiKey[name], apiVersion: version, correlationId, clientId: "differential" })
  try {
    functions[`encode${name}Request`]!(writer, version, input)
  } catch (error) {
    if (error instanceof protocol.EncodeError) return undefined
    throw error
  }
  return Buffer.concat(writer.finish())
}

/**
 * The tree of an answer. What the decoder might hide is part of it: bytes that were left, and whether writing the tree again
 * gives the bytes that arrived.
 */
export function decodeAnswer(name: ApiName, version: number, frame: Buffer): Record<string, unknown> {
  const apiKey = protocol.ApiKey[name]
  const reader = new protocol.Reader(frame)
  try {
    protocol.decodeResponseHeader(reader, apiKey, version)
    const bodyAt = reader.position
    const tree = functions[`decode${name}Response`]!(reader, version)
    const writer = new protocol.Writer()
    functions[`encode${name}Response`]!(writer, version, tree)
    const again = Buffer.concat(writer.finish()).subarray(4)
    const isSame = again.equals(frame.subarray(bodyAt, reader.position))
    return { ...tree, ...(isSame ? {} : { "#written again": "other bytes" }), ...(reader.remainingBytes === 0 ? {} : { "#bytes left": reader.remainingBytes }) }
  } catch (error) {
    return { "#cannot be read": String(error), "#bytes": frame.toString("hex").slice(0, 400) }
  }
}
