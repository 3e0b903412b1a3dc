import type { PlantedBug } from "./PlantedBug.ts"

const edit = (file: string, from: string, to: string): PlantedBug["edits"][number] => ({ file: `libs/${file}`, from, to })

const partitionActor = "node/src/PartitionActor.ts"
const followerLog = "node/src/replica/FollowerLog.ts"
const partitionState = "replication/src/PartitionState.ts"
const leaderSession = "replication/src/LeaderSession.ts"
const followerSession = "replication/src/FollowerSession.ts"
const changePartition = "metadata/src/internal/changePartition.ts"
const checkFetched = "replication/src/checkFetchedBatches.ts"
const registerBroker = "metadata/src/decisions/registerBroker.ts"

/** The bugs that the simulator has to find. After a change of it, or of what they change: npm run sim -- --find-bugs. */
export const plantedBugs: ReadonlyArray<PlantedBug> = [
  { name: "duplicate acknowledged early", seed: 1, what: "a retry of an idempotent producer is acknowledged although the original may be lost",
    edits: [edit(partitionActor, "return this.#acknowledge(request, check.baseOffset, check.lastOffset + 1, check.timestamp, done)",
      "return done({ errorCode: ErrorCode.NONE, errorMessage: null, baseOffset: check.baseOffset, logAppendTimeMillis: check.timestamp, logStartOffset: this.#log.startOffset })")] },
  { name: "two writers in one epoch", seed: 8, what: "a leader that was restarted writes in the leader epoch of its earlier life",
    edits: [edit("metadata/src/internal/records.ts", "leaderEpoch: partition.leaderEpoch + (isElection ? 1 : 0)",
      "leaderEpoch: partition.leaderEpoch + (isElection && change.leader >= 0 && change.leader !== partition.isr[0] ? 1 : 0)")] },
  { name: "push without previous epoch", seed: 2, what: "batches are appended behind others than at the leader",
    edits: [edit(followerLog, "!this.#isEmpty && fetched.prevEpoch !== this.#lastEpoch", "fetched.prevEpoch < -1"),
      edit(partitionState, "end.leaderEpoch === fetch.lastFetchedEpoch && end.endOffset >= fetch.fetchOffset", "end.endOffset >= -1")] },
  { name: "AlterPartition dropped on time-out", seed: 6, what: "a leader forgets a proposal that the controller has taken",
    edits: [edit("node/src/lifecycle/IsrKeeper.ts", "        if (!(cause instanceof NotAvailable)) throw cause\n",
      "        if (!(cause instanceof NotAvailable)) throw cause\n        for (const { actor, partitionEpoch } of sent) {\n          this.#open.delete(actor)\n          actor.isrRefused(partitionEpoch)\n        }\n")] },
  { name: "wiped voter votes", seed: 1, what: "a controller that lost its disk elects a leader that lacks what is committed",
    edits: [edit("raft/src/NodeKey.ts", "a.nodeId === b.nodeId && a.directoryId === b.directoryId", "a.nodeId === b.nodeId"),
      edit("raft/src/NodeKey.ts", "return `${key.nodeId}/${key.directoryId}`", "return `${key.nodeId}`"),
      edit("raft/src/internal/step.ts", 'message.to.nodeId === self.nodeId && (message.to.directoryId === self.directoryId || message.to.directoryId === "")', "message.to.nodeId === self.nodeId"),
      edit("node/src/quorum/agreeOnVoters.ts", "nodeId === self.nodeId && directoryId === self.directoryId", 'nodeId === self.nodeId && directoryId !== ""')] },
  { name: "min.insync.replicas change keeps ELR", seed: 100, what: "a replica may lead by a minimum that is not in force",
    edits: [edit("metadata/src/MetadataImage.ts", 'case "ClearElrRecord": return this.#clearElr(record.value.topicName)', 'case "ClearElrRecord": return void this.#clearElr')] },
  { name: "coordinator answers uncommitted state", seed: 3, what: "a group's commit is acknowledged and forgotten by the next coordinator",
    edits: [edit("node/src/GroupShardActor.ts", "this.#release(life, life.committed)\n    this.#setTimer(life)", "this.#release(life, life.appended)\n    this.#setTimer(life)")] },
  { name: "fetch session out of step", seed: 73, what: "a leader goes on with a session of which it missed a part",
    edits: [edit(leaderSession, "if (!this.#isOpen || message.sequence !== this.#sequence + 1)", "if (!this.#isOpen)"),
      edit(leaderSession, "if (this.#checksum !== message.checksum) return this.#resync(message)", "")] },
  { name: "ISR collapse after own stall", seed: 13, what: "a leader that slept drops followers that could not reach it",
    edits: [edit("node/src/lifecycle/IsrKeeper.ts", "if (stalledMillis > periodMillis) actor.stalled(stalledMillis)", "")] },
  { name: "truncation keeps producer state", seed: 3, what: "a retry is taken for a duplicate of a record that was cut away",
    edits: [edit("log/src/PartitionLog.ts", "const { fault } = rebuild(this.#context, state, state.active, (visit) => visitBatches(this.#source, from, end, visit))",
      "const kept = state.producers\n    const { fault } = rebuild(this.#context, state, state.active, (visit) => visitBatches(this.#source, from, end, visit))\n    state.producers = kept")] },
  { name: "follower acknowledges before its flush", seed: 1, what: "what two nodes have in memory counts as durable",
    edits: [edit(followerLog, "durableEnd: log.fault === undefined ? state.durableEnd : 0,", "durableEnd: log.appendedEnd,")] },
  { name: "leader counts what it has not flushed", seed: 1, what: "the leader's own copy counts before it is durable",
    edits: [edit(partitionState, "    let committed = this.#durableEnd\n", "    let committed = this.#appendedEnd\n")] },
  { name: "high watermark from the committed ISR alone", seed: 1, what: "a replica that was just taken in may be elected without what was acknowledged",
    edits: [edit(partitionState, " || this.#proposed?.includes(follower.nodeId) === true", "")] },
  { name: "join before the leader epoch's start", seed: 32, what: "a replica joins the in-sync set by a high watermark that is behind",
    edits: [edit(partitionState, "Math.max(this.#highWatermark, this.#leaderEpochStartOffset)", "this.#highWatermark")] },
  { name: "high watermark moves below the minimum", seed: 1, what: "records count as committed with fewer copies than promised",
    edits: [edit(partitionState, 'if (this.#role !== "leader" || !this.canAcceptAcksAll) return false', 'if (this.#role !== "leader") return false')] },
  { name: "truncation skipped", seed: 2, what: "a follower keeps what its leader does not have",
    edits: [edit(followerLog, "    log.truncateTo(to)\n    state.truncateTo(log.appendedEnd, isUnclean)\n", ""),
      edit(partitionState, "end.leaderEpoch === fetch.lastFetchedEpoch && end.endOffset >= fetch.fetchOffset", "end.endOffset >= -1"),
      edit(followerLog, "!this.#isEmpty && fetched.prevEpoch !== this.#lastEpoch", "fetched.prevEpoch < -1")] },
  { name: "truncation to the high watermark", seed: 80, what: "a follower cuts away what its leader has and counts as flushed there",
    edits: [edit(followerLog, "const to = log.epochs.truncationFor(diverging, from)", "const to = Math.min(from, state.highWatermark)")] },
  { name: "storage that lost something is believed", seed: 77, what: "a node with an emptied or older disk stays in sync",
    edits: [edit(registerBroker, "  if (present === undefined || !isSameDirectory(present, request)) return false\n", "  if (present !== undefined) return true\n  if (!isSameDirectory(present, request)) return false\n")] },
  { name: "broker epoch ignored in AlterPartition", seed: 725, what: "a replica that was restarted meanwhile is taken in by what it had before",
    edits: [edit("metadata/src/decisions/alterPartition.ts", "(!broker.inControlledShutdown && broker.brokerEpoch === brokerEpoch)", "!broker.inControlledShutdown")] },
  { name: "producers forgotten on failover", seed: 1, what: "a retry to the next leader is stored twice",
    edits: [edit(partitionActor, "    const moved = this.#state.becomeLeader(view, this.#options.clock.monotonicMillis())\n",
      "    const moved = this.#state.becomeLeader(view, this.#options.clock.monotonicMillis())\n    this.#log.producers.expire(Infinity, 0)\n")] },
  { name: "commit of an old generation accepted", seed: 56, what: "a member that was replaced overwrites what its successor committed",
    edits: [edit("coordinator/src/internal/offsets.ts", "  const error = memberError(group, memberId, groupInstanceId)\n  if (error !== ErrorCode.NONE) return error\n  if (generationId !== group.generationId) return ErrorCode.ILLEGAL_GENERATION\n", "")] },
  { name: "consumer served above the high watermark", seed: 1, what: "a consumer reads what may be lost",
    edits: [edit("node/src/replica/ClientReads.ts", "const { highWatermark } = state\n    if (fetchOffset >= highWatermark", "const highWatermark = log.appendedEnd\n    if (fetchOffset >= highWatermark")] },
  { name: "end told before the epoch is committed", seed: 4, what: "the end of a partition goes back for whoever asks a new leader",
    edits: [edit("node/src/replica/ClientReads.ts", "if (!isHighWatermarkCurrent) return notAvailable", "")] },
  { name: "repeated answer appended", seed: 22, what: "what comes twice is stored twice",
    edits: [edit(followerSession, "|| !this.#replies.take(message)) return []", "|| !this.#replies.take(message) && !this.#isAnswered) return []"),
      edit(followerLog, "if (fetched.baseOffset !== log.appendedEnd) return \"stale\"", ""),
      edit(followerLog, "if (!this.#isEmpty && fetched.prevEpoch !== this.#lastEpoch) return this.#disagrees(leaderEpoch, fetched.prevEpoch)", ""),
      edit(checkFetched, "if (Batch.baseOffset(b, at) < nextOffset && !isAtStart) return \"offsets\"", "void isAtStart")] },
  { name: "leader outside of the in-sync set", seed: 24, what: "whoever lives is elected, and the others cut away what was acknowledged",
    edits: [edit(changePartition, "if (rules.isUncleanAllowed || wish.election === \"unclean\") return [...lastKnownElr, ...replicas]", "if (replicas.length > 1) return [...lastKnownElr, ...replicas]")] },
  { name: "no self-fencing", seed: 1, what: "a node that was replaced goes on serving",
    edits: [edit("node/src/lifecycle/Lease.ts", "return this.#clock.monotonicMillis() >= this.#validUntilMillis", "return this.#validUntilMillis === -Infinity")] },
  { name: "an attempt to register again ends what the first one began", seed: 2, what: "a node whose registration was answered late leads and follows nothing",
    edits: [edit("node/src/lifecycle/BrokerLifecycle.ts", "{ ...described, incarnationId }", "{ ...describe(), incarnationId }")] },
  { name: "a replica that is held back is forgotten", seed: 93, what: "a replica that could not take what came never asks again",
    edits: [edit("node/src/replica/ReplicaFetcher.ts", "if (this.#release(actor)) this.#session?.touch(actor)", "this.#release(actor)")] },
  { name: "controller answers before the commit", seed: 1, what: "a topic that was created, or a proposal that was taken, is gone with the controller",
    edits: [edit("node/src/ControllerActor.ts", "      this.#undecided.push({ endOffset: proposed.endOffset, records, asked, response })\n      return\n", "      this.#undecided.push({ endOffset: proposed.endOffset, records, asked: { ...asked, resolve: () => undefined }, response })\n      asked.resolve({ response, metadataOffset: quorum.appliedEnd })\n      return\n")] },
  { name: "a deletion makes a fetch look for ever", seed: 9, what: "whoever deletes a topic ends the nodes that serve a long poll of it and of others",
    edits: [edit("kafka-listener/src/internal/FetchOperation.ts", "return this.#targets[i]!.ref === undefined && isUnknown(this.#results[i]!)", "return isUnknown(this.#results[i]!)"),
      edit("kafka-listener/src/internal/FetchOperation.ts", "if (this.#wasReadPending) {\n      if (this.#tellLost()) return this.#answer()", "if (this.#targets.length > 0) {")] }
]

export function plantedBugNamed(name: string): PlantedBug {
  const bug = plantedBugs.find((it) => it.name === name)
  if (bug === undefined) throw new Error(`there is no planted bug "${name}"; there are ${plantedBugs.map((it) => it.name).join(", ")}`)
  return bug
}
