import type { Socket } from "node:net"
import type { Clock } from "../Clock.ts"
import type { Connection } from "../Net.ts"

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

  constructor(socket: Socket, clock: Clock, closeMillisMax: number) {
    this.#socket = socket
    this.#clock = clock
    this.#closeMillisMax = closeMillisMax
    this.remoteAddress = socket.remoteAddress ?? ""
    this.remotePort = socket.remotePort ?? 0
    socket.on("data", (chunk: Buffer) => {
      if (!this.#closing) this.onData(chunk)
    })
    socket.on("error", (error) => {
      this.#error = error
    })
    socket.on("close", () => {
      this.#closing = true
      this.#cancelCloseTimeout()
      this.onClose(this.#error)
    })
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
