import type { AddressInfo, Server } from "node:net"
import type { Clock } from "../Clock.ts"
import type { Listener } from "../Net.ts"

/**
 * A listening server. Where the system refuses to accept (no file descriptor, no memory), it stops listening for
 * a moment that doubles up to a limit, instead of being told of the same failure in every turn: clients are
 * refused meanwhile and come back by their own back-off.
 */
export class NodeListener implements Listener {
  readonly host: string
  readonly port: number
  readonly #server: Server
  readonly #clock: Clock
  readonly #backoffMillisMax: number
  #backoffMillis: number
  #cancelRetry: () => void = () => {}

  constructor(server: Server, clock: Clock, backoff: { readonly millis: number; readonly millisMax: number }) {
    const address = server.address() as AddressInfo
    this.host = address.address
    this.port = address.port
    this.#server = server
    this.#clock = clock
    this.#backoffMillis = backoff.millis
    this.#backoffMillisMax = backoff.millisMax
    server.on("connection", () => {
      this.#backoffMillis = backoff.millis
    })
    server.on("error", () => this.#backOff())
  }

  #backOff(): void {
    this.#server.close()
    this.#cancelRetry()
    this.#cancelRetry = this.#clock.after(this.#backoffMillis, () => this.#server.listen({ host: this.host, port: this.port }))
    this.#backoffMillis = Math.min(2 * this.#backoffMillis, this.#backoffMillisMax)
  }

  close(): Promise<void> {
    this.#cancelRetry()
    // The server reports its end only after the last connection's; the port is free from this turn on.
    this.#server.close()
    return new Promise((resolve) => this.#clock.endOfTurn(resolve))
  }
}
