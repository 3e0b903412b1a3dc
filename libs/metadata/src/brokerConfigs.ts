import { named } from "./ConfigDefinition.ts"
import type { ConfigDefinition } from "./ConfigDefinition.ts"
import { clusterConfigs } from "./internal/brokerConfigs/cluster.ts"
import { groupConfigs } from "./internal/brokerConfigs/groups.ts"
import { logConfigs } from "./internal/brokerConfigs/log.ts"
import { natsConfigs } from "./internal/brokerConfigs/nats.ts"
import { networkConfigs } from "./internal/brokerConfigs/network.ts"

/** Every key that a broker may have. */
export const brokerConfigs = named({ ...clusterConfigs, ...natsConfigs, ...networkConfigs, ...logConfigs, ...groupConfigs })

export type BrokerConfigName = keyof typeof brokerConfigs

const listenerOverride = /^listener\.name\.[a-z0-9_-]+\.(?:(?:plain|scram-sha-256|scram-sha-512|oauthbearer|gssapi)\.)?(.+)$/
const overridable = /^(?:sasl|ssl)\.|^connections\.max\.reauth\.ms$|^max\.connections$|^max\.connection\.creation\.rate$|^principal\.builder\.class$/

/**
 * The definition of a broker key. A listener may override keys of its security: `listener.name.<listener>.ssl.…`, with a
 * SASL mechanism after the listener where it matters. Undefined when there is no such key.
 */
export function brokerConfigDefinition(name: string): ConfigDefinition | undefined {
  const known: Readonly<Record<string, ConfigDefinition<any>>> = brokerConfigs
  if (Object.hasOwn(known, name)) return known[name]
  const base = listenerOverride.exec(name)?.[1]
  if (base === undefined || !overridable.test(base) || !Object.hasOwn(known, base)) return undefined
  return { ...known[base]!, name }
}
