import type { MetadataRecord } from "@tailrace/kafka-protocol"
import type { Decision, DecisionContext } from "../Decision.ts"
import { supportedFeatures } from "../features.ts"
import { minIsrKey } from "../internal/alteredConfigs.ts"
import { configRecord } from "../internal/records.ts"
import { clusterIdKey, ResourceType } from "../MetadataImage.ts"
import type { MetadataImage } from "../MetadataImage.ts"


/**
 * The first controller of a cluster gives it its id; after that it never changes. With it come the feature levels, and
 * what the first controller's file says of min.insync.replicas: from here on only the metadata counts, because leaders and
 * controller have to act on the same number.
 */
export function nameCluster(image: MetadataImage, clusterId: string, context: DecisionContext): Decision<string> {
  if (image.clusterId !== "") return { records: [], response: image.clusterId }
  const records: Array<MetadataRecord> = [configRecord(ResourceType.unknown, "", clusterIdKey, clusterId)]
  for (const { name, maxSupportedVersion } of supportedFeatures) {
    if (!image.features.has(name)) records.push({ type: "FeatureLevelRecord", value: { name, featureLevel: maxSupportedVersion } })
  }
  const own = context.config.properties.get(minIsrKey)
  if (own !== undefined && !image.config(ResourceType.broker, "").has(minIsrKey)) records.push(configRecord(ResourceType.broker, "", minIsrKey, own))
  return { records, response: clusterId }
}
