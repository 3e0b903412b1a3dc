import type { RegisterBrokerRecordFeature } from "@tailrace/kafka-protocol"
import type { MetadataImage } from "./MetadataImage.ts"

/** What nodes of this release can do, by the names that Kafka's tools show. A new cluster begins with the highest levels. */
export const supportedFeatures: ReadonlyArray<RegisterBrokerRecordFeature> = [
  { name: "eligible.leader.replicas.version", minSupportedVersion: 1, maxSupportedVersion: 1 },
  // 4.0-IV3, the first version with everything that the records here use.
  { name: "metadata.version", minSupportedVersion: 25, maxSupportedVersion: 25 }
]

/** Whether a node cannot do something that the cluster relies on. One that says nothing is of the release of this one. */
export function isFeatureMissing(image: MetadataImage, features: ReadonlyArray<RegisterBrokerRecordFeature>): boolean {
  if (features.length === 0) return false
  return [...image.features].some(([name, level]) => {
    const feature = features.find((it) => it.name === name)
    return feature === undefined || level < feature.minSupportedVersion || level > feature.maxSupportedVersion
  })
}
