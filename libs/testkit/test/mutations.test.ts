import { SeededRandom } from "@tailrace/runtime/simulated"
import { assert, describe, it } from "vitest"
import { type AnomalyName, checkHistory, HistoryText, type Operation } from "../src/index.ts"
import { HistoryGenerator } from "./generateHistory.ts"

type Operations = Array<Operation>

/** Makes a correct history wrong in place; false where this one has nothing that could be made wrong that way. */
interface Corruption {
  readonly name: string
  readonly expected: AnomalyName
  readonly undrained?: boolean
  readonly corrupt: (operations: Operations, random: SeededRandom) => boolean
}

const edit = (operations: Operations, index: number, change: Partial<Operation>): boolean => {
  operations[index] = { ...operations[index] as Operation, ...change }
  return true
}

const choose = (operations: Operations, random: SeededRandom, test: (operation: Operation, index: number) => boolean): number => {
  const found = operations.flatMap((operation, index) => test(operation, index) ? [index] : [])
  return found.length === 0 ? -1 : found[random.nextInt(found.length)] as number
}

const isDrainPoll = (operation: Operation): boolean => operation.meta.isDrain === true && operation.records.length > 0
const isReaderPoll = (operation: Operation): boolean => operation.process.startsWith("reader") && operation.records.length > 0
const wasRead = (operations: Operations, value: string): boolean =>
  operations.some((operation) => operation.f === "poll" && operation.records.some((record) => record.value === value))
const keep = (operations: Operations, test: (operation: Operation, value: string) => boolean): void => {
  operations.forEach((operation, index) => {
    if (operation.f === "poll") edit(operations, index, { records: operation.records.filter(({ value }) => test(operation, value)) })
  })
}

/** The index of a later poll of the same reader, for a partition that both have records of. */
const nextPoll = (operations: Operations, index: number): number => {
  const { process, records } = operations[index] as Operation
  return operations.findIndex((other, at) => at > index && other.process === process && isReaderPoll(other)
    && other.records[0]?.key === records.at(-1)?.key)
}

const corruptions: ReadonlyArray<Corruption> = [
  { name: "a record is missing from the drain", expected: "lost-write", corrupt: (operations, random) => {
    const at = choose(operations, random, ({ f, type }) => f === "send" && type === "ok")
    const value = operations[at]?.records[0]?.value
    keep(operations, (operation, other) => operation.meta.isDrain !== true || other !== value)
    return at >= 0
  } },
  { name: "a record is missing from every poll", expected: "lost-write", undrained: true, corrupt: (operations, random) => {
    const at = choose(operations, random, ({ f, type, records }) => f === "send" && type === "ok" && operations.some((other) =>
      other.f === "send" && other.type === "ok" && other.records[0]?.key === records[0]?.key && (other.records[0]?.offset ?? 0) > (records[0]?.offset ?? 0)))
    const value = operations[at]?.records[0]?.value
    keep(operations, (_, other) => other !== value)
    return at >= 0
  } },
  { name: "the last record is never read", expected: "unseen", undrained: true, corrupt: (operations) => {
    const last = operations.filter(({ f, type, records }) => f === "send" && type === "ok" && records[0]?.key === "x/1")
      .toSorted((a, b) => (a.records[0]?.offset ?? 0) - (b.records[0]?.offset ?? 0)).at(-1)?.records[0]
    // Whatever was read behind it goes too.
    operations.forEach((operation, index) => {
      if (operation.f === "poll") edit(operations, index, { records: operation.records.filter(({ key, offset }) => key !== "x/1" || offset < (last?.offset ?? 0)) })
    })
    return last !== undefined
  } },
  { name: "an offset has another value for one reader", expected: "inconsistent-offsets", corrupt: (operations, random) => {
    const at = choose(operations, random, (operation) => isDrainPoll(operation) && operation.records.length > 1)
    const [first, second, ...rest] = operations[at]?.records ?? []
    if (first === undefined || second === undefined) return false
    return edit(operations, at, { records: [{ ...first, value: second.value }, second, ...rest] })
  } },
  { name: "a failed send is read", expected: "G1a", corrupt: (operations, random) => {
    const at = choose(operations, random, ({ f, type, records }) => f === "send" && type !== "fail" && wasRead(operations, records[0]?.value ?? ""))
    return edit(operations, at, { type: "fail", error: "NOT_ENOUGH_REPLICAS" })
  } },
  { name: "a repetition is stored", expected: "duplicate", corrupt: (operations, random) => {
    const at = choose(operations, random, isDrainPoll)
    const { records } = operations[at] as Operation
    return edit(operations, at, { records: [...records, { ...records[0] as Operation["records"][number], offset: 100_000 }] })
  } },
  { name: "a poll begins one record too late", expected: "poll-skip", corrupt: (operations, random) => {
    // The other partitions of the reader are left as they are.
    const sameKey = (index: number): Operation["records"] =>
      operations[nextPoll(operations, index)]?.records.filter(({ key }) => key === operations[index]?.records.at(-1)?.key) ?? []
    const at = choose(operations, random, (operation, index) => isReaderPoll(operation) && sameKey(index).length > 1)
    const next = nextPoll(operations, at < 0 ? 0 : at)
    const first = at < 0 ? undefined : sameKey(at)[0]
    return first !== undefined && edit(operations, next, { records: operations[next]?.records.filter((record) => record !== first) ?? [] })
  } },
  { name: "a poll repeats the last record", expected: "nonmonotonic-poll", corrupt: (operations, random) => {
    const at = choose(operations, random, (operation, index) => isReaderPoll(operation) && nextPoll(operations, index) >= 0)
    const last = operations[at]?.records.at(-1)
    const next = nextPoll(operations, at)
    return at >= 0 && last !== undefined && edit(operations, next, { records: [last, ...operations[next]?.records ?? []] })
  } },
  { name: "a poll leaves a record out", expected: "int-poll-skip", corrupt: (operations, random) => {
    const at = choose(operations, random, ({ f, records }) => f === "poll" && records.length > 2 && records[0]?.key === records[2]?.key)
    return at >= 0 && edit(operations, at, { records: operations[at]?.records.filter((_, index) => index !== 1) ?? [] })
  } },
  { name: "a poll is out of order", expected: "int-nonmonotonic-poll", corrupt: (operations, random) => {
    const at = choose(operations, random, ({ f, records }) => f === "poll" && records.length > 1 && records[0]?.key === records[1]?.key)
    const [first, second, ...rest] = operations[at]?.records ?? []
    return first !== undefined && second !== undefined && edit(operations, at, { records: [second, first, ...rest] })
  } },
  { name: "two acknowledgements change places", expected: "nonmonotonic-send", corrupt: (operations, random) => {
    const isAcknowledged = ({ f, type }: Operation): boolean => f === "send" && type === "ok"
    const first = choose(operations, random, (operation, index) => isAcknowledged(operation) && operations.some((other, at) =>
      at > index && isAcknowledged(other) && other.process === operation.process && other.records[0]?.key === operation.records[0]?.key))
    const a = operations[first]
    const second = operations.findIndex((other, at) =>
      at > first && isAcknowledged(other) && other.process === a?.process && other.records[0]?.key === a.records[0]?.key)
    const one = a?.records[0]
    const two = operations[second]?.records[0]
    if (one === undefined || two === undefined) return false
    edit(operations, first, { records: [{ ...one, offset: two.offset }] })
    return edit(operations, second, { records: [{ ...two, offset: one.offset }] })
  } },
  { name: "an acknowledgement names another offset", expected: "duplicate", corrupt: (operations, random) => {
    const at = choose(operations, random, ({ f, type }) => f === "send" && type === "ok")
    const record = operations[at]?.records[0]
    return record !== undefined && edit(operations, at, { records: [{ ...record, offset: record.offset + 5_000 }] })
  } },
  { name: "the end lies behind a hole", expected: "offset-hole", corrupt: (operations, random) => {
    const at = choose(operations, random, ({ f }) => f === "drain")
    return edit(operations, at, { marks: operations[at]?.marks.map((mark) => mark.kind === "end" ? { ...mark, offset: mark.offset + 1 } : mark) ?? [] })
  } },
  { name: "an unacknowledged record that was read is gone", expected: "unrepeatable-read", corrupt: (operations, random) => {
    const at = choose(operations, random, ({ f, type, records }) => f === "send" && type === "info"
      && operations.some((other) => isReaderPoll(other) && other.records.some(({ value }) => value === records[0]?.value)))
    const value = operations[at]?.records[0]?.value
    keep(operations, (operation, other) => operation.meta.isDrain !== true || other !== value)
    return at >= 0
  } },
  { name: "the end goes back", expected: "high-watermark-regression", corrupt: (operations) => {
    const lookups = operations.flatMap(({ f, marks }, index) => f === "offsets" && (marks[0]?.offset ?? 0) > 0 ? [index] : [])
    const first = lookups[0]
    const second = lookups.find((index) => index > (first ?? 0) && operations[index]?.marks[0]?.key === operations[first ?? 0]?.marks[0]?.key)
    if (first === undefined || second === undefined) return false
    const mark = operations[second]?.marks[0] as Operation["marks"][number]
    return edit(operations, second, { marks: [{ ...mark, offset: (operations[first]?.marks[0]?.offset ?? 0) - 1 }] })
  } },
  { name: "records lie above the high watermark", expected: "read-above-high-watermark", corrupt: (operations, random) => {
    const at = choose(operations, random, isDrainPoll)
    const last = operations[at]?.records.at(-1)?.offset ?? 0
    return edit(operations, at, { marks: operations[at]?.marks.map((mark) => ({ ...mark, offset: last })) ?? [] })
  } },
  { name: "a commit of an old generation is accepted", expected: "stale-commit", corrupt: (operations, random) => {
    const at = choose(operations, random, ({ f, type, meta }) => f === "commit" && type === "ok" && (meta.generation ?? 0) > 1)
    const operation = operations[at]
    return operation !== undefined && edit(operations, at, { meta: { ...operation.meta, generation: (operation.meta.generation ?? 0) - 1 } })
  } },
  { name: "a commit is forgotten", expected: "stale-committed-offset", corrupt: (operations, random) => {
    const at = choose(operations, random, ({ f, marks }, index) => f === "committed" && (marks[0]?.offset ?? -1) >= 0
      && operations.some((other, before) => before < index && other.f === "commit" && other.type === "ok" && other.marks.some(({ key }) => key === marks[0]?.key)))
    const mark = operations[at]?.marks[0]
    return mark !== undefined && edit(operations, at, { marks: [{ ...mark, offset: -1 }] })
  } },
  { name: "two members have one partition", expected: "double-ownership", corrupt: (operations, random) => {
    const at = choose(operations, random, ({ f, meta }) => f === "assign" && meta.group !== undefined)
    const operation = operations[at] as Operation
    operations.push({ ...operation, process: "member-3", invokeIndex: operation.completeIndex + 0.1, completeIndex: operation.completeIndex + 0.2 })
    return true
  } },
  { name: "a group commits beyond a record that nobody got", expected: "undelivered", corrupt: (operations, random) => {
    const commits = operations.flatMap(({ f, type, marks }) => f === "commit" && type === "ok" ? marks : [])
    const at = choose(operations, random, ({ f, meta, records }) => f === "poll" && meta.group !== undefined
      && records.some(({ key, offset }) => commits.some((mark) => mark.key === key && mark.offset > offset)))
    const lost = operations[at]?.records.find(({ key, offset }) => commits.some((mark) => mark.key === key && mark.offset > offset))
    keep(operations, (operation, value) => operation.meta.group === undefined || value !== lost?.value)
    return at >= 0
  } },
  { name: "a value from nowhere", expected: "unsent-read", corrupt: (operations, random) => {
    const at = choose(operations, random, isDrainPoll)
    const [first, ...rest] = operations[at]?.records ?? []
    return first !== undefined && edit(operations, at, { records: [{ ...first, value: "garbage" }, ...rest] })
  } }
]

const seeds = Array.from({ length: 12 }, (_, seed) => seed + 1)

describe("correct histories", () => {
  it("have nothing bad, drained or not, and the same when they were written down and read", () => {
    for (const seed of seeds) {
      for (const drained of [true, false]) {
        const operations = HistoryGenerator.generate(seed, 400, drained)
        const result = checkHistory({ operations })
        assert.isTrue(result.isValid, `seed ${seed}: ${JSON.stringify(result.findings[0])}`)
        const copy = HistoryText.read(HistoryText.write(operations, { seed }))
        assert.deepStrictEqual(copy.operations, operations)
        assert.deepStrictEqual(checkHistory(copy).counts, result.counts)
      }
    }
  })
})

describe("a corruption is found", () => {
  it.each(corruptions)("$name: $expected", ({ expected, undrained, corrupt }) => {
    let applied = 0
    for (const seed of seeds) {
      const operations = [...HistoryGenerator.generate(seed, 400, undrained !== true)]
      if (!corrupt(operations, new SeededRandom(seed))) continue
      applied++
      const { counts } = checkHistory({ operations })
      assert.isAbove(counts[expected]?.bad ?? 0, 0, `seed ${seed}: ${JSON.stringify(counts)}`)
    }
    assert.isAtLeast(applied, 5)
  })
})
