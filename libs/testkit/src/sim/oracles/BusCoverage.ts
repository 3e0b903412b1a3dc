import { type AlterPartitionRequest, decodeAlterPartitionRequest, decodeControllerCallRequest, decodeControllerCallResponse, Reader } from "@tailrace/kafka-protocol"
import { decodeFetchMessage } from "@tailrace/replication/sessions"
import type { BusWatcher } from "../world/BusWatcher.ts"
import type { Coverage } from "./Coverage.ts"

export interface BusCoverageOptions {
  readonly coverage: Coverage
  /** The highest term in which a node led the controllers. */
  readonly term: () => number
  readonly nowMillis: () => number
  /** A leader asks the controller for other in-sync replicas. */
  readonly onProposal: (from: string, request: AlterPartitionRequest) => void
}

/** The number that asks for other in-sync replicas have among the calls between nodes. */
const alterPartitionKey = 1003
const changeMillisMax = 3_000

/** Finds in what nodes say to each other that sessions were opened anew, and that proposals were lost while the controller changed. */
export class BusCoverage implements BusWatcher {
  readonly #options: BusCoverageOptions
  /** By the two uptimes, the last session. */
  readonly #sessions = new Map<string, number>()
  #lost: Array<{ readonly term: number; readonly atMillis: number }> = []

  constructor(options: BusCoverageOptions) {
    this.#options = options
  }

  published(subject: string, payload: Uint8Array): void {
    if (!subject.endsWith(".fetch")) return
    const message = decodeFetchMessage(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength))
    if (message.kind !== "full") return
    const { from, sessionId, to } = message
    const name = `${from.nodeId}@${from.brokerEpoch} ${to.nodeId}@${to.brokerEpoch}`
    const before = this.#sessions.get(name)
    this.#sessions.set(name, sessionId)
    if (before !== undefined && before !== sessionId) this.#options.coverage.add("session resync")
  }

  requested(from: string, subject: string, payload: Uint8Array): ((reply: Uint8Array | undefined) => void) | undefined {
    if (!subject.endsWith(".controller")) return undefined
    const reader = new Reader(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength))
    const { apiKey, apiVersion, body } = decodeControllerCallRequest(reader, reader.int16())
    if (apiKey !== alterPartitionKey) return undefined
    this.#options.onProposal(from, decodeAlterPartitionRequest(new Reader(body), apiVersion))
    const term = this.#options.term()
    return (reply) => {
      if (reply !== undefined && isDone(reply)) return
      if (this.#options.term() > term) this.#count()
      else this.#lost.push({ term, atMillis: this.#options.nowMillis() })
    }
  }

  /** Another node, or the same one in another term, is the controller. */
  controllerChanged(): void {
    const since = this.#options.nowMillis() - changeMillisMax
    if (this.#lost.some(({ atMillis, term }) => atMillis >= since && term < this.#options.term())) this.#count()
    this.#lost = []
  }

  #count(): void {
    this.#options.coverage.add("AlterPartition lost across a controller change")
  }
}

function isDone(reply: Uint8Array): boolean {
  const reader = new Reader(Buffer.from(reply.buffer, reply.byteOffset, reply.byteLength))
  return decodeControllerCallResponse(reader, reader.int16()).errorCode === 0
}
