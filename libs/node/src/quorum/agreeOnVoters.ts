import { type Bus, Disconnected } from "@tailrace/bus"
import type { Configuration, NodeKey } from "@tailrace/raft"
import type { Clock, Logger } from "@tailrace/runtime"
import { pause } from "../internal/pause.ts"
import { subjectOf } from "../internal/subjectOf.ts"

export interface VoterAgreementOptions {
  readonly clusterName: string
  readonly self: NodeKey
  /** The nodes that are configured to be the first voters. */
  readonly voterIds: ReadonlyArray<number>
  readonly bus: Bus
  readonly clock: Clock
  readonly logger: Logger
  /** Makes what was agreed upon durable, before anybody else is told of it. */
  readonly adopt: (configuration: Configuration) => Promise<void>
}

/** What a node says of itself to those that look for the first voters. */
interface Introduction {
  readonly clusterName: string
  readonly key: NodeKey
  /** Undefined while its directory is empty and it looks for the first voters itself. */
  readonly bootstrap?: Configuration
}

const askMillis = 500
const roundMillis = 200
const complainAfterMillis = 3_000

export const observerOnly: Configuration = { voters: [], learners: [] }

/**
 * How empty nodes become a quorum, with voters that are a node and its directory (KIP-853), so that a wiped one is never
 * taken for the voter that it was. A node with an empty directory asks all configured voters. When every one of them is
 * there and empty too, those directories are the first voters. As soon as one of them is not empty, a quorum exists: the
 * node is part of it where that one's first configuration names this very directory, and otherwise it only observes, until
 * the leader takes it in.
 *
 * Safe, because a directory takes part under the same first configuration as all others that have adopted one: adopting
 * another one would need all configured voters to be empty again.
 */
export async function agreeOnVoters(options: VoterAgreementOptions, isClosed: () => boolean): Promise<Configuration> {
  const { adopt, clock, logger, self, voterIds } = options
  if (!voterIds.includes(self.nodeId)) return observerOnly
  const startedMillis = clock.monotonicMillis()
  let hasComplained = false
  while (!isClosed()) {
    const others = await Promise.all(voterIds.filter((id) => id !== self.nodeId).map((id) => ask(options, id)))
    const agreed = judge(self, others)
    if (agreed !== undefined) {
      if (agreed.voters.length > 0) await adopt(agreed)
      logger.info("controller quorum", { voters: agreed.voters.map(({ nodeId }) => nodeId), isVoter: agreed.voters.length > 0 })
      return agreed
    }
    if (!hasComplained && clock.monotonicMillis() - startedMillis > complainAfterMillis) {
      hasComplained = true
      const missing = voterIds.filter((id) => id !== self.nodeId && !others.some((it) => it?.key.nodeId === id))
      logger.warn("waiting for the other controllers of controller.quorum.voters to start", { missing })
    }
    await pause(clock, roundMillis)
  }
  return observerOnly
}

/**
 * Waits until no other process answers under this node's id: two of them would take each other's messages. One that was
 * killed is gone at once, so this is a mistake in a configuration, or the end of the other one is near.
 */
export async function waitForOwnId(options: Pick<VoterAgreementOptions, "bus" | "clock" | "clusterName" | "logger" | "self">, isClosed: () => boolean): Promise<void> {
  const { clock, logger, self } = options
  for (let attempt = 0; !isClosed(); attempt++) {
    const other = await ask(options, self.nodeId)
    if (other === undefined) return
    if (attempt === 0) {
      logger.error("another process runs with this node.id and cluster.name; waiting for its end", { nodeId: self.nodeId, directoryId: other.key.directoryId })
    }
    await pause(clock, complainAfterMillis)
  }
}

/** Answers nodes that look for the first voters; the returned function ends it. */
export function serveVoterAgreement(
  { bus, clusterName, self }: Pick<VoterAgreementOptions, "bus" | "clusterName" | "self">, bootstrap: () => Configuration | undefined
): () => void {
  return bus.serve(subjectOf(clusterName, self.nodeId, "bootstrap"), () => {
    const adopted = bootstrap()
    const introduction: Introduction = { clusterName, key: self, ...(adopted === undefined ? {} : { bootstrap: adopted }) }
    return Buffer.from(JSON.stringify(introduction), "utf8")
  })
}

function judge(self: NodeKey, others: ReadonlyArray<Introduction | undefined>): Configuration | undefined {
  const formed = others.find((it) => it?.bootstrap !== undefined)?.bootstrap
  if (formed !== undefined) {
    const isNamed = formed.voters.some(({ directoryId, nodeId }) => nodeId === self.nodeId && directoryId === self.directoryId)
    return isNamed ? formed : observerOnly
  }
  const keys: Array<NodeKey> = [self]
  for (const other of others) {
    if (other === undefined) return undefined
    keys.push(other.key)
  }
  return { voters: keys.toSorted((a, b) => a.nodeId - b.nodeId), learners: [] }
}

/** Undefined where the node does not answer, or answers nonsense. Without a connection of our own nobody can, and it is waited for. */
async function ask({ bus, clock, clusterName }: Pick<VoterAgreementOptions, "bus" | "clock" | "clusterName">, nodeId: number): Promise<Introduction | undefined> {
  for (;;) {
    try {
      const introduction = parse(await bus.request(subjectOf(clusterName, nodeId, "bootstrap"), Buffer.alloc(0), askMillis))
      return introduction?.clusterName === clusterName && introduction.key.nodeId === nodeId ? introduction : undefined
    } catch (cause) {
      // Whatever else kept it from answering, it is asked again.
      if (!(cause instanceof Disconnected)) return undefined
      await pause(clock, roundMillis)
    }
  }
}

function parse(reply: Buffer): Introduction | undefined {
  try {
    const value = JSON.parse(reply.toString("utf8")) as Introduction
    return isKey(value.key) && (value.bootstrap === undefined || isConfiguration(value.bootstrap)) ? value : undefined
  } catch {
    // No JSON: not a node of ours.
    return undefined
  }
}

const isConfiguration = ({ learners, voters }: Configuration): boolean => [...voters, ...learners].every(isKey)

const isKey = (value: NodeKey | undefined): boolean =>
  value !== undefined && Number.isSafeInteger(value.nodeId) && typeof value.directoryId === "string"
