import * as fs from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { clients, columnsOf, emptyReason, sizes } from "./matrix.ts"
import type { ClientRow } from "./matrix.ts"
import { openBroker } from "./src/Broker.ts"
import { availabilities } from "./src/Clients.ts"
import { killAll } from "./src/Processes.ts"
import { plannedCells, Results } from "./src/Results.ts"
import { pool, Tier } from "./src/Tier.ts"
import { groupCell, groupTopic } from "./src/cells/GroupCells.ts"
import { goOn, liveTopic, stayConnected } from "./src/cells/LiveCells.ts"
import { readCells } from "./src/cells/ReadCells.ts"
import { afterRestart, beforeRestart, resumeTopic } from "./src/cells/ResumeCells.ts"
import { toolCells, toolTopics } from "./src/cells/ToolCells.ts"
import { writeCells, writeTopics } from "./src/cells/WriteCells.ts"

/** The whole run is bounded, whatever hangs. */
const runMillisMax = 15 * 60_000

const { values: options } = parseArgs({
  options: {
    target: { type: "string", default: "tailrace" },
    only: { type: "string" },
    parts: { type: "string", default: "write,read,group,restart" },
    keep: { type: "boolean", default: false }
  }
})

/** Skips the cells of clients that are missing; on CI they fail, so that a forgotten installation does not look like a success. */
async function availableRows(results: Results): Promise<{ rows: ClientRow[]; tools: boolean }> {
  const only = options.only?.split(",")
  const available = new Set<string>()
  for (const { name, from, found, missing } of await availabilities()) {
    console.log(`${name.padEnd(16)} ${found ?? `MISSING (${missing}): run .ci/install-interop.sh`}   [${from}]`)
    if (found !== undefined && (only === undefined || only.includes(name))) available.add(name)
    else for (const [row, column] of plannedCells()) if (row === name) absent(results, row, column, missing === undefined ? "not chosen by --only" : `${name} is ${missing}: run .ci/install-interop.sh`)
  }
  return { rows: clients.filter((row) => available.has(row.name)), tools: available.has("tools") }
}

function absent(results: Results, row: string, column: string, why: string): void {
  if (process.env["CI"] === "true" && options.only === undefined) results.fail(row, column, why)
  else results.skip(row, column, why)
}

async function createTopics(tier: Tier, rows: ReadonlyArray<ClientRow>, tools: boolean): Promise<void> {
  const topic = (name: string, numPartitions: number) => ({ topic: name, numPartitions })
  await tier.admin.connect()
  await tier.createTopics([
    ...rows.flatMap((row) => [...writeTopics(row), resumeTopic(row), liveTopic(row)].map((name) => topic(name, sizes.partitions))),
    ...rows.map((row) => topic(groupTopic(row), sizes.groupPartitions)),
    ...(tools ? toolTopics().map((name) => topic(name, 1)) : [])
  ])
}

function restartable(rows: ReadonlyArray<ClientRow>): Array<readonly [row: ClientRow, column: string]> {
  return rows.flatMap((row) => columnsOf(row).filter((column) => partOf(column) === "restart").map((column) => [row, column] as const))
}

/** Every client's first half, one restart of the broker for all of them, every client's second half. */
async function restartCells(tier: Tier, rows: ReadonlyArray<ClientRow>): Promise<void> {
  const { restart } = tier.broker
  if (restart === undefined) {
    for (const [row, cell] of restartable(rows)) tier.results.skip(row.name, cell, "the runner did not start this broker, so it cannot restart it")
    return
  }
  const halves = new Map<ClientRow, Awaited<ReturnType<typeof beforeRestart>>>()
  const members = new Map<ClientRow, Awaited<ReturnType<typeof stayConnected>>>()
  const failed = (row: ClientRow, cell: string) => (error: Error): void => tier.results.fail(row.name, cell, error.message)
  await pool(2, rows.map((row) => async () => {
    await beforeRestart(tier, row).then((half) => halves.set(row, half), failed(row, "resume"))
    if (emptyReason(row, "live") === undefined) await stayConnected(tier, row).then((member) => members.set(row, member), failed(row, "live"))
    await tier.closeDriver(row)
  }))
  await restart().catch((error: Error) => { for (const [row, cell] of restartable(rows)) failed(row, cell)(error) })
  await pool(2, rows.map((row) => async () => {
    const [half, member] = [halves.get(row), members.get(row)]
    if (half !== undefined) await tier.results.cell(row.name, "resume", () => afterRestart(tier, row, half))
    if (member !== undefined) await tier.results.cell(row.name, "live", () => goOn(tier, row, member))
    await tier.closeDriver(row)
  }))
}

function partOf(column: string): string {
  if (column === "resume" || column === "live") return "restart"
  return column === "group" ? column : column.startsWith("read/") ? "read" : "write"
}

async function fill(tier: Tier, rows: ReadonlyArray<ClientRow>, tools: boolean): Promise<void> {
  const parts = new Set(options.parts.split(","))
  await createTopics(tier, rows, tools)
  for (const [row, column] of plannedCells()) if (!parts.has(partOf(column))) tier.results.skip(row, column, "not chosen by --parts")
  if (parts.has("write")) await pool(2, [...(tools ? [() => toolCells(tier)] : []), ...rows.map((row) => () => writeCells(tier, row))])
  if (parts.has("read")) await pool(2, rows.map((row) => () => readCells(tier, row)))
  if (parts.has("group")) await pool(3, rows.map((row) => () => groupCell(tier, row)))
  if (parts.has("restart")) await restartCells(tier, rows)
}

/** A broken-off run leaves its cells without an outcome: they count as failed. */
async function fillAgainst(results: Results, directory: string, rows: ReadonlyArray<ClientRow>, tools: boolean): Promise<void> {
  if (rows.length === 0 && !tools) return
  const broker = await openBroker(options.target, directory)
  console.log(`target: ${broker.name} at ${broker.bootstrap}`)
  const tier = new Tier(broker, results, directory)
  try {
    await fill(tier, rows, tools)
  } finally {
    await Promise.all(rows.map((row) => tier.closeDriver(row)))
    await tier.admin.disconnect().catch(() => {})
    await broker.stop()
  }
}

async function main(): Promise<boolean> {
  const results = new Results()
  const directory = fs.mkdtempSync(join(tmpdir(), "tailrace-interop-"))
  const { rows, tools } = await availableRows(results)
  const timer = setTimeout(() => {
    console.log(`the run did not end within ${runMillisMax / 60_000} minutes`)
    results.print(plannedCells(), directory, true)
    process.exit(1)
  }, runMillisMax)
  await fillAgainst(results, directory, rows, tools).catch((error: unknown) => console.log(`the run broke off: ${error instanceof Error ? error.stack : String(error)}`))
  clearTimeout(timer)
  killAll()
  const green = results.print(plannedCells(), directory, options.keep)
  if (green && !options.keep) fs.rmSync(directory, { recursive: true, force: true })
  return green
}

process.exit(await main() ? 0 : 1)
