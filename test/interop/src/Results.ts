import { acksLevels, clients, codecs, columnsOf, emptyReason, toolCells } from "../matrix.ts"
import type { ClientRow } from "../matrix.ts"

type Outcome = { readonly kind: "passed" | "failed" | "skipped"; readonly why: string }

/** What became of each planned cell. A cell counts once; the first failure stays. */
export class Results {
  private readonly cells = new Map<string, Outcome>()
  private readonly started = Date.now()

  pass(row: string, column: string): void {
    if (!this.cells.has(`${row} ${column}`)) this.cells.set(`${row} ${column}`, { kind: "passed", why: "" })
  }

  fail(row: string, column: string, why: string): void {
    if (this.cells.get(`${row} ${column}`)?.kind === "failed") return
    this.cells.set(`${row} ${column}`, { kind: "failed", why })
    console.log(`FAILED ${row} ${column}: ${why}`)
  }

  skip(row: string, column: string, why: string): void {
    if (!this.cells.has(`${row} ${column}`)) this.cells.set(`${row} ${column}`, { kind: "skipped", why })
  }

  passed(row: string, column: string): boolean {
    return this.cells.get(`${row} ${column}`)?.kind === "passed"
  }

  /** Runs the body of a cell: it passes unless the body throws. */
  async cell(row: string, column: string, body: () => Promise<void>): Promise<boolean> {
    const before = Date.now()
    try {
      await body()
      this.pass(row, column)
    } catch (error) {
      this.fail(row, column, error instanceof Error ? error.message : String(error))
    }
    if (process.env["INTEROP_TIMES"] !== undefined) console.log(`  ${((before - this.started) / 1000).toFixed(1)} s: ${row} ${column} took ${Date.now() - before} ms`)
    return this.passed(row, column)
  }

  /** Prints the matrix, the reasons of empty cells, each failure, and the line of counts; answers whether nothing failed. */
  print(planned: ReadonlyArray<readonly [row: string, column: string]>, directory: string, keep: boolean): boolean {
    for (const [row, column] of planned) {
      if (!this.cells.has(`${row} ${column}`)) this.cells.set(`${row} ${column}`, { kind: "failed", why: "the run ended before this cell" })
    }
    console.log(`\n${this.table()}\n`)
    console.log(`${toolCells.map((cell) => `${this.mark("tools", cell)} ${cell}`).join("   ")}\n`)
    for (const row of clients) for (const [column, why] of Object.entries(row.empty)) console.log(`- ${row.name} ${column}: ${why}`)
    for (const row of clients) if (row.expressibleReason !== undefined) console.log(`- ${row.name} writes less than the others: ${row.expressibleReason}`)
    const outcomes = [...this.cells.values()]
    const count = (kind: Outcome["kind"]): number => outcomes.filter((one) => one.kind === kind).length
    for (const why of new Set(outcomes.filter((one) => one.kind === "skipped").map((one) => one.why))) console.log(`skipped: ${why}`)
    for (const [why, cells] of this.failures()) console.log(`FAILED ${cells.length > 5 ? `${cells.length} cells` : cells.join(", ")}: ${why}`)
    if (count("failed") > 0 || keep) console.log(`what the clients and the broker said: ${directory}`)
    console.log(`${((Date.now() - this.started) / 1000).toFixed(0)} s`)
    console.log(`${count("passed")} passed, ${count("failed")} failed${count("skipped") > 0 ? `, ${count("skipped")} skipped` : ""}`)
    return count("failed") === 0
  }

  /** The cells that failed, by reason, as one cause often fails many. */
  private failures(): Map<string, string[]> {
    const failures = new Map<string, string[]>()
    for (const [cell, { kind, why }] of this.cells) if (kind === "failed") failures.set(why, [...(failures.get(why) ?? []), cell])
    return failures
  }

  /** Codec columns have a mark for each acks, bulk and read one for each codec. */
  private table(): string {
    const heads = ["client", ...codecs, "bulk", "read", "group", "resume", "live"]
    const rows = clients.map((row) => [
      row.name,
      ...codecs.map((codec) => acksLevels.map((acks) => this.mark(row.name, `${codec}/${acks}`, row)).join("")),
      codecs.map((codec) => this.mark(row.name, `bulk/${codec}`, row)).join(""),
      codecs.map((codec) => this.mark(row.name, `read/${codec}`, row)).join(""),
      this.mark(row.name, "group", row),
      this.mark(row.name, "resume", row),
      this.mark(row.name, "live", row)
    ])
    const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]?.length ?? 0)))
    const line = (cells: ReadonlyArray<string>): string => cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ").trimEnd()
    return [line(heads), ...rows.map(line), "codec columns: acks 0, 1, all; bulk and read: none, gzip, snappy, lz4, zstd; + passed  X failed  s skipped  - empty, reason below"].join("\n")
  }

  private mark(row: string, column: string, client?: ClientRow): string {
    if (client !== undefined && emptyReason(client, column) !== undefined) return "-"
    const kind = this.cells.get(`${row} ${column}`)?.kind
    return kind === "passed" ? "+" : kind === "failed" ? "X" : kind === "skipped" ? "s" : "."
  }
}

/** All cells that a run has to fill. */
export function plannedCells(): Array<readonly [row: string, column: string]> {
  return [
    ...clients.flatMap((row) => columnsOf(row).map((column) => [row.name, column] as const)),
    ...toolCells.map((cell) => ["tools", cell] as const)
  ]
}
