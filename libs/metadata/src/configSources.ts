import type { BrokerConfig } from "./BrokerConfig.ts"
import { brokerConfigDefinition } from "./brokerConfigs.ts"
import { ConfigType, parseConfig } from "./ConfigDefinition.ts"
import type { ConfigDefinition } from "./ConfigDefinition.ts"
import { ResourceType } from "./MetadataImage.ts"
import type { MetadataImage } from "./MetadataImage.ts"
import { topicConfigs } from "./topicConfigs.ts"

/** Where a value comes from, as DescribeConfigs numbers it. */
export const ConfigSource = { dynamicTopic: 1, dynamicBroker: 2, dynamicDefaultBroker: 3, static: 4, default: 5 } as const
export type ConfigSource = (typeof ConfigSource)[keyof typeof ConfigSource]

/** One place where a key has a value. Of several the first counts. */
export interface ConfigEntry {
  readonly name: string
  readonly text: string
  readonly source: ConfigSource
}

/**
 * Every value a broker key has on the node of `staticConfig`, the strongest first: set on this broker, set on all brokers,
 * from its own file, default. Behind its own ones are those of weaker keys, which would count without them.
 */
export function brokerConfigEntries(image: MetadataImage, staticConfig: BrokerConfig, name: string): ReadonlyArray<ConfigEntry> {
  const weaker = brokerConfigDefinition(name)?.synonyms ?? []
  const entries = entriesOf(image, staticConfig, [name, ...weaker.map((it) => it.name)])
  const own = entries.findIndex((it) => it.name === name)
  return own < 0 ? [] : entries.slice(own)
}

/**
 * Every value a topic key has, the strongest first: set on the topic, then the broker keys it falls back on, then its own
 * default. Texts are as they were set; `topicConfigText` gives the one that counts in the topic key's unit.
 */
export function topicConfigEntries(
  image: MetadataImage, staticConfig: BrokerConfig, definition: ConfigDefinition<any>, overrides: ReadonlyMap<string, string>, replicas: number
): ReadonlyArray<ConfigEntry> {
  const entries: Array<ConfigEntry> = []
  const own = overrides.get(definition.name)
  if (own !== undefined) entries.push({ name: definition.name, text: own, source: ConfigSource.dynamicTopic })
  entries.push(...entriesOf(image, staticConfig, definition.synonyms.map((it) => it.name)))
  if (!entries.some((it) => it.source === ConfigSource.default)) {
    entries.push({ name: definition.name, text: topicDefault(definition, replicas), source: ConfigSource.default })
  }
  return entries
}

/** An entry's text in the unit of the topic key: `log.retention.hours` counts hours, `retention.ms` milliseconds. */
export function topicConfigText(definition: ConfigDefinition<any>, entry: ConfigEntry): string {
  const factor = definition.synonyms.find((it) => it.name === entry.name)?.factor ?? 1
  // A negative number is no amount of time but "no limit".
  return factor === 1 || Number(entry.text) < 0 ? entry.text : String(Number(entry.text) * factor)
}

/** The typed value of a topic key whose text was checked before it was stored. */
export function parsedTopicConfig(definition: ConfigDefinition<any>, text: string): unknown {
  const parsed = parseConfig(definition, text)
  if (!parsed.ok) throw new Error(`stored configuration is not valid: ${parsed.fault}`)
  return parsed.value
}

/** Whether a node's own file has a say in min.insync.replicas: not in a cluster, where leader and controller have to agree. */
export function countsForMinIsr(image: MetadataImage): boolean {
  return image.clusterId === ""
}

/** More than one loss is tolerated only where that many copies exist; a lone copy must still accept writes. */
export function minIsrDefault(replicas: number): number {
  return replicas >= 3 ? 2 : 1
}

export function isListConfig(definition: ConfigDefinition<any>): boolean {
  return definition.type === ConfigType.list
}

function topicDefault(definition: ConfigDefinition<any>, replicas: number): string {
  if (definition === topicConfigs["min.insync.replicas"]) return String(minIsrDefault(replicas))
  return definition.defaultText ?? ""
}

function entriesOf(image: MetadataImage, staticConfig: BrokerConfig, names: ReadonlyArray<string>): Array<ConfigEntry> {
  const layers: ReadonlyArray<readonly [ConfigSource, ReadonlyMap<string, string>]> = [
    [ConfigSource.dynamicBroker, image.config(ResourceType.broker, String(staticConfig.nodeId))],
    [ConfigSource.dynamicDefaultBroker, image.config(ResourceType.broker, "")],
    [ConfigSource.static, staticConfig.properties]
  ]
  const entries: Array<ConfigEntry> = []
  for (const [source, values] of layers) {
    for (const name of names) {
      if (source === ConfigSource.static && name === "min.insync.replicas" && !countsForMinIsr(image)) continue
      const text = values.get(name)
      if (text !== undefined) entries.push({ name, text, source })
    }
  }
  for (const name of names) {
    const text = staticConfig.defaultTextOf(name)
    if (text !== undefined) entries.push({ name, text, source: ConfigSource.default })
  }
  return entries
}

/** The configuration of a node with what the cluster's metadata sets on top of its own file. */
export function effectiveBrokerConfig(image: MetadataImage, staticConfig: BrokerConfig): BrokerConfig {
  const forAll = image.config(ResourceType.broker, "")
  const forOne = image.config(ResourceType.broker, String(staticConfig.nodeId))
  if (forAll.size === 0 && forOne.size === 0) return staticConfig
  const effective = staticConfig.with([...forAll, ...forOne])
  if (effective instanceof Error) throw effective
  return effective
}
