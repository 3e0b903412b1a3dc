import type { SimulatedClient, SimulatedNode } from "../support/SimulatedNode.ts"

export const topic = "orders"
export const unknownId = "zzzzzzzzzzzzzzzzzzzzzw"
/** A group whose coordinator has been found. */
export const group = "billing"

/** A node with one topic of two records. */
export interface Given {
  readonly node: SimulatedNode
  readonly client: SimulatedClient
  readonly topicId: string
}

/** Sends sensible requests in one version, and judges the answers as Kafka would give them. */
export type Check = (given: Given, version: number) => Promise<void>
