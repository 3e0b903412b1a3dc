/** What one run of a load program found. A figure that a program does not give is left out. */
export interface LoadResult {
  /** The records that the figures stand for: a load program may leave out its own warm-up. */
  readonly records: number
  readonly seconds: number
  readonly p50Millis?: number
  readonly p99Millis?: number
  readonly p999Millis?: number
  readonly maxMillis?: number
}

export interface ProduceLoad {
  readonly topic: string
  readonly records: number
  readonly recordBytes: number
  /** Records a second; without it as many as go. */
  readonly ratePerSecond?: number
  readonly batchBytes?: number
  readonly lingerMillis?: number
}

export interface ConsumeLoad {
  readonly topic: string
  readonly partitions: number
  readonly records: number
}

export type ClientId = "java" | "librdkafka"

/** One family of client programs that puts load on a server from outside. */
export interface LoadGenerator {
  readonly id: ClientId
  readonly title: string
  /** Why it cannot run here; its lines then say so. */
  readonly missing?: string
  produce(bootstrap: string, load: ProduceLoad): Promise<LoadResult>
  consume(bootstrap: string, load: ConsumeLoad): Promise<LoadResult>
}
