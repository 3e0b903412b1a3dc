const read = 1 << 3
const write = 1 << 4
const create = 1 << 5
const remove = 1 << 6
const alter = 1 << 7
const describe = 1 << 8
const clusterAction = 1 << 9
const describeConfigs = 1 << 10
const alterConfigs = 1 << 11
const idempotentWrite = 1 << 12

/**
 * What a client may do, as a bit for each operation that Kafka has for such a resource. Nothing is authorized yet, so it
 * is all of them, as Kafka answers without an authorizer.
 */
export const authorizedOperations = {
  topic: read | write | create | remove | alter | describe | describeConfigs | alterConfigs,
  group: read | remove | describe | describeConfigs | alterConfigs,
  cluster: create | alter | describe | clusterAction | describeConfigs | alterConfigs | idempotentWrite
} as const
