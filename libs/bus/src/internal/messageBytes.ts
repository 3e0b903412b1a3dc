import type { MessageBytes } from "../Bus.ts"
import { bufferOf } from "./bufferOf.ts"

export function lengthOf(payload: MessageBytes): number {
  return payload instanceof Uint8Array ? payload.length : payload.reduce((bytes, part) => bytes + part.length, 0)
}

/** In one piece; a payload that is one already is not copied. */
export function wholeOf(payload: MessageBytes): Buffer {
  return payload instanceof Uint8Array ? bufferOf(payload) : Buffer.concat(payload)
}
