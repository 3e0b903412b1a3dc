import { Encoder } from "../bench/harness/wire.ts"

/**
 * What a consumer says when it joins: its topics, and bytes of its own. Kafka reads it, and bytes that are no subscription
 * can stop its coordinator for good (an array count of any size is believed), so the scripts send no others.
 */
export function subscription(userData: string, topics: ReadonlyArray<string> = ["t"]): Buffer {
  const encoder = new Encoder().int16(0)
  return encoder.array(topics, (topic) => encoder.string(topic)).bytes(Buffer.from(userData)).finish()
}
