import type { Decision } from "../Decision.ts"
import { configRecord } from "../internal/records.ts"
import { clusterIdKey, type MetadataImage, ResourceType } from "../MetadataImage.ts"

/** The first controller of a cluster gives it its id; after that it never changes. */
export function nameCluster(image: MetadataImage, clusterId: string): Decision<string> {
  if (image.clusterId !== "") return { records: [], response: image.clusterId }
  return { records: [configRecord(ResourceType.unknown, "", clusterIdKey, clusterId)], response: clusterId }
}
