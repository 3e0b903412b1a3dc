import { CommandError } from "../CommandError.ts"

type Damage = Error & { readonly directory: string; readonly hasPartitions?: boolean }

/**
 * What is safe to do about a directory that `start` refuses. Emptied it makes the node a new one, which has no vote and
 * no replica until others have made it complete: good where others have what it had, the loss of it where they have not.
 */
export const explainDamage = (error: Damage, isClustered: boolean): CommandError => {
  const isMetadata = (error as { readonly _tag?: string })._tag === "MetadataDamagedError"
  const advice = !isClustered ? alone : isMetadata ? [...metadata, ...error.hasPartitions === true ? replicas : []] : [...replicas, ...backup]
  return new CommandError(`${error.message}; the node does not start with it`, { advice: advice.join("\n"), cause: error })
}

/** The data directory belongs to other metadata. What to do about that the error knows itself: it depends on how it was found. */
export const explainMismatch = (error: Error & { readonly found: string; readonly advice: string }): CommandError =>
  new CommandError(`${error.found}; the node does not start with it, and nothing was deleted`, {
    advice: `${error.advice.charAt(0).toUpperCase()}${error.advice.slice(1)}.`, cause: error
  })

const alone: ReadonlyArray<string> = [
  "This node is alone, so no other has what is in the directory: put a backup of it back, made while the node was stopped."
]
const metadata: ReadonlyArray<string> = [
  "If a majority of the controllers runs without this node: empty the directory and start again. The node comes back as a new one, first as a learner, and copies the metadata from them.",
  "The only controller of a cluster has nobody to copy from: put a backup of the directory back, made while the node was stopped."
]
const replicas: ReadonlyArray<string> = [
  "The directory holds replicas of partitions. Where other nodes are in sync (`tailrace cluster partitions --offline` lists none), it can be emptied: the node copies them from there."
]
const backup: ReadonlyArray<string> = ["What no other node has can only come from a backup of the directory."]
