import type { Operation } from "../../Operation.ts"
import type { Findings } from "../Findings.ts"
import type { HistoryIndex } from "../HistoryIndex.ts"

/** Consumer groups: one owner of a partition in each generation, commits of the current generation alone, and none that is forgotten. */
export const checkGroups = (index: HistoryIndex, findings: Findings): void => {
  checkOwners(index, findings)
  checkGenerations(index, findings)
  checkCommitted(index, findings)
  checkDelivered(index, findings)
}

const groupOf = (operation: Operation): string | undefined => operation.meta.group

const checkOwners = (index: HistoryIndex, findings: Findings): void => {
  const owners = new Map<string, Operation>()
  for (const operation of index.byCompletion) {
    const { group, generation } = operation.meta
    if (operation.f !== "assign" || group === undefined || generation === undefined || generation < 0) continue
    for (const key of operation.keys) {
      const place = `${group} ${generation} ${key}`
      const owner = owners.get(place)
      if (owner === undefined) owners.set(place, operation)
      else if (owner.process !== operation.process) {
        findings.add("double-ownership", "bad", key,
          `${owner.process} and ${operation.process} both had it in generation ${generation} of ${group}`, [owner, operation])
      }
    }
  }
}

/** Once a newer generation was seen at work, the coordinator knows of it, so it has to refuse commits of older ones. */
const checkGenerations = (index: HistoryIndex, findings: Findings): void => {
  const newest = new Map<string, { readonly generation: number; readonly operation: Operation }>()
  const known = new Map<Operation, { readonly generation: number; readonly operation: Operation } | undefined>()
  const relevant = index.operations.filter((operation) =>
    (operation.f === "commit" || operation.f === "assign") && operation.type === "ok" && groupOf(operation) !== undefined)
  const events = relevant.flatMap((operation) => [
    { at: operation.invokeIndex, operation, isEnd: false }, { at: operation.completeIndex, operation, isEnd: true }
  ]).toSorted((a, b) => a.at - b.at)
  for (const { operation, isEnd } of events) {
    const group = groupOf(operation) as string
    const generation = operation.meta.generation ?? -1
    if (generation < 0) continue
    if (!isEnd) {
      known.set(operation, newest.get(group))
      continue
    }
    const before = known.get(operation)
    if (operation.f === "commit" && before !== undefined && before.generation > generation) {
      findings.add("stale-commit", "bad", group,
        `a commit of generation ${generation} was accepted behind generation ${before.generation}`, [before.operation, operation])
    }
    if ((newest.get(group)?.generation ?? -1) < generation) newest.set(group, { generation, operation })
  }
}

/** Commits of one group and partition, as a register that can be written and read. */
interface Register {
  /** The acknowledged commit that began last, among those that ended before the point that the sweep has come to. */
  latest: Operation | undefined
  /** For each offset, of the commits that may have written it, the one that ended last. */
  readonly writers: Map<number, { readonly endIndex: number; readonly operation: Operation }>
}

const endIndexOf = (operation: Operation): number => operation.type === "info" ? Infinity : operation.completeIndex

/** What a group is told is an offset whose commit was not certainly overwritten before the question was asked. */
const checkCommitted = (index: HistoryIndex, findings: Findings): void => {
  const registers = new Map<string, Register>()
  const registerOf = (operation: Operation, key: string): Register => {
    const place = `${groupOf(operation) ?? ""} ${key}`
    const register = registers.get(place) ?? { latest: undefined, writers: new Map() }
    registers.set(place, register)
    return register
  }
  const asked = new Map<Operation, ReadonlyMap<string, Operation | undefined>>()
  const relevant = index.operations.filter((operation) =>
    (operation.f === "commit" && operation.type !== "fail") || (operation.f === "committed" && operation.type === "ok"))
  const events = relevant.flatMap((operation) => [
    { at: operation.invokeIndex, operation, isEnd: false }, { at: operation.completeIndex, operation, isEnd: true }
  ]).toSorted((a, b) => a.at - b.at)
  for (const { operation, isEnd } of events) {
    const marks = operation.marks.filter((mark) => mark.kind === "committed")
    if (operation.f === "commit") {
      for (const mark of marks) {
        const register = registerOf(operation, mark.key)
        if (!isEnd) {
          const writer = register.writers.get(mark.offset)
          if (writer === undefined || writer.endIndex < endIndexOf(operation)) {
            register.writers.set(mark.offset, { endIndex: endIndexOf(operation), operation })
          }
        } else if (operation.type === "ok" && (register.latest?.invokeIndex ?? -1) < operation.invokeIndex) register.latest = operation
      }
    } else if (!isEnd) {
      asked.set(operation, new Map(marks.map((mark) => [mark.key, registerOf(operation, mark.key).latest])))
    } else {
      for (const mark of marks) {
        const latest = asked.get(operation)?.get(mark.key)
        const writer = registerOf(operation, mark.key).writers.get(mark.offset)
        const isCurrent = mark.offset < 0 ? latest === undefined
          : writer !== undefined && (latest === undefined || writer.endIndex >= latest.invokeIndex)
        if (isCurrent) continue
        findings.add("stale-committed-offset", "bad", mark.key,
          `${groupOf(operation) ?? "the group"} was told ${mark.offset}, which is not its last commit`,
          [...writer === undefined ? [] : [writer.operation], ...latest === undefined ? [] : [latest], operation])
      }
    }
  }
}

interface Delivered {
  readonly offsets: Map<number, number>
  first: number
  fromStart: boolean
  committed: number
  commit: Operation | undefined
}

/** Every record below the highest commit reached some member; records that were got more than once are counted. */
const checkDelivered = (index: HistoryIndex, findings: Findings): void => {
  const groups = new Map<string, Map<string, Delivered>>()
  const deliveredOf = (group: string, key: string): Delivered => {
    const keys = groups.get(group) ?? new Map<string, Delivered>()
    groups.set(group, keys)
    const delivered = keys.get(key) ?? { offsets: new Map(), first: Infinity, fromStart: true, committed: 0, commit: undefined }
    keys.set(key, delivered)
    return delivered
  }
  for (const operation of index.byCompletion) {
    const group = groupOf(operation)
    if (group === undefined) continue
    if (operation.f === "assign" && operation.meta.reset === "latest") for (const key of operation.keys) deliveredOf(group, key).fromStart = false
    if (operation.f === "poll" || operation.f === "txn") {
      for (const record of operation.records) {
        if (operation.f === "txn" && record.step !== "poll") continue
        const delivered = deliveredOf(group, record.key)
        delivered.first = Math.min(delivered.first, record.offset)
        delivered.offsets.set(record.offset, (delivered.offsets.get(record.offset) ?? 0) + 1)
      }
    }
    if (operation.f !== "commit" || operation.type !== "ok") continue
    for (const mark of operation.marks) {
      const delivered = deliveredOf(group, mark.key)
      if (mark.kind !== "committed" || mark.offset <= delivered.committed) continue
      delivered.committed = mark.offset
      delivered.commit = operation
    }
  }
  for (const [group, keys] of groups) {
    for (const [key, delivered] of keys) reportDelivered(index, group, key, delivered, findings)
  }
}

const reportDelivered = (index: HistoryIndex, group: string, key: string, delivered: Delivered, findings: Findings): void => {
  const partition = index.partition(key)
  const from = delivered.fromStart ? partition.start : Math.max(partition.start, delivered.first)
  for (const offset of partition.offsets) {
    if (offset >= delivered.committed) break
    if (offset < from || delivered.offsets.has(offset)) continue
    const { operation } = partition.entries.get(offset) as { readonly operation: Operation }
    findings.add("undelivered", "bad", key, `${group} committed ${delivered.committed}, and no member got offset ${offset}`,
      [operation, ...delivered.commit === undefined ? [] : [delivered.commit]])
  }
  for (const [offset, count] of delivered.offsets) {
    if (count < 2) continue
    findings.add("consume-counts", "report", key, `${group} got offset ${offset} ${count} times`, [])
  }
}
