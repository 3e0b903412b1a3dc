import { ErrorCode } from "@tailrace/kafka-protocol"

/** Codes that say that what we know of leaders and topics is out of date. */
const staleMetadataCodes: ReadonlySet<number> = new Set([3, 5, 6, 9, 13, 41, 56, 72, 74, 75, 100, 103])

/** A broker answered with an error code. */
export class KafkaError extends Error {
  readonly _tag = "KafkaError"
  readonly errorCode: number
  /** Kafka's name of the code, such as `UNKNOWN_TOPIC_OR_PARTITION`. */
  readonly codeName: string
  /** What the error is about: a topic, `topic-partition`, group or resource. */
  readonly subject: string | undefined
  readonly brokerMessage: string | undefined

  constructor(errorCode: number, subject?: string, brokerMessage?: string | null) {
    const codeName = ErrorCode.nameOf(errorCode)
    const about = subject === undefined ? "" : ` (${subject})`
    super(`${codeName}${about}${brokerMessage == null || brokerMessage === "" ? "" : `: ${brokerMessage}`}`)
    this.name = "KafkaError"
    this.errorCode = errorCode
    this.codeName = codeName
    this.subject = subject
    this.brokerMessage = brokerMessage ?? undefined
  }

  get isRetriable(): boolean {
    return ErrorCode.isRetriable(this.errorCode)
  }

  get isStaleMetadata(): boolean {
    return staleMetadataCodes.has(this.errorCode)
  }

  /** The error of a result, or undefined for code 0. */
  static of(errorCode: number, subject?: string, brokerMessage?: string | null): KafkaError | undefined {
    return errorCode === 0 ? undefined : new KafkaError(errorCode, subject, brokerMessage)
  }

  /** Throws unless the code is 0. */
  static check(errorCode: number, subject?: string, brokerMessage?: string | null): void {
    if (errorCode !== 0) throw new KafkaError(errorCode, subject, brokerMessage)
  }
}
