import { posix } from "node:path"
import type { Source } from "../Source.ts"
import { packageOf, type Rule, type Workspace } from "../Workspace.ts"

/**
 * Hot files, and doors that must stay cheap to load. Neither they nor anything they load at run time may load Effect:
 * an Effect costs hundreds of nanoseconds where a call costs one, and 50 ms of start-up.
 */
export const effectFreePaths: ReadonlyArray<RegExp> = [
  /^libs\/(?:record|kafka-protocol|raft|metadata|replication|coordinator|contracts|codecs)\/src\//,
  /^libs\/(?:runtime|bus|client|log|kafka-listener)\/src\/(?:index|simulated)\.ts$/,
  /^libs\/(?:runtime|bus|log|kafka-listener)\/src\/internal\//,
  /^libs\/log\/src\/(?:PartitionLog|LmdbStore|Store|WriteGate)\.ts$/,
  /^libs\/node\/src\/Partition[^/]*\.ts$/
]

export const effectFree: Rule = (workspace) => {
  const sources = new Map(workspace.rooms.flatMap((room) => room.sources.map((source) => [source.path, source])))
  const known = new Map<string, ReadonlyArray<string> | undefined>()
  const violations: Array<string> = []
  for (const source of sources.values()) {
    if (!effectFreePaths.some((path) => path.test(source.path))) continue
    const way = wayToEffect(workspace, sources, source, known)
    if (way !== undefined) violations.push(way.join(" -> "))
  }
  return violations
}

/** The chain of imports by which a file loads Effect, undefined where it does not. */
function wayToEffect(
  workspace: Workspace,
  sources: ReadonlyMap<string, Source>,
  source: Source,
  known: Map<string, ReadonlyArray<string> | undefined>
): ReadonlyArray<string> | undefined {
  if (known.has(source.path)) return known.get(source.path)
  known.set(source.path, undefined)
  for (const { specifier, isTypeOnly } of source.imports) {
    if (specifier === undefined || isTypeOnly) continue
    if (/^@?effect(?:\/|$)/.test(specifier)) {
      known.set(source.path, [source.path, specifier])
      break
    }
    const target = sources.get(resolve(workspace, source.path, specifier) ?? "")
    const way = target === undefined ? undefined : wayToEffect(workspace, sources, target, known)
    if (way !== undefined) {
      known.set(source.path, [source.path, ...way])
      break
    }
  }
  return known.get(source.path)
}

function resolve({ rooms }: Workspace, from: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return posix.join(posix.dirname(from), specifier)
  const room = rooms.find(({ name }) => name === packageOf(specifier))
  const target = room?.manifest.exports?.[`.${specifier.slice(room.name.length)}`]
  return target === undefined ? undefined : posix.join(room!.directory, target)
}
