import { decodeResponseHeader, encodeRequestHeader, Reader, Writer } from "@tailrace/kafka-protocol"
import type { Connection } from "@tailrace/runtime"
import { apiNamed, type ApiName, codecs, type RequestOf, type ResponseOf } from "./codecs.ts"

export interface SendOptions {
  readonly clientId?: string | null
  /** The version whose shape the answer has, where it is not the request's. */
  readonly answerVersion?: number
}

interface Expected {
  readonly read: (frame: Buffer) => void
  readonly fail: (error: Error) => void
}

/** A client that knows the protocol and nothing else: what it sends and reads is exactly what a test says. */
export class ProtocolClient {
  /** Settles once, when the connection has ended. */
  readonly closed: Promise<void>
  /** The names of the answers, in the order in which they came. */
  readonly answers: Array<number> = []
  readonly #connection: Connection
  readonly #expected = new Map<number, Expected>()
  #correlationId = 0
  #received: Buffer = Buffer.alloc(0)
  #isClosed = false

  constructor(connection: Connection) {
    this.#connection = connection
    connection.onData = (chunk) => this.#receive(chunk)
    this.closed = new Promise((resolve) => {
      connection.onClose = () => {
        this.#isClosed = true
        for (const { fail } of this.#expected.values()) fail(new Error("the connection was closed"))
        this.#expected.clear()
        resolve()
      }
    })
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** How many answers are still to come. */
  get openRequests(): number {
    return this.#expected.size
  }

  /** Rejects when the connection ends instead, or the answer has not exactly the shape of its version. */
  request<Name extends ApiName>(
    name: Name,
    version: number,
    body: RequestOf<Name>,
    { answerVersion = version, clientId = "test" }: SendOptions = {}
  ): Promise<ResponseOf<Name>> {
    const { key } = apiNamed(name)
    const correlationId = this.send(name, version, body, clientId)
    const { decode } = codecs[name]
    const answer = new Promise<ResponseOf<Name>>((resolve, reject) => {
      this.#expected.set(correlationId, {
        fail: reject,
        read: (frame) => {
          try {
            const reader = new Reader(frame)
            decodeResponseHeader(reader, key, answerVersion)
            const response = decode(reader, answerVersion) as ResponseOf<Name>
            if (reader.remainingBytes > 0) throw new Error(`${name} ${version}: ${reader.remainingBytes} bytes too many`)
            resolve(response)
          } catch (cause) {
            reject(cause instanceof Error ? cause : new Error(String(cause)))
          }
        }
      })
    })
    answer.catch(() => undefined)
    return answer
  }

  /** Sends a request that nobody waits for; answers its correlation id. */
  send<Name extends ApiName>(name: Name, version: number, body: RequestOf<Name>, clientId: string | null = "test"): number {
    const writer = new Writer()
    const correlationId = ++this.#correlationId
    encodeRequestHeader(writer, { apiKey: apiNamed(name).key, apiVersion: version, correlationId, clientId })
    ;(codecs[name].encode as (writer: Writer, version: number, value: RequestOf<Name>) => void)(writer, version, body)
    this.#connection.write(writer.finish())
    return correlationId
  }

  /** Sends a frame as it is, with its length in front. */
  sendFrame(body: Buffer): void {
    const length = Buffer.alloc(4)
    length.writeInt32BE(body.length)
    this.sendBytes(Buffer.concat([length, body]))
  }

  sendBytes(bytes: Buffer): void {
    this.#connection.write([bytes])
  }

  /** Reads nothing any more, as a client that hangs. */
  stopReading(): void {
    this.#connection.pause()
  }

  close(): void {
    this.#connection.destroy()
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk])
    while (this.#received.length >= 4) {
      const length = this.#received.readInt32BE(0)
      if (this.#received.length < 4 + length) return
      const frame = Buffer.from(this.#received.subarray(4, 4 + length))
      this.#received = this.#received.subarray(4 + length)
      const correlationId = frame.readInt32BE(0)
      this.answers.push(correlationId)
      const expected = this.#expected.get(correlationId)
      this.#expected.delete(correlationId)
      expected?.read(frame)
    }
  }
}
