import type { Bench } from "../Bench.ts"
import type { Run } from "../Measurement.ts"
import type { LoadResult } from "../loads/Load.ts"

const recordBytes = 1024

const percentiles = (result: LoadResult): Run["values"] => ({ p50Millis: result.p50Millis ?? 0, p99Millis: result.p99Millis ?? 0 })

/** From send to acknowledgement at a fixed rate without lingering, one partition, and from send to receipt one record at a time. */
export async function latency(bench: Bench): Promise<void> {
  const generators = bench.generators.filter((generator) => generator.missing === undefined)
  const lines = generators.flatMap((generator) => bench.options.latencyRates.map((ratePerSecond) => ({
    generator, ratePerSecond, table: "Latency", line: `ack, ${ratePerSecond.toLocaleString("en")} x 1 KiB/s, linger 0, 1 partition, ${generator.title}`
  })))
  const endToEnd = { table: "Latency", line: "send to receipt, 1 KiB, one at a time, EndToEndLatency" }
  for (const kind of bench.rotated(0)) {
    await bench.turn(kind, [...lines, endToEnd], async (server) => {
      for (const [index, line] of lines.entries()) {
        const records = line.ratePerSecond * bench.options.latencySeconds
        await bench.line({ table: line.table, line: line.line }, server, async (run) => {
          const topic = `latency-${index}-${run}`
          await bench.createTopic(server, topic, 1)
          return bench.spending(server, records * recordBytes, async () =>
            percentiles(await line.generator.produce(server.bootstrap, { topic, records, recordBytes, ratePerSecond: line.ratePerSecond, lingerMillis: 0 })))
        })
      }
      await bench.line(endToEnd, server, async (run) => {
        const topic = `end-to-end-${run}`
        await bench.createTopic(server, topic, 1)
        return { values: percentiles(await bench.java.endToEnd(server.bootstrap, topic, bench.options.endToEndRecords, recordBytes)) }
      })
    })
  }
}
