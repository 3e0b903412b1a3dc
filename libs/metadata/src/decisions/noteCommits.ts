import type { BrokerSessions } from "../BrokerSessions.ts"
import type { Decision } from "../Decision.ts"
import { heardCommits } from "../internal/storageCommits.ts"
import type { MetadataImage } from "../MetadataImage.ts"

/** How often the controller writes down what it has heard of the storages: a copy that is older shows, whoever is asked. */
export const noteCommitsMillis = 10_000

/**
 * What the controller does by itself from time to time: what it has heard of the brokers' storages becomes metadata, also while nobody is
 * fenced. A controller may end together with a broker that it alone has heard, above all with its own.
 */
export function noteCommits(image: MetadataImage, sessions: BrokerSessions): Decision<void> {
  const records = [...image.brokers].filter(({ fenced }) => !fenced).flatMap(({ brokerId }) => heardCommits(image, brokerId, sessions))
  return { records, response: undefined }
}
