import { HistoryFormatError } from "./HistoryFormatError.ts"
import type { OffsetMark, Operation, OperationMeta, OperationRecord } from "./Operation.ts"

export interface WrittenHistory {
  /** What the first line says besides: seed, versions, where it comes from. */
  readonly header: Readonly<Record<string, unknown>>
  readonly operations: ReadonlyArray<Operation>
}

const format = "tailrace-history"
const version = 1
/** A longer line is refused instead of read; one poll of Kafka's defaults is far below. */
const lineBytesMax = 16 << 20
/** What is written at once; one text cannot hold a whole history of millions of operations. */
const chunkCharacters = 1 << 20
const unplaced = -1

const kinds: ReadonlySet<unknown> =
  new Set(["send", "poll", "txn", "assign", "seek", "commit", "committed", "offsets", "drain", "fault"])
const outcomes: ReadonlySet<unknown> = new Set(["ok", "fail", "info"])
const markKinds: ReadonlySet<unknown> = new Set(["start", "end", "highWatermark", "lastStable", "committed", "control", "position"])

type Fields = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value)
const isOffset = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= -1

const headerLine = (header: Fields): string => `${JSON.stringify({ ...header, format, version })}\n`

/** Empty lists are left out: most operations have most of them empty. */
const line = (operation: Operation): string => {
  const { records, marks, keys, meta, ...rest } = operation
  return `${JSON.stringify({
    ...rest,
    ...(records.length === 0 ? {} : { records }), ...(marks.length === 0 ? {} : { marks }), ...(keys.length === 0 ? {} : { keys }),
    ...(Object.keys(meta).length === 0 ? {} : { meta })
  })}\n`
}

/** The lines, several together, for whoever writes them down one behind the other. */
const chunks = function*(operations: Iterable<Operation>, header: Fields = {}): Generator<string> {
  let lines = [headerLine(header)]
  let characters = 0
  for (const operation of operations) {
    const next = line(operation)
    lines.push(next)
    characters += next.length
    if (characters < chunkCharacters) continue
    yield lines.join("")
    lines = []
    characters = 0
  }
  if (lines.length > 0) yield lines.join("")
}

/** A history of up to about 500 MB as one text; `chunks` has no limit. */
const write = (operations: Iterable<Operation>, header: Fields = {}): string => [...chunks(operations, header)].join("")

/** Fields of one line, each checked when it is taken. */
class LineReader {
  readonly #fields: Fields
  readonly #line: number

  constructor(fields: Fields, lineNumber: number) {
    this.#fields = fields
    this.#line = lineNumber
  }

  fail(fault: string): never {
    throw new HistoryFormatError(this.#line, fault)
  }

  text(name: string): string {
    const value = this.#fields[name]
    return typeof value === "string" && value !== "" ? value : this.fail(`${name} is not a text`)
  }

  millis(name: string): number {
    const value = this.#fields[name]
    return typeof value === "number" && Number.isFinite(value) ? value : this.fail(`${name} is not a number`)
  }

  oneOf<T>(name: string, values: ReadonlySet<unknown>): T {
    const value = this.#fields[name]
    return values.has(value) ? value as T : this.fail(`${name} is none of ${[...values].join(", ")}`)
  }

  list<T>(name: string, read: (item: LineReader, value: unknown) => T): ReadonlyArray<T> {
    const value = this.#fields[name] ?? []
    if (!Array.isArray(value)) return this.fail(`${name} is not a list`)
    return value.map((item: unknown) => read(new LineReader(isObject(item) ? item : {}, this.#line), item))
  }

  offset(name: string): number {
    const value = this.#fields[name] ?? -1
    return isOffset(value) ? value : this.fail(`${name} is not an offset`)
  }

  optionalNumber(name: string): number | undefined {
    const value = this.#fields[name]
    return value === undefined || value === null ? undefined : Number.isSafeInteger(value) ? value as number : this.fail(`${name} is not a whole number`)
  }

  optionalText(name: string): string | undefined {
    const value = this.#fields[name]
    return value === undefined || value === null ? undefined : typeof value === "string" ? value : this.fail(`${name} is not a text`)
  }

  meta(): OperationMeta {
    const value = this.#fields["meta"] ?? {}
    return isObject(value) ? value : this.fail("meta is not an object")
  }

  has(name: string): boolean {
    return this.#fields[name] !== undefined
  }
}

const readRecord = (item: LineReader): OperationRecord => ({
  key: item.text("key"), offset: item.offset("offset"), value: item.text("value"),
  ...(item.has("step") ? { step: item.oneOf<"send" | "poll">("step", new Set(["send", "poll"])) } : {})
})

const readMark = (item: LineReader): OffsetMark => {
  const count = item.optionalNumber("count")
  const leaderEpoch = item.optionalNumber("leaderEpoch")
  return {
    kind: item.oneOf<OffsetMark["kind"]>("kind", markKinds), key: item.text("key"), offset: item.offset("offset"),
    ...(count === undefined ? {} : { count }), ...(leaderEpoch === undefined ? {} : { leaderEpoch })
  }
}

const readOperation = (reader: LineReader): Operation => {
  const process = reader.text("process")
  const f = reader.oneOf<Operation["f"]>("f", kinds)
  const type = reader.oneOf<Operation["type"]>("type", outcomes)
  const errorCode = reader.optionalNumber("errorCode")
  const error = reader.optionalText("error")
  const invokeMillis = reader.millis("invokeMillis")
  const completeMillis = reader.millis("completeMillis")
  if (completeMillis < invokeMillis) reader.fail("completeMillis is before invokeMillis")
  return {
    process, f, type, invokeMillis, completeMillis,
    invokeIndex: reader.optionalNumber("invokeIndex") ?? unplaced, completeIndex: reader.optionalNumber("completeIndex") ?? unplaced,
    records: reader.list("records", readRecord), marks: reader.list("marks", readMark),
    keys: reader.list("keys", (item, value) => typeof value === "string" && value !== "" ? value : item.fail("keys holds what is not a text")),
    ...(errorCode === undefined ? {} : { errorCode }), ...(error === undefined ? {} : { error }), meta: reader.meta()
  }
}

/**
 * Gives operations of another program their places. At the same moment beginnings come first, so that what may have been
 * concurrent counts as concurrent.
 */
const place = (operations: ReadonlyArray<Operation>): ReadonlyArray<Operation> => {
  if (operations.every(({ invokeIndex, completeIndex }) => invokeIndex >= 0 && completeIndex >= 0)) return operations
  const events = operations.flatMap((operation, index) => [
    { index, isEnd: false, millis: operation.invokeMillis }, { index, isEnd: true, millis: operation.completeMillis }
  ]).toSorted((a, b) => a.millis - b.millis || Number(a.isEnd) - Number(b.isEnd))
  const invokeIndexes: Array<number> = []
  const completeIndexes: Array<number> = []
  events.forEach(({ index, isEnd }, at) => {
    (isEnd ? completeIndexes : invokeIndexes)[index] = at
  })
  return operations.map((operation, index) =>
    ({ ...operation, invokeIndex: invokeIndexes[index] as number, completeIndex: completeIndexes[index] as number }))
}

const parse = (text: string, lineNumber: number): Fields => {
  if (text.length > lineBytesMax) throw new HistoryFormatError(lineNumber, `longer than ${lineBytesMax} characters`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new HistoryFormatError(lineNumber, "not JSON", { cause })
  }
  if (!isObject(value)) throw new HistoryFormatError(lineNumber, "not an object")
  return value
}

/**
 * Reads what {@link HistoryText.write} wrote, or another program in the same format: unknown fields are left alone, and lines may
 * stand in any order, for operations are put in the order of their beginnings. Throws `HistoryFormatError`.
 */
const read = (text: string): WrittenHistory => {
  let header: Fields | undefined
  const operations: Array<Operation> = []
  let lineNumber = 0
  for (let at = 0; at < text.length;) {
    const end = text.indexOf("\n", at)
    const part = text.slice(at, end < 0 ? text.length : end)
    at = end < 0 ? text.length : end + 1
    lineNumber++
    if (part.trim() === "") continue
    const fields = parse(part, lineNumber)
    if (header === undefined) {
      if (fields["format"] !== format) throw new HistoryFormatError(lineNumber, `the first line has no "format": "${format}"`)
      if (fields["version"] !== version) throw new HistoryFormatError(lineNumber, `version ${String(fields["version"])}, this reads version ${version}`)
      header = fields
    } else {
      operations.push(readOperation(new LineReader(fields, lineNumber)))
    }
  }
  if (header === undefined) throw new HistoryFormatError(1, "there is no first line")
  return { header, operations: place(operations).toSorted((a, b) => a.invokeIndex - b.invokeIndex) }
}

/**
 * A history as lines of JSON. The first line says `"format": "tailrace-history", "version": 1`; every other line is one
 * `Operation`, where empty lists, an empty `meta` and both indexes may be missing.
 */
export const HistoryText = { headerLine, line, chunks, write, read } as const
