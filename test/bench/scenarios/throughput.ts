import type { Bench } from "../Bench.ts"
import { memoryOf } from "../harness/processUsage.ts"
import type { MeasuredServer } from "../harness/Server.ts"
import type { LoadGenerator } from "../loads/Load.ts"
import type { Workload } from "../options.ts"

const produceTable = (generator: LoadGenerator): string => `Produce, acks=all, as fast as it goes: ${generator.title}`
const consumeTable = (generator: LoadGenerator): string => `Consume from the start: ${generator.title}`
const kibibytes = (bytes: number): string => bytes % 1024 === 0 ? `${bytes / 1024} KiB` : `${bytes.toLocaleString("en")} B`
const lineOf = (workload: Workload): string => `${workload.partitions} partition${workload.partitions === 1 ? "" : "s"}, ${kibibytes(workload.recordBytes)} records, batch.size ${kibibytes(workload.batchBytes)}`
const consumeLineOf = (workload: Workload): string => `${workload.partitions} partition${workload.partitions === 1 ? "" : "s"}, ${kibibytes(workload.recordBytes)} records`

/** Full-rate produce by each client, and reading it all back from the start where the batches are large. */
export async function throughput(bench: Bench): Promise<void> {
  let round = 0
  for (const workload of bench.options.workloads) {
    const generators = bench.generators.filter((generator) => generator.missing === undefined && (workload.client ?? generator.id) === generator.id)
    const doesConsume = bench.options.only.has("consume") && workload.isReadBack
    if (generators.length === 0) continue
    if (!bench.options.only.has("produce") && !doesConsume) continue
    if (!bench.hasTimeFor(lineOf(workload))) continue
    for (const kind of bench.rotated(round++)) {
      const lines = generators.flatMap((generator) => [
        ...(bench.options.only.has("produce") ? [{ table: produceTable(generator), line: lineOf(workload) }] : []),
        ...(doesConsume && kind.id !== "kafka-flush" ? [{ table: consumeTable(generator), line: consumeLineOf(workload) }] : [])
      ])
      await bench.turn(kind, lines, async (server) => {
        for (const generator of generators) {
          const name = generator.id
          const records = await (bench.options.only.has("produce") ? produceLine : fillOnce)(bench, server, generator, workload, name)
          // Reading does not flush, so the flushing Kafka would only repeat the other one's line.
          if (doesConsume && kind.id !== "kafka-flush") await consumeLine(bench, server, generator, workload, name, records)
        }
        const loaded = memoryOf(server)
        bench.add({
          table: "Resident memory", line: `after ${lineOf(workload)}`, server: server.id,
          runs: [{ values: { residentBytes: loaded.residentBytes, anonymousBytes: loaded.anonymousBytes } }]
        })
      })
    }
  }
}

const lastTopic = (bench: Bench, name: string): string => `${name}-${bench.options.runs - 1}`

/** A slow server gets fewer records, so that every run lasts about as long and the whole benchmark ends in its time. */
const runSecondsMax = 3.5
/** Fewer would measure the JVM's compiler. */
const shareMin = 0.25

/** Returns how many records the last topic holds. */
async function produceLine(bench: Bench, server: MeasuredServer, generator: LoadGenerator, workload: Workload, name: string): Promise<number> {
  let records = Math.ceil(workload.records / 2)
  let last = 0
  await bench.line({ table: produceTable(generator), line: lineOf(workload) }, server, async (run) => {
    const topic = `${name}-${run}`
    await bench.createTopic(server, topic, workload.partitions)
    const bytes = records * workload.recordBytes
    return bench.spending(server, bytes, async () => {
      const result = await generator.produce(server.bootstrap, { topic, records, recordBytes: workload.recordBytes, batchBytes: workload.batchBytes })
      const recordsPerSecond = result.records / result.seconds
      last = records
      records = Math.max(Math.ceil(workload.records * shareMin), Math.min(workload.records, Math.floor(recordsPerSecond * runSecondsMax)))
      return { megabytesPerSecond: recordsPerSecond * workload.recordBytes / 1e6, recordsPerSecond, records: last }
    })
  })
  return last
}

async function fillOnce(bench: Bench, server: MeasuredServer, generator: LoadGenerator, workload: Workload, name: string): Promise<number> {
  const topic = lastTopic(bench, name)
  await bench.createTopic(server, topic, workload.partitions)
  await generator.produce(server.bootstrap, { topic, records: workload.records, recordBytes: workload.recordBytes, batchBytes: workload.batchBytes })
  return workload.records
}

async function consumeLine(bench: Bench, server: MeasuredServer, generator: LoadGenerator, workload: Workload, name: string, records: number): Promise<void> {
  const bytes = records * workload.recordBytes
  await bench.line({ table: consumeTable(generator), line: consumeLineOf(workload) }, server, () => bench.spending(server, bytes, async () => {
    if (records === 0) throw new Error("nothing was produced to read")
    const result = await generator.consume(server.bootstrap, { topic: lastTopic(bench, name), partitions: workload.partitions, records })
    const recordsPerSecond = result.records / result.seconds
    return { megabytesPerSecond: recordsPerSecond * workload.recordBytes / 1e6, recordsPerSecond, records }
  }))
}
