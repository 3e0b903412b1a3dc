import { connect, type Socket } from "node:net"

export type Arrival = Buffer | "closed" | "silent"

interface Waiter {
  readonly correlationId: number
  readonly settle: (arrival: Arrival) => void
}

/** One TCP connection to a server: frames go out as they are, answers come back by correlation id, and their order is noted. */
export class Wire {
  isClosed = false
  /** Correlation ids of the answers, as they came. */
  readonly arrived: Array<number> = []
  readonly #socket: Socket
  readonly #waiters = new Set<Waiter>()
  readonly #early = new Map<number, Buffer>()
  #received: Buffer = Buffer.alloc(0)

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on("error", () => undefined)
    socket.on("data", (chunk) => this.#onData(chunk))
    socket.on("close", () => {
      this.isClosed = true
      for (const waiter of this.#waiters) waiter.settle("closed")
    })
  }

  static open(port: number): Promise<Wire> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port })
      socket.once("error", reject)
      socket.once("connect", () => {
        socket.removeListener("error", reject)
        resolve(new Wire(socket))
      })
    })
  }

  write(bytes: Uint8Array): void {
    if (!this.isClosed) this.#socket.write(bytes)
  }

  /** The answer with this correlation id, the end of the connection, or silence. */
  answer(correlationId: number, waitMillis: number): Promise<Arrival> {
    const early = this.#early.get(correlationId)
    if (early !== undefined) return Promise.resolve(early)
    if (this.isClosed) return Promise.resolve("closed")
    return new Promise((resolve) => {
      const settle = (arrival: Arrival): void => {
        clearTimeout(timer)
        this.#waiters.delete(waiter)
        resolve(arrival)
      }
      const timer = setTimeout(() => settle("silent"), waitMillis)
      const waiter: Waiter = { correlationId, settle }
      this.#waiters.add(waiter)
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #onData(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    while (this.#received.length >= 8) {
      const end = this.#received.readInt32BE(0) + 4
      if (this.#received.length < end) return
      const frame = this.#received.subarray(4, end)
      this.#received = this.#received.subarray(end)
      const correlationId = frame.readInt32BE(0)
      this.arrived.push(correlationId)
      const waiter = [...this.#waiters].find((each) => each.correlationId === correlationId)
      if (waiter === undefined) this.#early.set(correlationId, frame)
      else waiter.settle(frame)
    }
  }
}
