/** An actor could not be asked now: it starts, moves, is overloaded or has ended. The code says what a client may do. */
export class NotAvailable extends Error {
  readonly _tag = "NotAvailable"
  readonly actor: string
  /** Kafka's error code for the client, for example NOT_CONTROLLER or COORDINATOR_NOT_AVAILABLE. */
  readonly errorCode: number

  constructor(actor: string, errorCode: number) {
    super(`${actor} is not available`)
    this.actor = actor
    this.errorCode = errorCode
  }
}
