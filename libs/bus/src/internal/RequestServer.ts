import type { RequestHandler, ServeOptions } from "../Bus.ts"
import { Overloaded, PayloadTooLarge, RequestFailed } from "../BusError.ts"
import { bufferOf } from "./bufferOf.ts"

/** What leaves a server: bytes, or the reason why there are none. */
export type Answer = Buffer | Overloaded | RequestFailed

const requestsMaxDefault = 1_024

/** One served subject: at most so many requests in work, each answered once. */
export class RequestServer {
  readonly subject: string
  readonly #handler: RequestHandler
  readonly #requestsMax: number
  readonly #onHandlerFailure: (subject: string, cause: unknown) => void
  #requests = 0

  constructor(
    subject: string,
    handler: RequestHandler,
    options: ServeOptions,
    onHandlerFailure: (subject: string, cause: unknown) => void
  ) {
    this.subject = subject
    this.#handler = handler
    this.#requestsMax = options.requestsMax ?? requestsMaxDefault
    this.#onHandlerFailure = onHandlerFailure
  }

  /** Never throws: a failure of the handler is an answer. */
  handle(payload: Buffer, replyBytesMax: number, answer: (reply: Answer) => void): void {
    if (this.#requests >= this.#requestsMax) return answer(new Overloaded(this.subject))
    this.#requests++
    const done = (reply: Answer): void => {
      this.#requests--
      answer(reply)
    }
    const failed = (cause: unknown): void => {
      this.#onHandlerFailure(this.subject, cause)
      done(new RequestFailed(this.subject))
    }
    const replied = (reply: Uint8Array): void => {
      if (reply.length <= replyBytesMax) done(bufferOf(reply))
      else failed(new PayloadTooLarge(this.subject, reply.length, replyBytesMax))
    }
    let reply: Uint8Array | Promise<Uint8Array>
    try {
      reply = this.#handler(payload)
    } catch (cause) {
      return failed(cause)
    }
    if (reply instanceof Uint8Array) replied(reply)
    else reply.then(replied, failed)
  }
}
