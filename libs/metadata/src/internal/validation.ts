import { ErrorCode } from "@tailrace/kafka-protocol"
import { brokerConfigDefinition } from "../brokerConfigs.ts"
import { parseConfig } from "../ConfigDefinition.ts"
import type { ConfigDefinition } from "../ConfigDefinition.ts"
import type { Refusal } from "../Decision.ts"
import { topicConfigs } from "../topicConfigs.ts"
import { isInternalTopic } from "../topicNames.ts"

export function topicConfigDefinition(name: string): ConfigDefinition<any> | undefined {
  return Object.hasOwn(topicConfigs, name) ? (topicConfigs as Readonly<Record<string, ConfigDefinition<any>>>)[name] : undefined
}

/** What one string of a metadata record holds. */
const textBytesMax = 0x7fff
/** Messages name what was asked for; an answer with more than a string holds could not be written. */
const messageCharactersMax = 1_000

/** A message as an answer can carry it. */
export function shownMessage(message: string): string {
  return message.length > messageCharactersMax ? `${message.slice(0, messageCharactersMax)}...` : message
}

export const invalidConfig = (message: string): Refusal => ({ errorCode: ErrorCode.INVALID_CONFIG, message })

/** A list may grow, and what is no UTF-8 takes more bytes than it came with: a record that cannot be written must not be decided. */
function recordTextFault(configs: ReadonlyMap<string, string | null>): Refusal | undefined {
  for (const [name, text] of configs) {
    if (Buffer.byteLength(name) > textBytesMax) return invalidConfig(`The configuration key exceeds the maximum size of ${textBytesMax} bytes.`)
    if (text === null || Buffer.byteLength(text) <= textBytesMax) continue
    return invalidConfig(`The configuration value cannot be added because it exceeds the maximum value size of ${textBytesMax} bytes.`)
  }
  return undefined
}

/** What is wrong with one value that somebody wants to give a topic. */
export function topicConfigFault(topicName: string, name: string, text: string | null): Refusal | undefined {
  const definition = topicConfigDefinition(name)
  if (definition === undefined) return invalidConfig(`Unknown topic config name: ${name}`)
  if (text === null) return invalidConfig(`Null value not supported for topic configs: ${name}`)
  const parsed = parseConfig(definition, text)
  if (!parsed.ok) return invalidConfig(parsed.fault)
  // A topic that says compact and keeps everything would be a broken promise; the coordinators' own topics are compacted
  // by their owners.
  if (name === "cleanup.policy" && parsed.value.includes("compact") && !isInternalTopic(topicName)) {
    return invalidConfig("cleanup.policy=compact is not supported yet for topics of users; use delete")
  }
  return undefined
}

/** What is wrong with the configuration of a topic as a whole. */
export function topicConfigsFault(topicName: string, configs: ReadonlyMap<string, string | null>): Refusal | undefined {
  const tooLong = recordTextFault(configs)
  if (tooLong !== undefined) return tooLong
  for (const [name, text] of configs) {
    const fault = topicConfigFault(topicName, name, text)
    if (fault !== undefined) return fault
  }
  const shortest = Number(configs.get("min.compaction.lag.ms") ?? 0)
  const longest = Number(configs.get("max.compaction.lag.ms") ?? Number.POSITIVE_INFINITY)
  return shortest > longest ? invalidConfig(`min.compaction.lag.ms of ${shortest} is more than max.compaction.lag.ms of ${longest}`) : undefined
}

/** Kafka's brokers answer what is wrong with their own keys with this code, its controller with INVALID_CONFIG (KAFKA-13609). */
const invalidBrokerConfig = (message: string): Refusal => ({ errorCode: ErrorCode.INVALID_REQUEST, message })

/** A broker key that may be changed while brokers run; `resourceName` is empty for all of them. */
export function dynamicBrokerConfig(resourceName: string, name: string): ConfigDefinition<any> | Refusal {
  const definition = brokerConfigDefinition(name)
  if (definition === undefined) return invalidBrokerConfig(`Unknown broker config name: ${name}`)
  if (definition.dynamic === "no") return invalidBrokerConfig(`Cannot update these configs dynamically: ${name}`)
  if (definition.dynamic === "cluster" && resourceName !== "") {
    return invalidBrokerConfig(`Cannot update these configs at broker level, only for the whole cluster: ${name}`)
  }
  return definition
}

/** What is wrong with the dynamic configuration of brokers as a whole. */
export function brokerConfigsFault(configs: ReadonlyMap<string, string>): Refusal | undefined {
  const tooLong = recordTextFault(configs)
  if (tooLong !== undefined) return tooLong
  for (const [name, text] of configs) {
    const definition = brokerConfigDefinition(name)
    if (definition === undefined) return invalidBrokerConfig(`Unknown broker config name: ${name}`)
    const parsed = parseConfig(definition, text)
    if (!parsed.ok) return invalidBrokerConfig(parsed.fault)
  }
  return undefined
}
