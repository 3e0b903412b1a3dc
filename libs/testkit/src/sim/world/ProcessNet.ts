import type { Connection, Dialer, DialOptions, Listener, ListenOptions, Net } from "@tailrace/runtime"
import type { HostNet } from "./HostNet.ts"
import type { SimulatedProcess } from "./SimulatedProcess.ts"

/** The sockets of one process. With the process its listeners are gone and its connections reset. */
export class ProcessNet implements Net, Dialer {
  readonly #net: HostNet
  readonly #process: SimulatedProcess
  readonly #listeners = new Set<Listener>()

  /** `net` is the view from the process's own host. */
  constructor(net: HostNet, process: SimulatedProcess) {
    this.#net = net
    this.#process = process
    process.onEnd(() => {
      for (const listener of this.#listeners) void listener.close()
      net.cut()
    })
  }

  async listen(options: ListenOptions, onConnection: (connection: Connection) => void): Promise<Listener> {
    const listener = await this.#net.listen(options, (connection) => {
      const own = new ProcessConnection(connection, this.#process)
      this.#process.enter(() => onConnection(own))
    })
    this.#listeners.add(listener)
    return listener
  }

  dial(options: DialOptions): Promise<Connection> {
    return new Promise((resolve, reject) => {
      this.#net.dial(options).then((connection) => {
        const own = new ProcessConnection(connection, this.#process)
        this.#process.enter(() => resolve(own))
      }, (cause: unknown) => this.#process.enter(() => reject(cause)))
    })
  }
}

/** One end of a connection, as its process sees it: what arrives while the process stands still waits in the kernel. */
class ProcessConnection implements Connection {
  onData: (chunk: Buffer) => void = () => {}
  onDrain: () => void = () => {}
  onClose: (error?: Error) => void = () => {}
  readonly #connection: Connection

  constructor(connection: Connection, process: SimulatedProcess) {
    this.#connection = connection
    connection.onData = (chunk) => {
      // A chunk is valid during the call only.
      const kept = process.isRunning ? chunk : Buffer.from(chunk)
      process.enter(() => this.onData(kept))
    }
    connection.onDrain = () => process.enter(() => this.onDrain())
    connection.onClose = (error) => process.enter(() => this.onClose(error))
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
    this.#connection.pause()
  }

  resume(): void {
    this.#connection.resume()
  }

  close(): void {
    this.#connection.close()
  }

  destroy(): void {
    this.#connection.destroy()
  }
}
