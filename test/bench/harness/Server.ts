import type { Child } from "./Child.ts"

export type ServerId = "kafka" | "kafka-flush" | "tailrace"

/** A broker process that answers on a port of 127.0.0.1. */
export interface RunningServer {
  readonly id: ServerId
  readonly port: number
  readonly child: Child
}

export interface StartOptions {
  /** Everything the server writes is below this directory. */
  readonly directory: string
  readonly port: number
  /** Lines of Kafka's server.properties. */
  readonly properties?: Readonly<Record<string, string>>
  readonly env?: NodeJS.ProcessEnv
  /** A program and its arguments put before the server's own command, such as strace. */
  readonly wrapper?: ReadonlyArray<string>
  readonly logFile?: string
  readonly timeoutMillis?: number
}

/** How to start one of the servers that are compared. */
export interface ServerKind {
  readonly id: ServerId
  readonly title: string
  /** What has to be done once per data directory before the first start (Kafka formats its storage). */
  prepare(options: StartOptions): Promise<void>
  /** Starts the process and returns at once. */
  spawn(options: StartOptions): Child
  /** Starts the process and waits for its first ApiVersions answer. */
  start(options: StartOptions): Promise<RunningServer>
}
