import type { Bus } from "@tailrace/bus"
import { ErrorCode } from "@tailrace/kafka-protocol"
import { type LogFault, StoreError } from "@tailrace/log"
import { Batch } from "@tailrace/record"
import type { Clock, Logger } from "@tailrace/runtime"
import { subjectOf } from "../internal/subjectOf.ts"
import type { PartitionActor } from "../PartitionActor.ts"

export interface DamageRepairOptions {
  readonly bus: Bus
  readonly clusterName: string
  readonly nodeId: number
  readonly clock: Clock
  readonly logger: Logger
  /** The controller has applied that this node's storage is suspect, since the last damage was found. */
  readonly isDamageKnown: () => boolean
  readonly partition: (topicId: string, partition: number) => PartitionActor | undefined
  readonly partitions: () => Iterable<PartitionActor>
}

interface RepairRequest {
  readonly topicId: string
  readonly partition: number
  readonly leaderEpoch: number
  readonly fromOffset: number
  readonly toOffset: number
}

interface RepairReply {
  readonly errorCode: number
  readonly logStartOffset: number
  /** Where the batches behind this header end. */
  readonly nextOffset: number
}

/** One portion of a repair; a larger batch travels alone, as far as the bus takes it. */
export const repairBytesMax = 256 * 1024
/** Portions that one node sends at a time. */
export const repairRequestsMax = 4
const periodMillis = 1_000
const requestMillis = 2_000
const headerBytes = 4

/**
 * Mends replicas whose disk did not keep what was written: a follower with damage in its log gets the damaged range from the
 * leader, byte for byte, and is a follower like any other again. Until then it acknowledges nothing, and its node tells the
 * controller that its storage is suspect. Where the ranges do not fit each other, the follower begins afresh, but not before the
 * controller knows: an empty log shows no damage any more, and whoever was an eligible leader until then would be trusted with
 * nothing. From then on the replica is in no set, and what it does not acknowledge keeps it out, so nothing of it is missed.
 */
export class DamageRepair {
  readonly #options: DamageRepairOptions
  readonly #unserve: () => void
  #isRepairing = false
  #isClosed = false
  #cancel: () => void

  constructor(options: DamageRepairOptions) {
    const { bus, clock, clusterName, nodeId } = options
    this.#options = options
    this.#unserve = bus.serve(subjectOf(clusterName, nodeId, "repair"), (payload) => this.#answer(payload), { requestsMax: repairRequestsMax })
    const look = (): void => {
      this.#cancel = clock.after(periodMillis, look)
      void this.#repairAll()
    }
    this.#cancel = clock.after(periodMillis, look)
  }

  close(): void {
    this.#isClosed = true
    this.#cancel()
    this.#unserve()
  }

  async #repairAll(): Promise<void> {
    if (this.#isRepairing) return
    this.#isRepairing = true
    try {
      for (const actor of this.#options.partitions()) {
        if (actor.isFollower && actor.log.fault !== undefined && !this.#isClosed) await this.#repair(actor)
      }
    } finally {
      this.#isRepairing = false
    }
  }

  async #repair(actor: PartitionActor): Promise<void> {
    const { logger } = this.#options
    for (let fault = actor.log.fault; fault !== undefined && actor.isFollower && !this.#isClosed; fault = actor.log.fault) {
      const fetched = await this.#fetch(actor, fault)
      if (fetched === undefined || fetched.reply.errorCode !== ErrorCode.NONE) return
      const progress = await this.#apply(actor, fault, fetched.reply, fetched.batches)
      if (progress === "later") return
      const { offset, endOffset, reason } = fault
      if (progress === "repaired") logger.info("damage repaired from the leader", { topic: actor.topic, partition: actor.partition, offset, endOffset, reason })
    }
  }

  async #apply(actor: PartitionActor, fault: LogFault, reply: RepairReply, batches: Buffer): Promise<"repaired" | "afresh" | "later"> {
    try {
      return await this.#mend(actor, fault, reply, batches)
    } catch (cause) {
      // The disk takes nothing now. The fault is still there when it does.
      if (cause instanceof StoreError) return "later"
      throw cause
    }
  }

  async #mend(actor: PartitionActor, fault: LogFault, reply: RepairReply, batches: Buffer): Promise<"repaired" | "afresh" | "later"> {
    const { leaderEpoch, log } = actor
    if (reply.logStartOffset > fault.offset && reply.logStartOffset <= log.highWatermark) {
      log.advanceStartOffset(reply.logStartOffset)
      // Where that changes nothing, asking at once again would not either.
      return log.fault === fault ? "later" : "repaired"
    }
    const toOffset = Math.min(reply.nextOffset, fault.endOffset)
    const refusal = batches.length === 0 ? "missing" : await log.replaceRange(fault.offset, toOffset, batches)
    if (refusal === undefined) return "repaired"
    if (refusal === "stale") return "later"
    if (!this.#options.isDamageKnown()) return "later"
    // The leader's log is cut into batches otherwise, by a compaction for instance.
    return actor.startAfresh(leaderEpoch, reply.logStartOffset) === "appended" ? "afresh" : "later"
  }

  async #fetch(actor: PartitionActor, { endOffset, offset }: LogFault): Promise<{ readonly reply: RepairReply; readonly batches: Buffer } | undefined> {
    const { bus, clusterName } = this.#options
    const request: RepairRequest = {
      topicId: actor.topicId, partition: actor.partition, leaderEpoch: actor.leaderEpoch, fromOffset: offset, toOffset: endOffset
    }
    try {
      return parseReply(await bus.request(subjectOf(clusterName, actor.leader, "repair"), Buffer.from(JSON.stringify(request)), requestMillis))
    } catch {
      // Whatever kept the leader from answering, it is asked again in the next round.
      return undefined
    }
  }

  async #answer(payload: Buffer): Promise<Uint8Array> {
    const { fromOffset, leaderEpoch, partition, toOffset, topicId } = JSON.parse(payload.toString("utf8")) as RepairRequest
    const actor = this.#options.partition(topicId, partition)
    const refused = (errorCode: number) => encodeReply({ errorCode, logStartOffset: -1, nextOffset: -1 }, [])
    if (actor === undefined || !actor.isLeader || !actor.mayLead || actor.leaderEpoch !== leaderEpoch) return refused(ErrorCode.NOT_LEADER_OR_FOLLOWER)
    const { logStartOffset } = actor
    if (fromOffset < logStartOffset) return encodeReply({ errorCode: ErrorCode.NONE, logStartOffset, nextOffset: logStartOffset }, [])
    const { chunks, errorCode } = await actor.readForReplica(fromOffset, repairBytesMax, true)
    if (errorCode !== ErrorCode.NONE) return refused(errorCode)
    const { nextOffset, taken } = wholeBatchesBelow(chunks, fromOffset, toOffset)
    const reply = encodeReply({ errorCode, logStartOffset, nextOffset }, taken)
    // A batch that no message holds comes with the ordinary fetches, in fragments: the follower begins afresh.
    return reply.length <= this.#options.bus.payloadBytesMax ? reply : encodeReply({ errorCode, logStartOffset, nextOffset: fromOffset }, [])
  }
}

/** The batches that end at or below an offset. */
function wholeBatchesBelow(chunks: ReadonlyArray<Buffer>, fromOffset: number, toOffset: number): { readonly nextOffset: number; readonly taken: Array<Buffer> } {
  let nextOffset = fromOffset
  const taken: Array<Buffer> = []
  for (const chunk of chunks) {
    Batch.forEach(chunk, 0, chunk.length, (at, size) => {
      const end = Batch.nextOffset(chunk, at)
      if (end > toOffset) return
      taken.push(chunk.subarray(at, at + size))
      nextOffset = end
    })
  }
  return { nextOffset, taken }
}

function encodeReply(reply: RepairReply, batches: ReadonlyArray<Buffer>): Buffer {
  const header = Buffer.from(JSON.stringify(reply), "utf8")
  const length = Buffer.allocUnsafe(headerBytes)
  length.writeUInt32BE(header.length)
  return Buffer.concat([length, header, ...batches])
}

function parseReply(payload: Buffer): { readonly reply: RepairReply; readonly batches: Buffer } {
  const end = headerBytes + payload.readUInt32BE(0)
  return { reply: JSON.parse(payload.toString("utf8", headerBytes, end)) as RepairReply, batches: payload.subarray(end) }
}
