/** The protocol type of ordinary consumers; the bytes of all others (Connect for example) are opaque. */
const consumerProtocolType = "consumer"

/**
 * The topics that the members of a group read, or undefined where that cannot be known: another protocol
 * type, or bytes that do not parse. Only expiry and deletion of offsets ask; a rebalance never depends on it.
 */
export function subscribedTopics(protocolType: string | null, subscriptions: ReadonlyArray<Buffer>): ReadonlySet<string> | undefined {
  if (protocolType !== consumerProtocolType) return undefined
  const topics = new Set<string>()
  for (const subscription of subscriptions) if (!readTopics(subscription, topics)) return undefined
  return topics
}

/** Whether a group is subscribed to a topic. A consumer group with unknown subscriptions counts as subscribed to all. */
export function isSubscribed(protocolType: string | null, topics: ReadonlySet<string> | undefined, topic: string): boolean {
  return topics === undefined ? protocolType === consumerProtocolType : topics.has(topic)
}

export function isConsumerGroup(protocolType: string | null): boolean {
  return protocolType === consumerProtocolType
}

/** Version 0 of ConsumerProtocolSubscription is the prefix of all later ones: int16 version, then an array of strings. */
function readTopics(subscription: Buffer, topics: Set<string>): boolean {
  if (subscription.length < 6) return false
  let at = 6
  for (let left = subscription.readInt32BE(2); left > 0; left -= 1) {
    if (at + 2 > subscription.length) return false
    const size = subscription.readInt16BE(at)
    if (size < 0 || at + 2 + size > subscription.length) return false
    topics.add(subscription.toString("utf8", at + 2, at + 2 + size))
    at += 2 + size
  }
  return true
}
