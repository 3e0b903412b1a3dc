import type { Clock } from "../Clock.ts"
import type { Connection } from "../Net.ts"
import type { Random } from "../Random.ts"

/** What a connection asks of the network that carries it. */
export interface Wire {
  readonly clock: Clock
  /** Cuts and joins what was written at places of its choice, as TCP may; without it every write arrives whole. */
  readonly random: Random | undefined
  readonly windowBytes: number
  readonly closeMillisMax: number
  delayMillis(from: string, to: string): number
  isPartitioned(from: string, to: string): boolean
  forget(connection: SimulatedConnection): void
}

type Segment = Buffer | "end"

/**
 * One end of a connection in memory. Written bytes wait in `#unsent` until the window has room (then they count as
 * taken by the operating system), travel for the wire's delay, and wait in `#arrived` while the reader pauses or the
 * hosts are partitioned. Order is kept throughout.
 */
export class SimulatedConnection implements Connection {
  readonly localAddress: string
  readonly remoteAddress: string
  readonly remotePort: number
  onData: (chunk: Buffer) => void = () => {}
  onDrain: () => void = () => {}
  onClose: (error?: Error) => void = () => {}
  bufferedBytes = 0
  readonly #wire: Wire
  #peer: SimulatedConnection | undefined
  #unsent: Array<Uint8Array> = []
  #inFlightBytes = 0
  #lastArrivalMillis = 0
  #arrived: Array<Segment> = []
  /** Sent and not arrived, in order: a clock that shuffles what is due at one moment must not shuffle the bytes of a stream. */
  readonly #onTheWay: Array<Segment> = []
  #paused = false
  #closing = false
  #endSent = false
  #endReceived = false
  #closed = false
  #sendScheduled = false
  #deliverScheduled = false
  #cancelCloseTimeout: () => void = () => {}

  private constructor(wire: Wire, localAddress: string, remoteAddress: string, remotePort: number) {
    this.#wire = wire
    this.localAddress = localAddress
    this.remoteAddress = remoteAddress
    this.remotePort = remotePort
  }

  static pair(wire: Wire, dialler: { host: string; port: number }, listener: { host: string; port: number }) {
    const near = new SimulatedConnection(wire, dialler.host, listener.host, listener.port)
    const far = new SimulatedConnection(wire, listener.host, dialler.host, dialler.port)
    near.#peer = far
    far.#peer = near
    return { near, far }
  }

  write(chunks: ReadonlyArray<Uint8Array>): void {
    if (this.#closing || this.#closed) return
    for (const chunk of chunks) {
      this.#unsent.push(chunk)
      this.bufferedBytes += chunk.length
    }
    this.#scheduleSend()
  }

  pause(): void {
    if (!this.#closing) this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.scheduleDeliver()
  }

  close(): void {
    if (this.#closing || this.#closed) return
    this.#closing = true
    this.#cancelCloseTimeout = this.#wire.clock.after(this.#wire.closeMillisMax, () => this.destroy())
    this.resume()
    this.#scheduleSend()
  }

  /** What is on its way still arrives; what was not taken yet is lost. */
  destroy(): void {
    if (this.#closed) return
    this.#unsent = []
    this.bufferedBytes = 0
    if (!this.#endSent) this.#send("end")
    this.#finish()
  }

  /** Both ends see the connection reset, and everything on its way is lost. */
  reset(): void {
    for (const end of [this, this.#peer!]) {
      end.#unsent = []
      end.bufferedBytes = 0
      end.#arrived = []
      end.#finish(Object.assign(new Error("connection reset (simulated)"), { code: "ECONNRESET" }))
    }
  }

  scheduleDeliver(): void {
    if (this.#deliverScheduled) return
    this.#deliverScheduled = true
    this.#wire.clock.endOfTurn(() => {
      this.#deliverScheduled = false
      this.#deliver()
    })
  }

  #scheduleSend(): void {
    if (this.#sendScheduled) return
    this.#sendScheduled = true
    this.#wire.clock.endOfTurn(() => {
      this.#sendScheduled = false
      this.#sendUnsent()
    })
  }

  #sendUnsent(): void {
    if (this.#closed || this.#endSent) return
    const hadUnsent = this.bufferedBytes > 0
    while (this.#unsent.length > 0 && this.#inFlightBytes < this.#wire.windowBytes) {
      const chunk = this.#unsent[0]!
      const bytes = Math.min(chunk.length, this.#wire.windowBytes - this.#inFlightBytes)
      if (bytes === chunk.length) this.#unsent.shift()
      else this.#unsent[0] = chunk.subarray(bytes)
      this.bufferedBytes -= bytes
      // The copy is made when the system takes the bytes: whoever changes them earlier breaks the port's rule and shows.
      this.#sendInPieces(Buffer.from(chunk.subarray(0, bytes)))
    }
    if (this.bufferedBytes > 0) return
    if (this.#closing) this.#send("end")
    else if (hadUnsent) this.onDrain()
    this.#finishIfEnded()
  }

  #sendInPieces(bytes: Buffer): void {
    const random = this.#wire.random
    let at = 0
    while (at < bytes.length) {
      const leftBytes = bytes.length - at
      const pieceBytes = random === undefined || random.nextInt(2) === 0 ? leftBytes : 1 + random.nextInt(leftBytes)
      this.#send(bytes.subarray(at, at + pieceBytes))
      at += pieceBytes
    }
  }

  #send(segment: Segment): void {
    const { clock } = this.#wire
    const peer = this.#peer!
    if (segment === "end") this.#endSent = true
    else this.#inFlightBytes += segment.length
    const delayMillis = this.#wire.delayMillis(this.localAddress, this.remoteAddress)
    const arrivalMillis = Math.max(this.#lastArrivalMillis, clock.monotonicMillis() + delayMillis)
    this.#lastArrivalMillis = arrivalMillis
    this.#onTheWay.push(segment)
    clock.after(arrivalMillis - clock.monotonicMillis(), () => {
      const first = this.#onTheWay.shift()!
      if (peer.#closed) return
      peer.#arrived.push(first)
      peer.#deliver()
    })
  }

  #deliver(): void {
    const { random } = this.#wire
    while (this.#arrived.length > 0 && !this.#closed) {
      if (this.#paused || this.#wire.isPartitioned(this.remoteAddress, this.localAddress)) return
      const segment = this.#arrived.shift()!
      if (segment === "end") {
        this.#endReceived = true
        this.close()
        this.#finishIfEnded()
        return
      }
      let chunk = segment
      while (random !== undefined && Buffer.isBuffer(this.#arrived[0]) && random.nextInt(2) === 0) {
        chunk = Buffer.concat([chunk, this.#arrived.shift() as Buffer])
      }
      this.#peer!.#delivered(chunk.length)
      if (!this.#closing) this.onData(chunk)
    }
  }

  #delivered(bytes: number): void {
    this.#inFlightBytes -= bytes
    if (this.#unsent.length > 0) this.#scheduleSend()
  }

  #finishIfEnded(): void {
    if (this.#endSent && this.#endReceived) this.#finish()
  }

  #finish(error?: Error): void {
    if (this.#closed) return
    this.#closed = true
    this.#closing = true
    this.#cancelCloseTimeout()
    this.#wire.forget(this)
    // A peer that still waits for room writes into the void from now on.
    this.#peer!.#inFlightBytes = 0
    if (this.#peer!.#unsent.length > 0) this.#peer!.#scheduleSend()
    this.#wire.clock.endOfTurn(() => this.onClose(error))
  }
}
