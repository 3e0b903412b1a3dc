/** What a node listens to. Subjects are per node and kind, never per partition or actor. */
export type SubjectKind = "raft" | "bootstrap" | "sought" | "controller" | "probe" | "fetch" | "batches" | "repair"

/** The cluster's name is part of every subject: clusters may share NATS servers. */
export function subjectOf(clusterName: string, nodeId: number, kind: SubjectKind): string {
  return `${clusterName}.${nodeId}.${kind}`
}
