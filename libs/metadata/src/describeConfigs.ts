import { ErrorCode } from "@tailrace/kafka-protocol"
import type {
  DescribeConfigsRequest, DescribeConfigsRequestResource, DescribeConfigsResponseConfigInput, DescribeConfigsResponseInput,
  DescribeConfigsResponseResultInput
} from "@tailrace/kafka-protocol"
import type { BrokerConfig } from "./BrokerConfig.ts"
import { brokerConfigDefinition, brokerConfigs } from "./brokerConfigs.ts"
import type { ConfigDefinition } from "./ConfigDefinition.ts"
import { brokerConfigEntries, ConfigSource, topicConfigEntries, topicConfigText } from "./configSources.ts"
import type { ConfigEntry } from "./configSources.ts"
import { shownMessage } from "./internal/validation.ts"
import { ResourceType } from "./MetadataImage.ts"
import type { MetadataImage } from "./MetadataImage.ts"
import { topicReplicationFactor } from "./TopicConfig.ts"
import { topicConfigs } from "./topicConfigs.ts"
import { topicNameFault } from "./topicNames.ts"

type Options = Pick<DescribeConfigsRequest, "includeSynonyms" | "includeDocumentation">

/** Answers DescribeConfigs on the node of `staticConfig`: every key of a topic or of this broker, with where its value comes from. */
export function describeConfigs(image: MetadataImage, staticConfig: BrokerConfig, request: DescribeConfigsRequest): DescribeConfigsResponseInput {
  return { results: request.resources.map((resource) => describeResource(image, staticConfig, resource, request)) }
}

/** Every key of a topic; `overrides` and `replicas` may be those of a topic that does not exist yet. */
export function describeTopicConfigs(
  image: MetadataImage, staticConfig: BrokerConfig, overrides: ReadonlyMap<string, string>, replicas: number, options: Options
): Array<DescribeConfigsResponseConfigInput> {
  return Object.values(topicConfigs).map((definition: ConfigDefinition<any>) => {
    const entries = topicConfigEntries(image, staticConfig, definition, overrides, replicas)
    return describe(definition, entries, false, options, (entry) => topicConfigText(definition, entry))
  })
}

function describeResource(
  image: MetadataImage, staticConfig: BrokerConfig, resource: DescribeConfigsRequestResource, options: Options
): DescribeConfigsResponseResultInput {
  const { resourceType, resourceName, configurationKeys } = resource
  const refused = (errorCode: number, errorMessage: string) =>
    ({ errorCode, errorMessage: shownMessage(errorMessage), resourceType, resourceName, configs: [] })
  const found = (all: Array<DescribeConfigsResponseConfigInput>) => {
    const isWanted = configurationKeys === null || configurationKeys.length === 0 ? () => true : (name: string) => configurationKeys.includes(name)
    return { errorCode: ErrorCode.NONE, errorMessage: null, resourceType, resourceName, configs: all.filter((it) => isWanted(it.name)) }
  }
  if (resourceType === ResourceType.topic) {
    const fault = topicNameFault(resourceName)
    if (fault !== undefined) return refused(ErrorCode.INVALID_TOPIC_EXCEPTION, `Topic name is invalid: ${fault}`)
    const topic = image.topic(resourceName)
    if (topic === undefined) return refused(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `The topic '${resourceName}' does not exist.`)
    const overrides = image.config(ResourceType.topic, resourceName)
    return found(describeTopicConfigs(image, staticConfig, overrides, topicReplicationFactor(topic), options))
  }
  if (resourceType !== ResourceType.broker) return refused(ErrorCode.INVALID_REQUEST, `Resource type ${resourceType} has no configuration here.`)
  if (resourceName === "") return found(describeAllBrokers(image, options))
  if (!/^\d{1,10}$/.test(resourceName) || Number(resourceName) !== staticConfig.nodeId) {
    return refused(ErrorCode.INVALID_REQUEST, `Unexpected broker id, expected ${staticConfig.nodeId} or empty string, but received ${resourceName}`)
  }
  return found(describeBroker(image, staticConfig, options))
}

/** The empty broker name: only what is set for all brokers. */
function describeAllBrokers(image: MetadataImage, options: Options): Array<DescribeConfigsResponseConfigInput> {
  const configs: Array<DescribeConfigsResponseConfigInput> = []
  for (const [name, text] of image.config(ResourceType.broker, "")) {
    const definition = brokerConfigDefinition(name)
    if (definition === undefined) continue
    configs.push(describe(definition, [{ name, text, source: ConfigSource.dynamicDefaultBroker }], false, options, (it) => it.text))
  }
  return configs
}

function describeBroker(image: MetadataImage, staticConfig: BrokerConfig, options: Options): Array<DescribeConfigsResponseConfigInput> {
  // Keys of single listeners are not in the table; those that are set are shown.
  const names = new Set([...Object.keys(brokerConfigs), ...staticConfig.properties.keys()])
  return [...names].map((name) => {
    const definition = brokerConfigDefinition(name)
    if (definition === undefined) throw new Error(`${name} is no broker configuration`)
    return describe(definition, brokerConfigEntries(image, staticConfig, name), definition.dynamic === "no", options, (it) => it.text)
  })
}

function describe(
  definition: ConfigDefinition<any>, entries: ReadonlyArray<ConfigEntry>, readOnly: boolean, options: Options, textOf: (entry: ConfigEntry) => string
): DescribeConfigsResponseConfigInput {
  const strongest = entries[0]
  const { name, isSensitive, type } = definition
  const source = strongest?.source ?? ConfigSource.default
  return {
    name, readOnly, isSensitive, configType: type,
    value: isSensitive || strongest === undefined ? null : textOf(strongest),
    configSource: source,
    isDefault: source === ConfigSource.default,
    synonyms: options.includeSynonyms ? entries.map((it) => ({ name: it.name, value: isSensitive ? null : it.text, source: it.source })) : [],
    documentation: options.includeDocumentation ? definition.doc : null
  }
}
