import type { Bus } from "@tailrace/bus"
import type { Clock, Logger } from "@tailrace/runtime"
import { pause } from "../internal/pause.ts"
import { subjectOf } from "../internal/subjectOf.ts"

export interface SeekOptions {
  readonly clusterName: string
  readonly nodeId: number
  readonly bus: Bus
}

/** What is asked and answered: who asks, and the voters that whoever answers knows. */
interface Word {
  readonly clusterName: string
  readonly nodeId?: number
  readonly voterIds?: ReadonlyArray<number>
}

const roundsMax = 5
const roundMillis = 200
const idsMax = 100

/** The one subject that is not a node's own: who asks does not know whom. */
const askSubject = (clusterName: string): string => `${clusterName}.quorum.seek`

/**
 * For a node with an empty directory that is configured as the only voter: whether a quorum exists already, as it does where the cluster
 * has grown from this node and its disk was lost. Were it to begin one of its own then, it would serve an empty cluster beside the real one.
 * Answers the voters that others know, undefined where nobody answered within a second. A sign, no proof: others may be away.
 */
export async function seekQuorum({ bus, clock, clusterName, logger, nodeId }: SeekOptions & { readonly clock: Clock; readonly logger: Logger }): Promise<ReadonlyArray<number> | undefined> {
  let found: ReadonlyArray<number> | undefined
  const unsubscribe = bus.subscribe(subjectOf(clusterName, nodeId, "sought"), (payload) => {
    found ??= parse(payload, clusterName)?.voterIds
  })
  try {
    for (let round = 0; round < roundsMax && found === undefined; round++) {
      bus.publish(askSubject(clusterName), encode({ clusterName, nodeId }))
      await pause(clock, roundMillis)
    }
  } finally {
    unsubscribe()
  }
  if (found !== undefined) {
    logger.warn("this directory is empty, and a controller quorum exists: this node waits to be taken in. Where the quorum is lost, put the metadata directory of one of its voters back; emptying all directories of all nodes begins without their logs", { voters: found })
  }
  return found
}

/** Tells those that seek a quorum of the one that this node knows; the returned function ends it. */
export function answerSeekers({ bus, clusterName, nodeId }: SeekOptions, voterIds: () => ReadonlyArray<number>): () => void {
  return bus.subscribe(askSubject(clusterName), (payload) => {
    const known = voterIds()
    const seeker = parse(payload, clusterName)?.nodeId
    if (seeker === undefined || seeker === nodeId || known.length === 0) return
    bus.publish(subjectOf(clusterName, seeker, "sought"), encode({ clusterName, voterIds: known }))
  })
}

const encode = (word: Word): Buffer => Buffer.from(JSON.stringify(word), "utf8")

/** Undefined for what is none of this cluster's words. */
function parse(payload: Buffer, clusterName: string): Word | undefined {
  try {
    const word = JSON.parse(payload.toString("utf8")) as Word
    if (word.voterIds !== undefined && !Array.isArray(word.voterIds)) return undefined
    const ids = [...word.voterIds ?? [], ...word.nodeId === undefined ? [] : [word.nodeId]]
    return word.clusterName === clusterName && ids.length <= idsMax && ids.every((id) => Number.isSafeInteger(id)) ? word : undefined
  } catch {
    // No JSON: not a node of ours.
    return undefined
  }
}
