/** One accepted byte stream. All callbacks run on the event loop, never inside a call made to this object. */
export interface Connection {
  readonly remoteAddress: string
  readonly remotePort: number
  /** Bytes written here that the operating system has not taken yet. */
  readonly bufferedBytes: number
  /** Chunks leave in order as one write. They must not change until `bufferedBytes` has fallen to 0. */
  write(chunks: ReadonlyArray<Uint8Array>): void
  /** No more data is delivered until `resume`. */
  pause(): void
  resume(): void
  /** Ends the stream once everything written has left. */
  close(): void
  /** Ends the stream at once. */
  destroy(): void
  /** The chunk is valid during the call only: the next one may use the same memory. Copy what is kept. */
  onData: (chunk: Buffer) => void
  /** Everything written has been taken by the operating system. */
  onDrain: () => void
  /** Called exactly once; the error is absent where the peer or this side ended the stream in order. */
  onClose: (error?: Error) => void
}

export interface ListenOptions {
  readonly host: string
  /** 0 lets the operating system choose. */
  readonly port: number
  /** Connections above this number are closed at once. */
  readonly connectionsMax: number
}

export interface Listener {
  readonly host: string
  /** The port that was really bound. */
  readonly port: number
  /** Accepts no more connections; those that are open live on. */
  close(): Promise<void>
}

/** Sockets as a port. `listen` rejects with the system's error, for example EADDRINUSE. */
export interface Net {
  listen(options: ListenOptions, onConnection: (connection: Connection) => void): Promise<Listener>
}
