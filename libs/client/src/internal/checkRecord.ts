import { ClientError } from "../ClientError.ts"
import type { ProducerRecord } from "../ProducerOptions.ts"

const isField = (field: unknown): boolean => field === null || typeof field === "string" || field instanceof Uint8Array

/** Throws for what types would not let pass: it must fail here, alone, and not in the batch that it shares with others. */
export const checkRecord = ({ headers, key = null, timestamp = 0, topic, value = null }: ProducerRecord): void => {
  const refuse = (what: string): never => {
    throw new ClientError("configuration", `a record for ${topic}: ${what}`)
  }
  if (!isField(key)) refuse("the key is neither a string nor bytes nor null")
  if (!isField(value)) refuse("the value is neither a string nor bytes nor null")
  if (!(Number.isSafeInteger(timestamp) && timestamp >= 0)) refuse(`the timestamp ${String(timestamp)} is not a whole number of milliseconds since 1970`)
  for (const header of headers ?? []) {
    if (typeof header.key !== "string") refuse("the key of a header is no string")
    if (!isField(header.value)) refuse(`the value of the header ${header.key} is neither a string nor bytes nor null`)
  }
}
