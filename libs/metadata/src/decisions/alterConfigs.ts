import { ErrorCode } from "@tailrace/kafka-protocol"
import type {
  IncrementalAlterConfigsRequest, IncrementalAlterConfigsRequestConfig, IncrementalAlterConfigsRequestResource,
  IncrementalAlterConfigsResponseInput, IncrementalAlterConfigsResponseResourceInput
} from "@tailrace/kafka-protocol"
import type { ConfigDefinition } from "../ConfigDefinition.ts"
import { brokerConfigEntries, isListConfig, topicConfigEntries, topicConfigText } from "../configSources.ts"
import type { Decision, DecisionContext, Refusal } from "../Decision.ts"
import { type AlteredConfig, consequencesOf, minIsrKey } from "../internal/alteredConfigs.ts"
import { configRecord } from "../internal/records.ts"
import { resourceKey } from "../internal/resourceKey.ts"
import { brokerConfigsFault, dynamicBrokerConfig, invalidConfig, shownMessage, topicConfigDefinition, topicConfigsFault } from "../internal/validation.ts"
import { ResourceType } from "../MetadataImage.ts"
import type { MetadataImage } from "../MetadataImage.ts"
import { topicNameFault } from "../topicNames.ts"

const noConfig: ReadonlyMap<string, string> = new Map()

export const AlterConfigOp = { set: 0, delete: 1, append: 2, subtract: 3 } as const

/** The request of AlterConfigs: what is not named goes back to its default. */
export interface AlterConfigsRequest {
  readonly resources: ReadonlyArray<{
    readonly resourceType: number
    readonly resourceName: string
    readonly configs: ReadonlyArray<{ readonly name: string; readonly value: string | null }>
  }>
  readonly validateOnly: boolean
}

/** IncrementalAlterConfigs on topics, on one broker, or (with an empty name) on all brokers. A resource changes as a whole or not at all. */
export function incrementalAlterConfigs(
  image: MetadataImage, request: IncrementalAlterConfigsRequest, context: DecisionContext
): Decision<IncrementalAlterConfigsResponseInput> {
  return decideEach(image, request, context, (resource) => alterResource(image, resource, context))
}

/** AlterConfigs, the older call: the keys it names become the whole configuration of the resource. */
export function alterConfigs(image: MetadataImage, request: AlterConfigsRequest, context: DecisionContext): Decision<IncrementalAlterConfigsResponseInput> {
  return decideEach(image, request, context, ({ resourceType, resourceName, configs }) => {
    const named = new Set(configs.map((it) => it.name))
    // Who means to set one key must not drop all others of the cluster unawares. As in Kafka, where it always has a value, this one has to be named.
    if (resourceType === ResourceType.broker && resourceName === "" && !named.has(minIsrKey)) {
      return invalidConfig(`What replaces the configuration of all brokers has to name ${minIsrKey}; IncrementalAlterConfigs changes single keys.`)
    }
    const dropped = [...image.config(resourceType, resourceName).keys()].filter((name) => !named.has(name))
    const changes = [
      ...configs.map((it) => ({ ...it, configOperation: AlterConfigOp.set })),
      ...dropped.map((name) => ({ name, value: null, configOperation: AlterConfigOp.delete }))
    ]
    return alterResource(image, { resourceType, resourceName, configs: changes }, context)
  })
}

interface Resource {
  readonly resourceType: number
  readonly resourceName: string
}

/** Every resource is answered in its place, and one that is named more than once stays as it is. */
function decideEach<Named extends Resource>(
  image: MetadataImage, request: { readonly resources: ReadonlyArray<Named>; readonly validateOnly: boolean }, context: DecisionContext,
  decide: (resource: Named) => AlteredConfig | Refusal
): Decision<IncrementalAlterConfigsResponseInput> {
  const altered: Array<AlteredConfig> = []
  const responses: Array<IncrementalAlterConfigsResponseResourceInput> = []
  const keyOf = (it: Resource): string => resourceKey(it.resourceType, it.resourceName)
  const named = Map.groupBy(request.resources, keyOf)
  for (const resource of request.resources) {
    const { resourceType, resourceName } = resource
    const outcome = named.get(keyOf(resource))!.length > 1
      ? { errorCode: ErrorCode.INVALID_REQUEST, message: "Each resource must appear at most once." }
      : decide(resource)
    const isRefused = "errorCode" in outcome
    if (!isRefused) altered.push(outcome)
    responses.push({
      resourceType, resourceName,
      errorCode: isRefused ? outcome.errorCode : ErrorCode.NONE, errorMessage: isRefused ? shownMessage(outcome.message) : null
    })
  }
  const records = request.validateOnly ? [] : [...altered.flatMap((it) => it.records), ...consequencesOf(image, altered, context)]
  return { records, response: { responses } }
}

function alterResource(image: MetadataImage, resource: IncrementalAlterConfigsRequestResource, context: DecisionContext): AlteredConfig | Refusal {
  const { resourceType, resourceName, configs } = resource
  const missing = resourceFault(image, resourceType, resourceName)
  if (missing !== undefined) return missing
  const current = image.config(resourceType, resourceName)
  const wanted = new Map<string, string>(current)
  const named = new Set<string>()
  for (const config of configs) {
    if (named.has(config.name)) return { errorCode: ErrorCode.INVALID_REQUEST, message: `Error due to duplicate config keys: ${config.name}` }
    named.add(config.name)
    if (isMinIsrOfOneBroker(resource, config.name)) return invalidConfig(`Broker-level ${minIsrKey} cannot be altered while ELR is enabled.`)
    // Also a key that nobody knows: tools that copy a configuration delete what the source has at its default.
    if (config.configOperation === AlterConfigOp.delete) {
      wanted.delete(config.name)
      continue
    }
    const definition = definitionFor(resourceType, resourceName, config.name)
    if ("errorCode" in definition) return definition
    const text = alteredText(config, definition, () => wanted.get(config.name) ?? inheritedText(image, context, resource, definition))
    if (typeof text === "object") return text
    wanted.set(config.name, text)
  }
  const fault = resourceType === ResourceType.topic ? topicConfigsFault(resourceName, wanted) : brokerConfigsFault(wanted)
  if (fault !== undefined) return fault
  const records = [...named].filter((name) => wanted.get(name) !== current.get(name))
    .map((name) => configRecord(resourceType, resourceName, name, wanted.get(name) ?? null))
  return { resourceType, resourceName, named, wanted, records }
}

function resourceFault(image: MetadataImage, resourceType: number, resourceName: string): Refusal | undefined {
  if (resourceType === ResourceType.topic) {
    if (resourceName === "") return { errorCode: ErrorCode.INVALID_REQUEST, message: "There is no configuration of all topics; set it for all brokers." }
    const fault = topicNameFault(resourceName)
    if (fault !== undefined) return { errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION, message: `Topic name is invalid: ${fault}` }
    if (image.topic(resourceName) !== undefined) return undefined
    return { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, message: `The topic '${resourceName}' does not exist.` }
  }
  if (resourceType !== ResourceType.broker) {
    return { errorCode: ErrorCode.INVALID_REQUEST, message: `Resource type ${resourceType} has no configuration here.` }
  }
  if (resourceName === "") return undefined
  // Values under an id with zeros before it would stand where no broker reads them.
  if (!/^(0|[1-9]\d{0,9})$/.test(resourceName)) return { errorCode: ErrorCode.INVALID_REQUEST, message: `'${resourceName}' is not how a broker id is written.` }
  if (image.broker(Number(resourceName)) !== undefined) return undefined
  return { errorCode: ErrorCode.BROKER_ID_NOT_REGISTERED, message: `No broker with id ${resourceName} found.` }
}

/** Leader and controller have to act on the same minimum, so no broker has one of its own. Kafka refuses its removal too. */
function isMinIsrOfOneBroker({ resourceName, resourceType }: IncrementalAlterConfigsRequestResource, name: string): boolean {
  return resourceType === ResourceType.broker && resourceName !== "" && name === minIsrKey
}

function definitionFor(resourceType: number, resourceName: string, name: string): ConfigDefinition<any> | Refusal {
  if (resourceType !== ResourceType.topic) return dynamicBrokerConfig(resourceName, name)
  return topicConfigDefinition(name) ?? invalidConfig(`Unknown topic config name: ${name}`)
}

/** What a list is appended to when it was never set on the resource itself. */
function inheritedText(
  image: MetadataImage, context: DecisionContext, resource: IncrementalAlterConfigsRequestResource, definition: ConfigDefinition<any>
): string {
  if (resource.resourceType !== ResourceType.topic) return brokerConfigEntries(image, context.config, definition.name)[0]?.text ?? ""
  const [strongest] = topicConfigEntries(image, context.config, definition, noConfig, 1)
  return strongest === undefined ? "" : topicConfigText(definition, strongest)
}

/** The text that a key has after an operation that leaves it one. */
function alteredText(config: IncrementalAlterConfigsRequestConfig, definition: ConfigDefinition<any>, present: () => string): string | Refusal {
  const { name, value, configOperation } = config
  if (value === null) return { errorCode: ErrorCode.INVALID_REQUEST, message: `Null value not supported for : ${name}` }
  if (configOperation === AlterConfigOp.set) return value
  if (configOperation !== AlterConfigOp.append && configOperation !== AlterConfigOp.subtract) {
    return { errorCode: ErrorCode.INVALID_REQUEST, message: `Unknown operation ${configOperation} for ${name}` }
  }
  const operation = configOperation === AlterConfigOp.append ? "APPEND" : "SUBTRACT"
  if (!isListConfig(definition)) return invalidConfig(`Can't ${operation} to key ${name} because its type is not LIST.`)
  const elements = split(present())
  const given = split(value)
  if (configOperation === AlterConfigOp.subtract) return elements.filter((it) => !given.includes(it)).join(",")
  return [...elements, ...given.filter((it) => !elements.includes(it))].join(",")
}

function split(text: string): Array<string> {
  return text.split(",").map((it) => it.trim()).filter((it) => it !== "")
}
