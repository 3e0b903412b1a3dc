/** One node, as its mode runs it. What makes no sense now does nothing: schedules are shortened. */
export interface ClusterMember {
  readonly nodeId: number
  /** `host:port` for clients. */
  readonly address: string
  readonly isUp: boolean
  readonly isPaused: boolean
  readonly isServing: boolean
  /** The last lines that it logged, over all its lives. */
  readonly logLines: ReadonlyArray<string>
  /** Begins a life; it serves as soon as the others let it. */
  begin(): void
  kill(): Promise<void>
  powerLoss(): Promise<void>
  pause(): Promise<void>
  resume(): Promise<void>
  stop(): Promise<void>
  /** These four while it is down. */
  wipe(): Promise<void>
  restoreOldCopy(): Promise<void>
  /** Flips bits of the batch at the offset. */
  corrupt(topic: string, partition: number, offset: number, bits?: number): Promise<void>
  /** Flips bits of a batch that the number chooses. */
  corruptAny(draw: number, bits: number): Promise<void>
  readonly hasCopy: boolean
  saveCopy(): Promise<void>
  slowFlush(millis: number | undefined): void
  fillDisk(): void
  freeDisk(): void
}
