import type { Bus } from "@tailrace/bus"
import { CorruptLogError, DirectoryDamagedError, type LogDirectory } from "@tailrace/log"
import type { BrokerConfig } from "@tailrace/metadata"
import { type Configuration, defaultRaftConfig } from "@tailrace/raft"
import type { RecordCodecs } from "@tailrace/record"
import type { Clock, Logger, Random } from "@tailrace/runtime"
import { agreeOnVoters, observerOnly, serveVoterAgreement, type VoterAgreementOptions, waitForOwnId } from "./agreeOnVoters.ts"
import { MetadataBatches } from "./MetadataBatches.ts"
import { MetadataDamagedError } from "./MetadataDamagedError.ts"
import { MetadataMismatchError } from "./MetadataMismatchError.ts"
import { logBytesMaxDefault, Quorum, type QuorumListener } from "./Quorum.ts"
import { metadataTopicId, QuorumStorage } from "./QuorumStorage.ts"
import { answerSeekers, seekQuorum } from "./seekQuorum.ts"

export interface OpenQuorumOptions {
  readonly config: BrokerConfig
  readonly directory: LogDirectory
  readonly metadataDirectory?: LogDirectory
  readonly codecs: RecordCodecs
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly buses?: { readonly control: Bus; readonly renew?: () => void }
}

export interface OpenedQuorum {
  readonly quorum: Quorum
  readonly close: () => void
}

/**
 * This node's part of the controller quorum, from what its directories hold. A node that is new first finds out who the voters are:
 * itself where it is alone, otherwise by `agreeOnVoters`. One whose data directory was in use, and whose metadata is gone, founds no
 * quorum: the young metadata would name none of its logs. Rejects with `MetadataDamagedError` or `MetadataMismatchError`.
 */
export async function openQuorum(options: OpenQuorumOptions, listener: QuorumListener, signal: AbortSignal): Promise<OpenedQuorum> {
  const { buses, clock, codecs, config, directory, logger, random } = options
  // A node that was alone and joins others keeps its metadata where it is.
  const home = directory.log(metadataTopicId, 0) === undefined ? options.metadataDirectory ?? directory : directory
  const wasUsed = directory.brokerEpoch >= 0
  // Before anything is written: metadata that once begins in the data directory stays there.
  if (buses === undefined && wasUsed && home.log(metadataTopicId, 0) === undefined) throw MetadataMismatchError.missing(config)
  const batches = new MetadataBatches(codecs, config.get("internal.metadata.max.batch.size.in.bytes"))
  const storage = await openStorage(home, batches, config, home === directory)
  storage.onLost = (cause) => listener.crashed(damaged(config, home === directory, cause))
  if (home !== directory) {
    home.onCorruption = (_, { endOffset, offset, reason }) => {
      logger.error("the metadata log is damaged on the disk; it is written anew from memory", { offset, endOffset, reason })
      storage.mend()
    }
  }
  const clusterName = config.get("cluster.name")
  const self = { nodeId: config.nodeId, directoryId: home.directoryId }
  const adopt = (configuration: Configuration) => storage.setBootstrap(configuration, batches)
  const isNew = storage.isEmpty && storage.bootstrap === undefined
  let isObserver = isNew && wasUsed
  if (buses === undefined && isNew) await adopt({ voters: [self], learners: [] })
  const known = (): Configuration | undefined => storage.bootstrap ?? (storage.isEmpty && !isObserver ? undefined : observerOnly)
  if (buses !== undefined) await waitForOwnId({ clusterName, self, bus: buses.control, clock, logger }, () => signal.aborted)
  const unserve = buses === undefined ? () => undefined : serveVoterAgreement({ bus: buses.control, clusterName, self }, known)
  let voterIds = config.quorumVoterIds
  if (buses !== undefined && isNew) {
    if (isObserver) logger.warn(...missing(config))
    const found = await findVoters({ clusterName, self, voterIds, bus: buses.control, clock, logger, adopt }, isObserver, signal)
    isObserver = found.isObserver
    voterIds = found.voterIds
  }
  const quorum = new Quorum({
    clusterName, self, bootstrapNodeIds: voterIds, storage, batches, bus: buses?.control, clock, random, logger,
    ...(buses?.renew === undefined ? {} : { onSilence: buses.renew }),
    tickMillis: Math.max(1, Math.floor(config.get("controller.quorum.election.timeout.ms") / defaultRaftConfig.electionTicks)),
    logBytesMax: Math.min(config.get("metadata.log.max.record.bytes.between.snapshots"), logBytesMaxDefault)
  }, listener)
  const unanswer = buses === undefined ? () => undefined : answerSeekers({ clusterName, nodeId: self.nodeId, bus: buses.control }, () => {
    const { commit, configuration } = quorum.status
    return commit > 0 ? configuration.voters.map(({ nodeId }) => nodeId) : []
  })
  return {
    quorum,
    close: () => {
      unserve()
      unanswer()
      quorum.close()
    }
  }
}

/** For `Effect.tryPromise`: these are what callers have to expect, anything else is a defect. */
export function openFault(cause: unknown): MetadataDamagedError | MetadataMismatchError {
  if (cause instanceof MetadataDamagedError || cause instanceof MetadataMismatchError) return cause
  throw cause
}

/**
 * Whom to ask for the metadata, for a node that has none; where there is no quorum yet, the node may become part of the first one.
 * One that may not, as an observer, and knows nobody but itself seeks until somebody answers.
 */
async function findVoters(
  search: VoterAgreementOptions, isObserver: boolean, signal: AbortSignal
): Promise<{ readonly isObserver: boolean; readonly voterIds: ReadonlyArray<number> }> {
  const { bus, clock, clusterName, logger, self, voterIds } = search
  let found: ReadonlyArray<number> | undefined
  if (voterIds.length === 1 && voterIds[0] === self.nodeId) {
    do found = await seekQuorum({ clusterName, nodeId: self.nodeId, bus, clock, logger })
    while (found === undefined && isObserver && !signal.aborted)
  }
  if (isObserver || found !== undefined) return { isObserver: true, voterIds: found ?? voterIds }
  const agreed = await agreeOnVoters(search, () => signal.aborted)
  return { isObserver: agreed.voters.length === 0, voterIds }
}

/** A line for the log. */
const missing = ({ dataDirectory, metadataDirectory, quorumVoterIds }: BrokerConfig) => [
  "the metadata of this data directory is missing: this node waits for controllers that have it, and founds no quorum",
  {
    dataDirectory, metadataDirectory, controllers: quorumVoterIds,
    advice: "where no majority of the controllers has the metadata, put their metadata directories back (metadata.log.dir may have been changed, or a volume not mounted); to begin without these logs, start all nodes with empty data directories"
  }
] as const

async function openStorage(home: LogDirectory, batches: MetadataBatches, config: BrokerConfig, hasPartitions: boolean): Promise<QuorumStorage> {
  try {
    return await QuorumStorage.open(home, batches)
  } catch (cause) {
    if (!(cause instanceof CorruptLogError || cause instanceof DirectoryDamagedError)) throw cause
    throw damaged(config, hasPartitions, cause)
  }
}

const damaged = (config: BrokerConfig, hasPartitions: boolean, cause: CorruptLogError | DirectoryDamagedError): MetadataDamagedError =>
  new MetadataDamagedError(hasPartitions ? config.dataDirectory : config.metadataDirectory, hasPartitions, cause)
