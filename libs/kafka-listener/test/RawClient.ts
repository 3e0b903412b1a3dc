import { encodeRequestHeader, Writer } from "@tailrace/kafka-protocol"
import type { Connection } from "@tailrace/runtime"

/** Sends frames, counts answers, and keeps the last one. */
export class RawClient {
  /** The correlation ids of the answers, in the order in which they came. */
  readonly answers: Array<number> = []
  /** The last answer itself, without its length. */
  lastAnswer: Buffer | undefined
  readonly connection: Connection
  isClosed = false
  bytesReceived = 0
  #received: Buffer = Buffer.alloc(0)
  #correlationId = 0

  constructor(connection: Connection) {
    this.connection = connection
    connection.onClose = () => {
      this.isClosed = true
    }
    connection.onData = (chunk) => {
      this.bytesReceived += chunk.length
      this.#received = Buffer.concat([this.#received, chunk])
      while (this.#received.length >= 4) {
        const length = this.#received.readInt32BE(0)
        if (this.#received.length < 4 + length) return
        this.answers.push(this.#received.readInt32BE(4))
        this.lastAnswer = this.#received.subarray(4, 4 + length)
        this.#received = this.#received.subarray(4 + length)
      }
    }
  }

  /** Answers the request's correlation id: 1, 2, 3. */
  send<A>(apiKey: number, apiVersion: number, encode: (writer: Writer, version: number, value: A) => void, value: A): number {
    const correlationId = ++this.#correlationId
    this.connection.write(frameOf(apiKey, apiVersion, correlationId, encode, value))
    return correlationId
  }
}

/** A request with its length in front. */
export function frameOf<A>(
  apiKey: number,
  apiVersion: number,
  correlationId: number,
  encode: (writer: Writer, version: number, value: A) => void,
  value: A
): Array<Buffer> {
  const writer = new Writer()
  encodeRequestHeader(writer, { apiKey, apiVersion, correlationId, clientId: "test" })
  encode(writer, apiVersion, value)
  return writer.finish()
}
