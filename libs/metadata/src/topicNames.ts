import { zeroUuid } from "@tailrace/kafka-protocol"

export const topicNameLengthMax = 249

export const offsetsTopic = "__consumer_offsets"
export const transactionTopic = "__transaction_state"
export const shareStateTopic = "__share_group_state"
/** The metadata log itself, which is no topic that anybody can name. */
export const metadataLogTopic = "__cluster_metadata"

const internalTopics: ReadonlySet<string> = new Set([offsetsTopic, transactionTopic, shareStateTopic])

/** Topics that brokers write for themselves. */
export function isInternalTopic(name: string): boolean {
  return internalTopics.has(name)
}

/** What is wrong with a topic name, undefined when it is a legal one. */
export function topicNameFault(name: string): string | undefined {
  if (name === "") return "the empty string is not allowed"
  if (name === "." || name === "..") return `'${name}' is not allowed`
  if (name.length > topicNameLengthMax) return `the length of '${name}' is longer than the max allowed length ${topicNameLengthMax}`
  if (!/^[a-zA-Z0-9._-]+$/.test(name)) {
    return `'${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`
  }
  return undefined
}

/** Two different topics with the same key cannot exist together: metric names have '_' where a topic has '.'. */
export function collisionKey(name: string): string {
  return name.replaceAll(".", "_")
}

/** Ids that mean something of their own: none, and the one of the metadata log. */
export const reservedTopicIds: ReadonlySet<string> = new Set([zeroUuid, "AAAAAAAAAAAAAAAAAAAAAQ"])
