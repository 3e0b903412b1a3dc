import { type Connection, type DialOptions, type Listener, type ListenOptions, NodeNet } from "@tailrace/runtime"
import type { HostNet } from "../sim/world/HostNet.ts"
import type { SimulatedProcess } from "../sim/world/SimulatedProcess.ts"

/** Real sockets of one node of this process: they end with it, and while it stands still the kernel keeps what arrives. */
export class SocketNet implements HostNet {
  readonly #net = new NodeNet()
  readonly #process: SimulatedProcess
  readonly #connections = new Set<OwnedConnection>()

  constructor(process: SimulatedProcess) {
    this.#process = process
  }

  listen(options: ListenOptions, onConnection: (connection: Connection) => void): Promise<Listener> {
    return this.#net.listen(options, (connection) => onConnection(this.#own(connection)))
  }

  async dial(options: DialOptions): Promise<Connection> {
    const connection = await this.#net.dial(options)
    return this.#own(connection)
  }

  cut(): void {
    for (const connection of this.#connections) connection.destroy()
    this.#connections.clear()
  }

  #own(connection: Connection): OwnedConnection {
    const owned = new OwnedConnection(connection, this.#process, () => this.#connections.delete(owned))
    if (this.#process.isGone) owned.destroy()
    else this.#connections.add(owned)
    return owned
  }
}

class OwnedConnection implements Connection {
  onData: (chunk: Buffer) => void = () => {}
  onDrain: () => void = () => {}
  onClose: (error?: Error) => void = () => {}
  readonly #connection: Connection
  #isReading = true

  constructor(connection: Connection, process: SimulatedProcess, onEnd: () => void) {
    this.#connection = connection
    connection.onData = (chunk) => {
      const isRunning = process.isRunning
      this.onData(chunk)
      if (isRunning) return
      connection.pause()
      process.enter(() => this.#isReading && connection.resume())
    }
    connection.onDrain = () => this.onDrain()
    connection.onClose = (error) => {
      onEnd()
      this.onClose(error)
    }
  }

  get remoteAddress(): string {
    return this.#connection.remoteAddress
  }

  get remotePort(): number {
    return this.#connection.remotePort
  }

  get bufferedBytes(): number {
    return this.#connection.bufferedBytes
  }

  write(chunks: ReadonlyArray<Uint8Array>): void {
    this.#connection.write(chunks)
  }

  pause(): void {
    this.#isReading = false
    this.#connection.pause()
  }

  resume(): void {
    this.#isReading = true
    this.#connection.resume()
  }

  close(): void {
    this.#connection.close()
  }

  destroy(): void {
    this.#connection.destroy()
  }
}
