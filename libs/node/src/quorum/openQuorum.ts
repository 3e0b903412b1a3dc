import type { Bus } from "@tailrace/bus"
import { CorruptLogError, DirectoryDamagedError, type LogDirectory } from "@tailrace/log"
import type { BrokerConfig } from "@tailrace/metadata"
import { type Configuration, defaultRaftConfig } from "@tailrace/raft"
import type { RecordCodecs } from "@tailrace/record"
import type { Clock, Logger, Random } from "@tailrace/runtime"
import { agreeOnVoters, serveVoterAgreement, waitForOwnId } from "./agreeOnVoters.ts"
import { MetadataBatches } from "./MetadataBatches.ts"
import { MetadataDamagedError } from "./MetadataDamagedError.ts"
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
 * This node's part of the controller quorum, from what its directory holds. A node whose directory is empty first finds out
 * who the voters are: itself where it is alone, otherwise by `agreeOnVoters`. Rejects with `MetadataDamagedError`.
 */
export async function openQuorum(options: OpenQuorumOptions, listener: QuorumListener, signal: AbortSignal): Promise<OpenedQuorum> {
  const { buses, clock, codecs, config, directory, logger, random } = options
  // A node that was alone and joins others keeps its metadata where it is.
  const home = directory.log(metadataTopicId, 0) === undefined ? options.metadataDirectory ?? directory : directory
  const batches = new MetadataBatches(codecs, config.get("internal.metadata.max.batch.size.in.bytes"))
  const storage = await openStorage(home, batches, config, home === directory)
  const clusterName = config.get("cluster.name")
  const self = { nodeId: config.nodeId, directoryId: home.directoryId }
  let voterIds = config.quorumVoterIds
  let isObserver = false
  const adopt = (configuration: Configuration) => storage.setBootstrap(configuration, batches)
  if (buses === undefined) {
    if (storage.isEmpty && storage.bootstrap === undefined) await adopt({ voters: [self], learners: [] })
  }
  const known = (): Configuration | undefined =>
    storage.bootstrap ?? (storage.isEmpty && !isObserver ? undefined : { voters: [], learners: [] })
  if (buses !== undefined) await waitForOwnId({ clusterName, self, bus: buses.control, clock, logger }, () => signal.aborted)
  const unserve = buses === undefined ? () => undefined : serveVoterAgreement({ bus: buses.control, clusterName, self }, known)
  if (buses !== undefined && known() === undefined && voterIds.length === 1 && voterIds[0] === self.nodeId) {
    const found = await seekQuorum({ clusterName, nodeId: self.nodeId, bus: buses.control, clock, logger })
    isObserver = found !== undefined
    voterIds = found ?? voterIds
  }
  if (buses !== undefined && known() === undefined) {
    const agreed = await agreeOnVoters({ clusterName, self, voterIds, bus: buses.control, clock, logger, adopt }, () => signal.aborted)
    isObserver = agreed.voters.length === 0
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

async function openStorage(home: LogDirectory, batches: MetadataBatches, config: BrokerConfig, hasPartitions: boolean): Promise<QuorumStorage> {
  try {
    return await QuorumStorage.open(home, batches)
  } catch (cause) {
    if (!(cause instanceof CorruptLogError || cause instanceof DirectoryDamagedError)) throw cause
    throw new MetadataDamagedError(hasPartitions ? config.dataDirectory : config.metadataDirectory, hasPartitions, cause)
  }
}
