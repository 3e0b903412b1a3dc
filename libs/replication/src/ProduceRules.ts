/** What the topic's configuration demands of a batch. */
export interface ProduceRules {
  /** `max.message.bytes`: the whole batch as it is sent, compressed. */
  readonly batchBytesMax: number
  /** `segment.bytes`: nothing larger is ever stored. */
  readonly segmentBytes: number
  readonly usesLogAppendTime: boolean
  /** `message.timestamp.before.max.ms` and `.after.max.ms`; they hold where the producer sets the time. */
  readonly timestampBeforeMaxMillis: number
  readonly timestampAfterMaxMillis: number
}
