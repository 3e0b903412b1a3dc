import { readFileSync } from "node:fs"
import { CommandError } from "../CommandError.ts"

export interface CsvOffset {
  /** Undefined in files of a single group. */
  readonly group: string | undefined
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** Kafka's files have no header: `topic,partition,offset`, with the group in front when there are several. */
export const offsetsToCsv = (
  offsets: ReadonlyArray<{ readonly group: string; readonly topic: string; readonly partition: number; readonly offset: number }>, hasGroups: boolean
): string => offsets.map(({ group, offset, partition, topic }) =>
  `${hasGroups ? `${quoted(group)},` : ""}${quoted(topic)},${partition},${offset}\n`).join("")

export const offsetsFromCsv = (path: string, hasGroups: boolean): ReadonlyArray<CsvOffset> => {
  let text: string
  try {
    text = readFileSync(path, "utf8")
  } catch (cause) {
    throw new CommandError(`cannot read ${path}: ${(cause as Error).message}`, { cause })
  }
  return text.split(/\r?\n/).flatMap((line, index) => line.trim() === "" ? [] : [readLine(line, `${path} line ${index + 1}`, hasGroups)])
}

const quoted = (text: string): string => /[",\s]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text

const readLine = (line: string, where: string, hasGroups: boolean): CsvOffset => {
  const cells = [...line.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^,]*))\s*(?:,|$)/g)].slice(0, -1).map(([, inQuotes, plain]) => inQuotes?.replaceAll('""', '"') ?? plain?.trim() ?? "")
  const [offset, partition, topic, group] = cells.toReversed()
  const isWhole = (cell: string | undefined): boolean => cell !== undefined && /^\d+$/.test(cell) && Number.isSafeInteger(Number(cell))
  if (cells.length !== (hasGroups ? 4 : 3) && cells.length !== 4 || topic === undefined || !isWhole(partition) || !isWhole(offset)) {
    throw new CommandError(`${where}: "${line}" is not ${hasGroups ? "group," : ""}topic,partition,offset`)
  }
  return { group, topic, partition: Number(partition), offset: Number(offset) }
}
