/** What a topic's configuration says about its logs. -1 means without limit, as in Kafka. */
export interface LogConfig {
  /** `none` keeps everything: only what is deleted by hand goes. */
  readonly cleanupPolicy: "delete" | "compact" | "compact,delete" | "none"
  readonly retentionMillis: number
  readonly retentionBytes: number
  readonly segmentBytes: number
  readonly segmentMillis: number
}

/** Kafka's defaults. */
export const logConfigDefaults: LogConfig = {
  cleanupPolicy: "delete",
  retentionMillis: 7 * 24 * 3_600_000,
  retentionBytes: -1,
  segmentBytes: 1 << 30,
  segmentMillis: 7 * 24 * 3_600_000
}
