import { mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { freePort } from "./harness/network.ts"
import { cpuDifference, cpuSecondsOf } from "./harness/processUsage.ts"
import type { MeasuredKind, MeasuredServer, ServerId } from "./harness/Server.ts"
import { WireClient } from "./harness/WireClient.ts"
import { ClusterClient } from "../cluster/ClusterClient.ts"
import type { JavaLoad } from "./loads/JavaLoad.ts"
import type { LoadGenerator } from "./loads/Load.ts"
import type { MemoryWarmer } from "./loads/MemoryWarmer.ts"
import type { Measurement, Run } from "./Measurement.ts"
import type { BenchOptions } from "./options.ts"

/** What every scenario needs, and where its measurements go. */
export class Bench {
  readonly options: BenchOptions
  readonly workDirectory: string
  readonly servers: ReadonlyArray<MeasuredKind>
  readonly java: JavaLoad
  readonly librdkafka: LoadGenerator
  readonly measurements: Measurement[] = []
  /** Lines for which there was no time left. */
  readonly leftOut: string[] = []
  #warmer: MemoryWarmer
  #turns = 0
  #since = performance.now()

  constructor(options: BenchOptions, workDirectory: string, servers: ReadonlyArray<MeasuredKind>, loads: { java: JavaLoad; librdkafka: LoadGenerator }, warmer: MemoryWarmer) {
    this.options = options
    this.workDirectory = workDirectory
    this.servers = servers
    this.java = loads.java
    this.librdkafka = loads.librdkafka
    this.#warmer = warmer
  }

  get generators(): ReadonlyArray<LoadGenerator> {
    return [this.java, this.librdkafka]
  }

  /** The servers in an order that moves on by one each time, so that none is always the first. */
  rotated(round: number): MeasuredKind[] {
    const by = round % this.servers.length
    return [...this.servers.slice(by), ...this.servers.slice(0, by)]
  }

  /** True while there is time for another line; a line is measured on all servers or on none. */
  hasTimeFor(line: string): boolean {
    if (performance.now() - this.#since < this.options.minutesMax * 60_000) return true
    this.leftOut.push(line)
    return false
  }

  newDirectory(name: string): string {
    const directory = join(this.workDirectory, `${name}-${++this.#turns}`)
    mkdirSync(directory, { recursive: true })
    return directory
  }

  /** One server's turn: warm memory, a server with empty data, the body, and then its data is deleted. */
  async turn(kind: MeasuredKind, lines: ReadonlyArray<{ table: string; line: string }>, body: (server: MeasuredServer) => Promise<void>): Promise<void> {
    const directory = this.newDirectory(kind.id)
    this.#warmer.fill()
    let server: MeasuredServer
    try {
      server = await kind.start({ directory, port: await freePort() })
    } catch (error) {
      for (const line of lines) this.#failed(line, kind, error)
      rmSync(directory, { recursive: true, force: true })
      return
    }
    try {
      await body(server)
    } catch (error) {
      // What the body has not measured by then failed with it.
      for (const line of lines.filter(({ table, line: name }) => !this.measurements.some((one) => one.table === table && one.line.startsWith(name) && one.server === kind.id))) this.#failed(line, kind, error)
    } finally {
      await server.stop()
      rmSync(directory, { recursive: true, force: true })
    }
  }

  /** Makes all runs of one line on one server and keeps all but the dropped ones. A failed run is the line's error, and the others go on. */
  async line(at: { table: string; line: string }, server: MeasuredServer, runOnce: (run: number) => Promise<Run>): Promise<void> {
    const runs: Run[] = []
    try {
      for (let run = 0; run < this.options.runs; run++) {
        const result = await runOnce(run)
        if (run >= this.options.droppedRuns) runs.push(result)
      }
      this.add({ ...at, server: server.id, runs })
    } catch (error) {
      this.#failed(at, server, error)
    }
  }

  /** Runs a load and adds what the server spent on it. */
  async spending(server: MeasuredServer, bytes: number, load: () => Promise<Run["values"]>): Promise<Run> {
    const before = cpuSecondsOf(server)
    const values = await load()
    return { values, cpu: cpuDifference(cpuSecondsOf(server), before), gigabytes: bytes / 1e9 }
  }

  async createTopic(server: MeasuredServer, name: string, partitions: number): Promise<void> {
    const client = server.nodes.length === 1 ? await WireClient.connect(portOf(server)) : ClusterClient.of(server.bootstrap)
    try {
      if (client instanceof WireClient) await client.createTopic(name, partitions)
      else await client.createTopic({ name, partitions })
    } finally {
      client.close()
    }
  }

  add(measurement: Measurement): void {
    this.measurements.push(measurement)
    const figures = measurement.runs.map((run) => Object.entries(run.values).map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`).join(" ")).join(" | ")
    console.error(`${measurement.table} / ${measurement.line} / ${measurement.server}: ${measurement.error ?? figures}`)
  }

  #failed(at: { table: string; line: string }, server: { readonly id: ServerId; tail?(): string }, error: unknown): void {
    const words = server.tail?.()
    if (words !== undefined) process.stderr.write(`${at.table} / ${at.line} / ${server.id} failed, and the processes said last:\n${words}\n`)
    this.add({ ...at, server: server.id, runs: [], error: error instanceof Error ? error.message : String(error) })
  }
}

const portOf = (server: MeasuredServer): number => Number(server.bootstrap.split(":").at(-1))
