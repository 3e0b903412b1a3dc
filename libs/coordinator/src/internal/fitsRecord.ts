import { stringBytesMax } from "@tailrace/kafka-protocol"

/** The most bytes that a character takes. */
const characterBytesMax = 3

/**
 * Whether a text that a client sent can be written into a record, and into an answer. It came in a request, and can be too long
 * all the same: what is no UTF-8 in a request is read as characters of three bytes.
 */
export function fitsRecord(text: string, bytesMax = stringBytesMax): boolean {
  return text.length * characterBytesMax <= bytesMax || Buffer.byteLength(text) <= bytesMax
}
