/** Nothing came back in time. The request may have been carried out, or may still be. */
export class RequestTimeout extends Error {
  readonly _tag = "RequestTimeout"
  readonly subject: string
  readonly timeoutMillis: number

  constructor(subject: string, timeoutMillis: number) {
    super(`${subject} did not answer within ${timeoutMillis} ms`)
    this.name = "RequestTimeout"
    this.subject = subject
    this.timeoutMillis = timeoutMillis
  }
}

/** Nobody serves the subject at this moment. */
export class NoResponders extends Error {
  readonly _tag = "NoResponders"
  readonly subject: string

  constructor(subject: string) {
    super(`nobody serves ${subject}`)
    this.name = "NoResponders"
    this.subject = subject
  }
}

/** The server has as many requests in work as it takes, or this side's outbox is full; nothing was carried out. */
export class Overloaded extends Error {
  readonly _tag = "Overloaded"
  readonly subject: string

  constructor(subject: string) {
    super(`${subject} has too many requests in work`)
    this.name = "Overloaded"
    this.subject = subject
  }
}

/** The handler broke down; what it did before, nobody knows. The cause stays in the log of its node. */
export class RequestFailed extends Error {
  readonly _tag = "RequestFailed"
  readonly subject: string

  constructor(subject: string) {
    super(`the handler of ${subject} failed`)
    this.name = "RequestFailed"
    this.subject = subject
  }
}

export class PayloadTooLarge extends Error {
  readonly _tag = "PayloadTooLarge"
  readonly subject: string
  readonly payloadBytes: number
  readonly payloadBytesMax: number

  constructor(subject: string, payloadBytes: number, payloadBytesMax: number) {
    super(`${payloadBytes} bytes for ${subject}, more than ${payloadBytesMax}`)
    this.name = "PayloadTooLarge"
    this.subject = subject
    this.payloadBytes = payloadBytes
    this.payloadBytesMax = payloadBytesMax
  }
}

/**
 * This side has lost its connection and is about to find it again. It says nothing about the other nodes.
 * What was sent may have been carried out, or may still be.
 */
export class Disconnected extends Error {
  readonly _tag = "Disconnected"
  readonly subject: string
  readonly wasSent: boolean

  constructor(subject: string, wasSent: boolean) {
    super(`the bus is disconnected, ${subject} was ${wasSent ? "asked before" : "not asked"}`)
    this.name = "Disconnected"
    this.subject = subject
    this.wasSent = wasSent
  }
}

/** This side has closed its connection. */
export class BusClosed extends Error {
  readonly _tag = "BusClosed"

  constructor() {
    super("the bus is closed")
    this.name = "BusClosed"
  }
}

/** Why a request came to nothing. */
export type BusError = RequestTimeout | NoResponders | Overloaded | RequestFailed | PayloadTooLarge | Disconnected | BusClosed
