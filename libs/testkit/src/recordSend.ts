import type { History } from "./History.ts"

export interface RecordSendOptions {
  readonly topic: string
  /** Default 0. */
  readonly partition?: number
  readonly value: string
  /** Default "producer". */
  readonly process?: string
  /**
   * What the client asks for; default "all". What the leader alone acknowledged may be lost with it, and what nobody acknowledged may
   * always be. Unless this says "all", a send that answers no offset was not acknowledged.
   */
  readonly acks?: "all" | 1 | 0
  /** Default false. */
  readonly isIdempotent?: boolean
}

/** As clients answer it: none of them, or -1, where nobody told them. */
export type SentOffset = number | string | bigint | null | undefined

export const recordSend = async <Offset extends SentOffset>(
  history: History, { acks, isIdempotent = false, partition = 0, process = "producer", topic, value }: RecordSendOptions, send: () => Promise<Offset>
): Promise<Offset> => {
  if (value.includes(" ")) throw new RangeError(`"${value}": what comes behind a space does not count as the record's name; leave it out here`)
  const key = `${topic}/${partition}`
  const operation = history.invoke({ process, f: "send", records: [{ key, offset: -1, value }], meta: { acks: acks ?? "all", isIdempotent } })
  try {
    const answered = await send()
    const offset = acks === 0 ? -1 : knownOf(answered)
    // Without a word from anybody that it has the record, a client has nothing to name an offset from.
    const heard = acks ?? (offset < 0 ? 0 : "all")
    operation.complete({ type: "ok", records: [{ key, offset, value }], meta: { acks: heard } })
    return answered
  } catch (error) {
    // Whoever gave up does not know what the brokers did.
    operation.complete({ type: "info", error: error instanceof Error ? error.message : String(error) })
    throw error
  }
}

const knownOf = (offset: SentOffset): number => {
  const known = Number(offset ?? -1)
  return Number.isSafeInteger(known) ? known : -1
}
