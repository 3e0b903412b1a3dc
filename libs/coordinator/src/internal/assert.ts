/** Something this room guarantees turned out to be false: the shard must be dropped and rebuilt from its log. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`)
}
