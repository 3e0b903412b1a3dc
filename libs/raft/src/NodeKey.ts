/**
 * Who takes part: a node and the directory that its log lives in. A voter is the pair, so a node that comes back with
 * another directory (wiped, replaced, or an old one mounted again) is not the voter that promised something.
 */
export interface NodeKey {
  readonly nodeId: number
  /** Empty in an address means whichever directory the node has now. */
  readonly directoryId: string
}

export function sameKey(a: NodeKey | undefined, b: NodeKey | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return a.nodeId === b.nodeId && a.directoryId === b.directoryId
}

/** The key as a text, for maps and for reading. */
export function nameOfKey(key: NodeKey): string {
  return `${key.nodeId}/${key.directoryId}`
}
