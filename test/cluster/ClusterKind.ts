import type { Layout } from "./Layout.ts"

/** One node of a cluster to be: what it is called, where it lives and which lines its server.properties have beside the ones of its kind. */
export interface NodePlan {
  readonly clusterName: string
  readonly nodeId: number
  readonly nodeIds: ReadonlyArray<number>
  /** Everything that the node writes is below this directory. */
  readonly directory: string
  readonly layout: Layout
  readonly properties: Readonly<Record<string, string>>
}

export interface CommandLine {
  readonly command: string
  readonly args: ReadonlyArray<string>
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
}

export type ClusterKindId = "tailrace" | "kafka" | "kafka-flush"

/** A product of which a cluster of processes can be started. */
export interface ClusterKind {
  readonly id: ClusterKindId
  readonly title: string
  readonly startMillisMax: number
  /** Writes the configuration and whatever has to be there before the first start; again before each start, so it changes nothing that is there. */
  prepare(plan: NodePlan): Promise<void>
  hasBusServer(plan: NodePlan): boolean
  /** The node's bus server, where it has one; after `prepare`. */
  busServer(plan: NodePlan): CommandLine
  node(plan: NodePlan): CommandLine
  /** Where the records are. */
  dataDirectory(plan: NodePlan): string
  /** True where the node answers `/readyz` on its http port. */
  readonly hasReadyz: boolean
}
