import type { Arguments } from "../Arguments.ts"
import { connectionFlags, timeoutFlag } from "../internal/connecting.ts"

export const topicFlags = {
  "topic": { type: "text", value: "NAME", isList: true, help: "The topic, as the bare word after the action; a regular expression except to create." },
  "partitions": { type: "integer", value: "N", short: "p", of: ["create", "alter"], help: "How many partitions; default the broker's num.partitions." },
  "replication-factor": { type: "integer", value: "N", short: "r", of: ["create"], help: "How many nodes hold each partition; default the broker's." },
  "replica-assignment": { type: "text", value: "1:2,2:3,…", of: ["create"], help: "The nodes of each partition instead, the first one leading." },
  "config": { type: "text", value: "KEY=VALUE", isList: true, short: "c", of: ["create"], help: "A setting of the topic." },
  "if-not-exists": { type: "switch", of: ["create"], help: "An existing topic is no error." },
  "if-exists": { type: "switch", of: ["alter", "delete", "describe"], help: "A missing topic is no error." },
  "validate-only": { type: "switch", of: ["create", "alter"], help: "Only say whether it could be done." },
  "exclude-internal": { type: "switch", of: ["list", "describe"], help: "Without topics such as __consumer_offsets." },
  "topic-id": { type: "text", value: "ID", of: ["describe"], help: "The topic by its id." },
  "topics-with-overrides": { type: "switch", of: ["describe"], help: "Only topics with settings of their own." },
  "under-replicated-partitions": { type: "switch", of: ["describe"], help: "Only partitions with replicas out of sync." },
  "unavailable-partitions": { type: "switch", of: ["describe"], help: "Only partitions without a leader." },
  "under-min-isr-partitions": { type: "switch", of: ["describe"], help: "Only partitions that cannot take acks=all." },
  "at-min-isr-partitions": { type: "switch", of: ["describe"], help: "Only partitions that cannot lose one more replica." },
  // How much Kafka's tool lets into one answer of several; what it prints is the same.
  "partition-size-limit-per-response": { type: "integer", value: "N", of: ["describe"] },
  ...connectionFlags,
  ...timeoutFlag
} as const

export type TopicArguments = Arguments<keyof typeof topicFlags>
