import type { Child } from "./Child.ts"

export type ServerId = "kafka" | "kafka-flush" | "tailrace" | "tailrace-before"

/** The processes of one node: the broker, and the bus server beside it where it has one. */
export interface NodeProcesses {
  readonly node: number
  readonly bus?: number
}

/** A server under measurement: one broker, or a cluster of several. */
export interface MeasuredServer {
  readonly id: ServerId
  /** Addresses for clients, as in bootstrap.servers. */
  readonly bootstrap: string
  readonly nodes: ReadonlyArray<NodeProcesses>
  /** What its processes said last, for the report of a failure. */
  tail?(): string
  stop(): Promise<void>
}

/** A broker process that answers on a port of 127.0.0.1. */
export interface RunningServer extends MeasuredServer {
  readonly port: number
  readonly child: Child
}

/** A broker on 127.0.0.1 as one process. */
export function runningServer(id: ServerId, port: number, child: Child): RunningServer {
  return { id, port, child, bootstrap: `127.0.0.1:${port}`, nodes: [{ node: child.pid }], stop: async () => void await child.stop() }
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

/** One of the servers that are compared. */
export interface MeasuredKind {
  readonly id: ServerId
  readonly title: string
  /** Starts it with empty data and waits until it serves. */
  start(options: StartOptions): Promise<MeasuredServer>
}

/** How to start one broker as one process. */
export interface ServerKind extends MeasuredKind {
  /** What has to be done once per data directory before the first start (Kafka formats its storage). */
  prepare(options: StartOptions): Promise<void>
  /** Starts the process and returns at once. */
  spawn(options: StartOptions): Child
  /** Starts the process and waits for its first ApiVersions answer. */
  start(options: StartOptions): Promise<RunningServer>
}
