import type { ByteBudget } from "./ByteBudget.ts"
import { ProtocolError } from "./ProtocolError.ts"

/** Kafka's `socket.request.max.bytes`. */
export const frameBytesMax = 100 * 1_024 * 1_024
/** No request or response is empty. */
export const frameBytesMin = 1
/** First allocation for a frame that does not arrive in one chunk; it doubles as bytes arrive. */
export const frameBufferBytesInitial = 16 * 1_024
/** A stream that has completed a frame of some size gets room for the next one of that size at once, up to this. */
export const frameBufferBytesEarnedMax = 4 * 1_024 * 1_024

export interface FrameAssemblerOptions {
  readonly budget: ByteBudget
  /** Who reads from the socket uses one buffer for every chunk, so every frame is copied out of it. */
  readonly areChunksReused?: boolean
  readonly frameBytesMax?: number
  readonly frameBytesMin?: number
}

const lengthBytes = 4

/**
 * Cuts a stream of bytes into frames (int32 length, then that many bytes).
 *
 * Memory: a frame inside one chunk is a view of it, unless `areChunksReused`. Any other frame is copied once into a buffer that
 * grows with the bytes that really arrived, or with those of the stream's last frame; never to the announced length at once.
 *
 * Budget: a frame that `onFrame` receives has `frame.length` bytes reserved. Whoever takes the frame releases exactly that, once,
 * when nothing refers to its memory any more. What an unfinished frame holds is released by `close`.
 */
export class FrameAssembler {
  readonly #budget: ByteBudget
  readonly #bytesMax: number
  readonly #bytesMin: number
  /** The length's bytes so far, while it is incomplete. */
  #lengthSoFar = 0
  #lengthBytesSeen = 0
  /** Length of the frame under assembly, -1 between frames. */
  #length = -1
  #frame: Buffer | undefined
  #filled = 0
  /** What the budget had no room for. */
  #pending: Buffer | undefined
  #closed = false
  readonly #areChunksReused: boolean
  /** The size of the last frame, which the next one may be given at once. */
  #earnedBytes = frameBufferBytesInitial

  constructor(options: FrameAssemblerOptions) {
    this.#budget = options.budget
    this.#areChunksReused = options.areChunksReused === true
    this.#bytesMax = options.frameBytesMax ?? frameBytesMax
    this.#bytesMin = options.frameBytesMin ?? frameBytesMin
  }

  /**
   * Takes the next bytes and calls back for each frame that they complete, in order. False: the budget is exhausted and the rest of
   * the chunk is kept; stop reading from the socket and call `resume` when the budget has room. A length out of bounds throws
   * `ProtocolError` after the frames before it were delivered; the stream cannot be continued.
   */
  push(chunk: Buffer, onFrame: (frame: Buffer) => void): boolean {
    if (this.#closed) return true
    if (this.#pending !== undefined) {
      this.#pending = Buffer.concat([this.#pending, chunk])
      return false
    }
    let at = 0
    while (at < chunk.length || this.#length === 0) {
      if (this.#length < 0) {
        at = this.#readLength(chunk, at)
        if (this.#length < 0) return true
      }
      const taken = this.#take(chunk, at, onFrame)
      if (taken < 0) {
        if (!this.#closed) this.#pending = this.#areChunksReused ? Buffer.from(chunk.subarray(at)) : chunk.subarray(at)
        return this.#closed
      }
      at += taken
      if (this.#closed) return true
    }
    return true
  }

  /** Goes on with what was kept when the budget had no room. The same answer as `push`. */
  resume(onFrame: (frame: Buffer) => void): boolean {
    const pending = this.#pending
    if (pending === undefined) return true
    this.#pending = undefined
    return this.push(pending, onFrame)
  }

  /** Gives up the unfinished frame and its share of the budget. Later pushes are ignored. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#pending = undefined
    const held = this.#frame?.length ?? 0
    this.#frame = undefined
    if (held > 0) this.#budget.release(held)
    this.#budget.settle(this)
  }

  #readLength(chunk: Buffer, from: number): number {
    let at = from
    while (this.#lengthBytesSeen < lengthBytes && at < chunk.length) {
      this.#lengthSoFar = (this.#lengthSoFar << 8) | chunk[at++]!
      this.#lengthBytesSeen++
    }
    if (this.#lengthBytesSeen < lengthBytes) return at
    const length = this.#lengthSoFar
    if (length < this.#bytesMin || length > this.#bytesMax) throw new ProtocolError("frame-length", at - lengthBytes, length)
    this.#length = length
    this.#lengthBytesSeen = 0
    this.#lengthSoFar = 0
    return at
  }

  /** Moves bytes of the chunk into the frame; answers how many, or -1 when the budget has no room. */
  #take(chunk: Buffer, at: number, onFrame: (frame: Buffer) => void): number {
    const length = this.#length
    const available = chunk.length - at
    if (this.#frame === undefined && available >= length) {
      if (!this.#budget.tryReserve(length, this)) return -1
      const frame = chunk.subarray(at, at + length)
      this.#deliver(this.#areChunksReused ? Buffer.from(frame) : frame, onFrame)
      return length
    }
    const bytes = Math.min(available, length - this.#filled)
    if (bytes === 0) return 0
    const frame = this.#roomFor(this.#filled + bytes)
    if (frame === undefined) return -1
    chunk.copy(frame, this.#filled, at, at + bytes)
    this.#filled += bytes
    if (this.#filled === length) {
      this.#earnedBytes = Math.max(frameBufferBytesInitial, Math.min(length, frameBufferBytesEarnedMax))
      this.#frame = undefined
      this.#filled = 0
      this.#deliver(frame, onFrame)
    }
    return bytes
  }

  /** The frame's buffer with room for `bytes`, grown by doubling but never beyond the frame's length. */
  #roomFor(bytes: number): Buffer | undefined {
    const frame = this.#frame
    const capacity = frame?.length ?? 0
    if (frame !== undefined && bytes <= capacity) return frame
    const wanted = Math.min(this.#length, Math.max(bytes, capacity * 2, this.#earnedBytes))
    if (!this.#budget.tryReserve(wanted - capacity, this)) return undefined
    const grown = Buffer.allocUnsafeSlow(wanted)
    if (frame !== undefined) frame.copy(grown, 0, 0, this.#filled)
    this.#frame = grown
    return grown
  }

  #deliver(frame: Buffer, onFrame: (frame: Buffer) => void): void {
    this.#length = -1
    this.#budget.settle(this)
    onFrame(frame)
  }
}
