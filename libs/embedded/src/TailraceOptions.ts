import type { Logger } from "@tailrace/runtime"

export interface TailraceOptions {
  /** The keys of Kafka's `server.properties`. What is not set has Kafka's default, or ours where that is safer. */
  readonly properties?: ReadonlyMap<string, string> | Readonly<Record<string, string>>
  /** `memory` keeps everything in this process and loses it with it; `disk` is the default. */
  readonly storage?: "disk" | "memory"
  /** The port on localhost when `listeners` is not set; 0 lets the operating system choose. */
  readonly port?: number
  readonly logger?: Logger
  /** Gives up a start that waits, for NATS or for the other controllers; what is open by then is closed. */
  readonly signal?: AbortSignal
}
