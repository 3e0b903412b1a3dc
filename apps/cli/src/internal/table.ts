/** A column's title and the width that it has at least. */
export type Column = readonly [title: string, widthMin: number]

/** Rows under a header as Kafka's tools print them: to the left, one blank between columns, the last one without padding. */
export const table = (columns: ReadonlyArray<Column>, rows: ReadonlyArray<ReadonlyArray<string | number>>): string => {
  const cells = [columns.map(([title]) => title), ...rows.map((row) => row.map(String))]
  const widths = columns.map(([, widthMin], index) => longest(cells.map((row) => row[index] ?? ""), widthMin))
  return cells.map((row) => `${row.map((cell, index) =>
    index === columns.length - 1 ? cell : cell.padEnd(widths[index] ?? 0)).join(" ")}\n`).join("")
}

/** The length of the longest text, but at least so much. There may be more texts than a call can have arguments. */
export const longest = (texts: ReadonlyArray<string>, lengthMin: number): number =>
  texts.reduce((length, text) => Math.max(length, text.length), lengthMin)

/** What stands in a column that has no value. */
export const noValue = "-"
