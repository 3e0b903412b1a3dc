import type { MetadataRecord } from "@tailrace/kafka-protocol"
import type { DecisionContext } from "../Decision.ts"
import { type MetadataImage, ResourceType, type TopicImage } from "../MetadataImage.ts"
import { effectiveMinIsr, minIsrFrom } from "../TopicConfig.ts"
import { replicationFactor } from "./changePartition.ts"
import { electorateOf, partitionChanges, uncleanKey } from "./partitionChanges.ts"
import { noLeader, partitionChange } from "./records.ts"
import { resourceKey } from "./resourceKey.ts"

export const minIsrKey = "min.insync.replicas"

/** What a request makes of the configuration of one resource. */
export interface AlteredConfig {
  readonly resourceType: number
  readonly resourceName: string
  /** The keys that the request names. */
  readonly named: ReadonlySet<string>
  /** The whole configuration as it will be. */
  readonly wanted: ReadonlyMap<string, string>
  readonly records: ReadonlyArray<MetadataRecord>
}

/** The configurations of an image as they will be, and which of them a request is about. */
class Outlook {
  readonly #image: MetadataImage
  readonly #altered: ReadonlyMap<string, AlteredConfig>

  constructor(image: MetadataImage, altered: ReadonlyArray<AlteredConfig>) {
    this.#image = image
    this.#altered = new Map(altered.map((it) => [resourceKey(it.resourceType, it.resourceName), it]))
  }

  /** What is set on the topic itself. */
  own(topicName: string, key: string): string | undefined {
    return this.#textOf(ResourceType.topic, topicName, key)
  }

  shared(key: string): string | undefined {
    return this.#textOf(ResourceType.broker, "", key)
  }

  /** Whether the request names the key where the topic has it from. */
  isMeant(topicName: string, key: string): boolean {
    if (this.#isNamed(ResourceType.topic, topicName, key)) return true
    return this.own(topicName, key) === undefined && this.#isNamed(ResourceType.broker, "", key)
  }

  #textOf(resourceType: number, resourceName: string, key: string): string | undefined {
    const wanted = this.#altered.get(resourceKey(resourceType, resourceName))?.wanted
    return (wanted ?? this.#image.config(resourceType, resourceName)).get(key)
  }

  #isNamed(resourceType: number, resourceName: string, key: string): boolean {
    return this.#altered.get(resourceKey(resourceType, resourceName))?.named.has(key) === true
  }
}

/**
 * What follows for partitions from everything that a request changes: what it says of all brokers counts for a topic by what it
 * says of that topic, and the other way round.
 */
export function consequencesOf(image: MetadataImage, altered: ReadonlyArray<AlteredConfig>, context: DecisionContext): ReadonlyArray<MetadataRecord> {
  const effective = altered.filter(({ records }) => records.length > 0)
  if (!effective.some(({ named }) => named.has(minIsrKey) || named.has(uncleanKey))) return []
  const outlook = new Outlook(image, effective)
  return [...minIsrChanges(image, outlook, context), ...uncleanElections(image, outlook, context)]
}

/**
 * A partition's leader acts on the minimum that came with its partition epoch. A change therefore raises the epoch of
 * every partition it means something for, and clears the eligible leaders, which were chosen by the old minimum.
 */
function minIsrChanges(image: MetadataImage, outlook: Outlook, context: DecisionContext): Array<MetadataRecord> {
  const records: Array<MetadataRecord> = []
  for (const topic of image.topics) {
    if (!outlook.isMeant(topic.name, minIsrKey)) continue
    const changed = changedPartitions(image, topic, outlook.own(topic.name, minIsrKey) ?? outlook.shared(minIsrKey), context)
    if (changed.length > 0) records.push({ type: "ClearElrRecord", value: { topicName: topic.name } })
    for (const partitionId of changed) records.push(partitionChange(topic.topicId, partitionId))
  }
  return records
}

/** The partitions for which the text, where the metadata will have one, is another minimum than now. */
function changedPartitions(image: MetadataImage, { name, partitions }: TopicImage, text: string | undefined, { config }: DecisionContext): Array<number> {
  return partitions.flatMap((partition, partitionId) => {
    const factor = replicationFactor(partition)
    return effectiveMinIsr(image, config, name, factor) === minIsrFrom(image, text, config, factor) ? [] : [partitionId]
  })
}

/** Whoever lets a topic lose data rather than be offline wants it back now, also where that is what counts once its own value is gone. */
function uncleanElections(image: MetadataImage, outlook: Outlook, context: DecisionContext): Array<MetadataRecord> {
  const isAllowed = (topicName: string): boolean => {
    const text = outlook.own(topicName, uncleanKey) ?? outlook.shared(uncleanKey) ?? String(context.config.get(uncleanKey))
    return text.trim().toLowerCase() === "true"
  }
  return partitionChanges(image, context.config, electorateOf(image), ({ leader }, _, { name }) =>
    leader === noLeader && outlook.isMeant(name, uncleanKey) && isAllowed(name) ? { election: "unclean" } : undefined)
}
