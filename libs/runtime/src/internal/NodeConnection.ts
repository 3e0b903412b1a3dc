import { Socket } from "node:net"
import type { Clock } from "../Clock.ts"
import type { Connection } from "../Net.ts"

/** What an accepted socket of Node has besides its documented parts. */
interface AcceptedSocket {
  _handle: { readonly useUserBuffer?: unknown } | null
  _server: unknown
}

const readBytesMax = 256 * 1024
const readBuffer = Buffer.allocUnsafeSlow(readBytesMax)

/** A socket of Node behind the port. The owner sets the callbacks in the turn in which it gets the connection. */
export class NodeConnection implements Connection {
  readonly remoteAddress: string
  readonly remotePort: number
  onData: (chunk: Buffer) => void = () => {}
  onDrain: () => void = () => {}
  onClose: (error?: Error) => void = () => {}
  readonly #socket: Socket
  readonly #clock: Clock
  readonly #closeMillisMax: number
  #closing = false
  #owesDrain = false
  #error: Error | undefined
  #cancelCloseTimeout: () => void = () => {}

  private constructor(socket: Socket, clock: Clock, closeMillisMax: number) {
    this.#socket = socket
    this.#clock = clock
    this.#closeMillisMax = closeMillisMax
    this.remoteAddress = socket.remoteAddress ?? ""
    this.remotePort = socket.remotePort ?? 0
    socket.on("error", (error) => {
      this.#error = error
    })
    socket.on("close", () => {
      this.#closing = true
      this.#cancelCloseTimeout()
      this.onClose(this.#error)
    })
  }

  /** A socket as Node gives it: each chunk has memory of its own. */
  static of(socket: Socket, clock: Clock, closeMillisMax: number): NodeConnection {
    const connection = new NodeConnection(socket, clock, closeMillisMax)
    socket.on("data", (chunk: Buffer) => connection.#receive(chunk))
    return connection
  }

  /**
   * An accepted socket that reads into one buffer, which all connections of the process share. Node gives each chunk of
   * an accepted socket 64 KiB of its own, and offers `onread`, which does not, to sockets that connect; so the accepted
   * handle moves into a socket made with `onread`. At 400 MB/s the garbage collector otherwise takes a sixth of the time.
   * Where the handle cannot be moved, the socket stays as it is.
   */
  static ofAccepted(socket: Socket, clock: Clock, closeMillisMax: number): NodeConnection {
    const accepted = socket as unknown as AcceptedSocket
    const { _handle: handle, _server: server } = accepted
    if (typeof handle?.useUserBuffer !== "function") return NodeConnection.of(socket, clock, closeMillisMax)
    const callback = (bytes: number, buffer: Uint8Array): boolean => {
      // Nothing is read before `resume` below.
      connection.#receive(buffer.subarray(0, bytes) as Buffer)
      return true
    }
    accepted._handle = null
    accepted._server = null
    const moved = new Socket({ handle, onread: { buffer: readBuffer, callback } } as object)
    // The server counts its connections by this field.
    ;(moved as unknown as AcceptedSocket)._server = server
    const connection: NodeConnection = new NodeConnection(moved, clock, closeMillisMax)
    moved.resume()
    return connection
  }

  #receive(chunk: Buffer): void {
    if (!this.#closing) this.onData(chunk)
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength
  }

  write(chunks: ReadonlyArray<Uint8Array>): void {
    const last = chunks.length - 1
    if (last < 0 || this.#closing) return
    this.#owesDrain = true
    const socket = this.#socket
    if (last === 0) {
      socket.write(chunks[0]!, this.#written)
      return
    }
    // Corked chunks leave as one writev.
    socket.cork()
    for (let index = 0; index < last; index++) socket.write(chunks[index]!)
    socket.write(chunks[last]!, this.#written)
    socket.uncork()
  }

  readonly #written = (error?: Error | null): void => {
    if (!this.#owesDrain || error || this.#socket.writableLength > 0) return
    this.#owesDrain = false
    if (!this.#socket.destroyed) this.onDrain()
  }

  pause(): void {
    if (!this.#closing) this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** A peer that neither reads nor ends its side is given up after a while, so that it cannot hold the socket. */
  close(): void {
    if (this.#closing) return
    this.#closing = true
    this.#socket.end()
    // The end of the peer's side is only seen by reading up to it.
    this.#socket.resume()
    this.#cancelCloseTimeout = this.#clock.after(this.#closeMillisMax, () => this.#socket.destroy())
  }

  destroy(): void {
    this.#closing = true
    this.#socket.destroy()
  }
}
