import type { AnomalyName, Severity } from "../../Anomaly.ts"
import type { Operation } from "../../Operation.ts"
import type { Findings } from "../Findings.ts"
import { type HistoryIndex, isRead } from "../HistoryIndex.ts"
import { stronglyConnected } from "../stronglyConnected.ts"

/** Operations that depend on each other: nodes are operations, and for real time also moments. */
class Graph {
  readonly from: Array<number> = []
  readonly to: Array<number> = []

  add(from: number, to: number): void {
    if (from === to) return
    this.from.push(from)
    this.to.push(to)
  }

  with(other: Graph): Graph {
    const sum = new Graph()
    for (const graph of [this, other]) {
      for (const node of graph.from) sum.from.push(node)
      for (const node of graph.to) sum.to.push(node)
    }
    return sum
  }
}

/**
 * Circles of operations that each wrote behind the one before (ww) or read what it wrote (wr). Kafka isolates no writes, so a
 * circle with an inferred order of writes is allowed; one of reads alone is not, among transactions that read committed records.
 */
export const checkCycles = (index: HistoryIndex, findings: Findings): void => {
  const { operations } = index
  const numbers = new Map(operations.map((operation, number) => [operation, number]))
  const writes = writeOrder(index, numbers)
  const reads = readsOf(index, numbers)
  const both = writes.with(reads)
  const reported = new Set<string>()
  const report = (graph: Graph, nodeCount: number, nameOf: (members: ReadonlySet<number>) => readonly [AnomalyName, Severity]): void => {
    for (const component of stronglyConnected(nodeCount, graph.from, graph.to)) {
      const members = component.filter((node) => node < operations.length).toSorted((a, b) => a - b)
      const identity = members.join()
      if (members.length < 2 || reported.has(identity)) continue
      reported.add(identity)
      const evidence = members.map((node) => operations[node] as Operation)
      const [name, severity] = nameOf(new Set(members))
      findings.add(name, severity, evidence[0]?.records[0]?.key ?? "",
        `${evidence.length} operations: ${evidence.slice(0, 4).map(({ process, f }) => `${process} ${f}`).join(", ")}`, evidence.slice(0, 8))
    }
  }
  const count = operations.length
  report(reads, count, (members) => ["G1c", isReadCommitted(operations, members) ? "bad" : "report"])
  report(writes, count, () => ["G0", "report"])
  report(both, count, () => ["G1c", "report"])
  const process = processOrder(index, numbers)
  report(writes.with(process), count, () => ["G0-process", "report"])
  report(both.with(process), count, () => ["G1c-process", "report"])
  const realTime = realTimeOrder(index)
  report(writes.with(realTime), count * 2, () => ["G0-realtime", "report"])
  report(both.with(realTime), count * 2, () => ["G1c-realtime", "report"])
}

const isReadCommitted = (operations: ReadonlyArray<Operation>, members: ReadonlySet<number>): boolean =>
  [...members].every((node) => operations[node]?.meta.isolation === "read_committed")

/** From the writer of each record of a partition to the writer of the next one. */
const writeOrder = (index: HistoryIndex, numbers: ReadonlyMap<Operation, number>): Graph => {
  const graph = new Graph()
  for (const partition of index.partitions.values()) {
    let previous: number | undefined
    for (const offset of partition.offsets) {
      const writer = partition.entries.get(offset)?.write?.operation
      const number = writer === undefined ? undefined : numbers.get(writer)
      if (number === undefined) continue
      if (previous !== undefined) graph.add(previous, number)
      previous = number
    }
  }
  return graph
}

const readsOf = (index: HistoryIndex, numbers: ReadonlyMap<Operation, number>): Graph => {
  const graph = new Graph()
  index.operations.forEach((operation, reader) => {
    for (const record of operation.records) {
      if (!isRead(operation, record)) continue
      const writer = index.partition(record.key).writes.get(record.value)?.operation
      const number = writer === undefined ? undefined : numbers.get(writer)
      if (number !== undefined) graph.add(number, reader)
    }
  })
  return graph
}

/** What one process did after it had ended something else. */
const processOrder = (index: HistoryIndex, numbers: ReadonlyMap<Operation, number>): Graph => {
  const graph = new Graph()
  const last = new Map<string, Operation>()
  for (const operation of index.operations) {
    const before = last.get(operation.process)
    if (before !== undefined && before.completeIndex < operation.invokeIndex) graph.add(numbers.get(before) ?? 0, numbers.get(operation) ?? 0)
    last.set(operation.process, operation)
  }
  return graph
}

/**
 * Everything that had ended when something else began, with one node for each end: operation, its end, the next end, and from the
 * last end before a beginning to what begins. So there are few edges for many pairs. What is unknown may not have ended.
 */
const realTimeOrder = (index: HistoryIndex): Graph => {
  const graph = new Graph()
  const count = index.operations.length
  const events = index.operations.flatMap((operation, node) => [
    { at: operation.invokeIndex, node, isEnd: false },
    ...operation.type === "ok" ? [{ at: operation.completeIndex, node, isEnd: true }] : []
  ]).toSorted((a, b) => a.at - b.at)
  let lastEnd: number | undefined
  for (const { node, isEnd } of events) {
    if (!isEnd) {
      if (lastEnd !== undefined) graph.add(lastEnd, node)
      continue
    }
    const end = count + node
    graph.add(node, end)
    if (lastEnd !== undefined) graph.add(lastEnd, end)
    lastEnd = end
  }
  return graph
}
