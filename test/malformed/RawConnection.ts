import { connect, type Socket } from "node:net"
import { pause } from "../bench/harness/network.ts"

/** A socket without manners: it sends what it is told and notes how the other side takes it. */
export class RawConnection {
  readonly socket: Socket
  readonly closed: Promise<void>
  isClosed = false
  receivedBytes = 0
  /** The first bytes that came back. */
  head: Buffer = Buffer.alloc(0)

  private constructor(socket: Socket) {
    this.socket = socket
    socket.setNoDelay(true)
    socket.on("error", () => undefined)
    socket.on("data", (chunk) => {
      this.receivedBytes += chunk.length
      if (this.head.length < 64) this.head = Buffer.concat([this.head, chunk]).subarray(0, 64)
    })
    this.closed = new Promise((resolve) => {
      socket.on("close", () => {
        this.isClosed = true
        resolve()
      })
    })
  }

  static open(port: number): Promise<RawConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port })
      socket.setTimeout(10_000, () => socket.destroy(new Error("no connection in 10 s")))
      socket.once("error", reject)
      socket.once("connect", () => {
        socket.setTimeout(0)
        socket.removeListener("error", reject)
        resolve(new RawConnection(socket))
      })
    })
  }

  /** Writes and waits until the kernel has taken the bytes; gives up when the other side closes or does not read for some seconds. */
  async send(bytes: Uint8Array, stallMillisMax = 20_000): Promise<void> {
    if (this.isClosed) return
    if (this.socket.write(bytes)) return
    let drained = false
    const drain = new Promise<void>((resolve) => {
      this.socket.once("drain", () => {
        drained = true
        resolve()
      })
    })
    await Promise.race([drain, this.closed, pause(stallMillisMax)])
    if (!drained && !this.isClosed) throw new Error(`the server has not read for ${stallMillisMax} ms`)
  }

  /** True when the other side closes in time. */
  async isClosedWithin(millis: number): Promise<boolean> {
    await Promise.race([this.closed, pause(millis)])
    return this.isClosed
  }

  /** Waits for an answer of at least `bytes` or the end of the connection. */
  async answer(bytes: number, millis: number): Promise<"answered" | "closed" | "silent"> {
    const until = performance.now() + millis
    while (performance.now() < until) {
      if (this.receivedBytes >= bytes) return "answered"
      if (this.isClosed) return "closed"
      await pause(2)
    }
    return "silent"
  }

  destroy(): void {
    this.socket.destroy()
  }
}
