import type { Broker } from "@tailrace/contracts"
import type { Api, ByteBudget } from "@tailrace/kafka-protocol"
import type { Clock, Logger, Random } from "@tailrace/runtime"
import type { ListenerLimits } from "../ListenerLimits.ts"
import type { ListenerMetrics } from "../ListenerMetrics.ts"
import type { AnswerBudget } from "./AnswerBudget.ts"
import type { FetchSessions } from "./FetchSessions.ts"

/** What every connection of a node's listeners shares. */
export interface ListenerContext {
  /** What clients are told: the APIs that have a handler. */
  readonly servedApis: ReadonlyArray<Api>
  readonly broker: Broker
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly limits: ListenerLimits
  readonly metrics: ListenerMetrics
  readonly frameBudget: ByteBudget
  /** The share of requests that wait for something to come. */
  readonly parkedBudget: ByteBudget
  readonly answerBudget: AnswerBudget
  readonly fetchSessions: FetchSessions
}
