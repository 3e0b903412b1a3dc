import { run } from "../harness/Child.ts"
import { java, type KafkaJars } from "../harness/kafkaJars.ts"
import type { ConsumeLoad, LoadGenerator, LoadResult, ProduceLoad } from "./Load.ts"

const heap = ["-Xmx512M", "-XX:+UseG1GC"]
const timeoutMillis = 180_000

/** Apache Kafka's own performance tools, each run a JVM of its own. */
export class JavaLoad implements LoadGenerator {
  readonly id = "java"
  readonly title = "Java client"
  #jars: KafkaJars

  constructor(jars: KafkaJars) {
    this.#jars = jars
  }

  async produce(bootstrap: string, load: ProduceLoad): Promise<LoadResult> {
    const properties = ["acks=all"]
    if (load.batchBytes !== undefined) properties.push(`batch.size=${load.batchBytes}`)
    if (load.lingerMillis !== undefined) properties.push(`linger.ms=${load.lingerMillis}`)
    // The first fifth is warm-up: without it the figure is the JVM's compiler.
    const warmup = Math.floor(load.records / 5)
    const { stdout } = await run({
      ...java(this.#jars, heap, "org.apache.kafka.tools.ProducerPerformance", [
        "--bootstrap-server", bootstrap, "--topic", load.topic, "--num-records", String(load.records),
        "--record-size", String(load.recordBytes), "--throughput", String(load.ratePerSecond ?? -1), "--warmup-records", String(warmup),
        "--reporting-interval", "600000", "--command-property", ...properties
      ]),
      timeoutMillis
    })
    return parseProducer(stdout, load.records)
  }

  async consume(bootstrap: string, load: ConsumeLoad): Promise<LoadResult> {
    const { stdout } = await run({
      ...java(this.#jars, heap, "org.apache.kafka.tools.ConsumerPerformance", [
        "--bootstrap-server", bootstrap, "--topic", load.topic, "--num-records", String(load.records), "--timeout", "20000"
      ]),
      timeoutMillis
    })
    // start, end, MB, MB/s, records, records/s, rebalance ms, fetch ms, fetch MB/s, fetch records/s
    const line = stdout.trim().split("\n").findLast((candidate) => /^\d{4}-\d\d-\d\d /.test(candidate))
    const fields = line?.split(",").map((field) => field.trim()) ?? []
    const records = Number(fields[4])
    const fetchMillis = Number(fields[7])
    if (!(records >= load.records) || !(fetchMillis > 0)) throw new Error(`ConsumerPerformance read ${fields[4] ?? "nothing"} of ${load.records}:\n${stdout.slice(-1000)}`)
    return { records, seconds: fetchMillis / 1000 }
  }

  /** One record at a time, from send to receipt. */
  async endToEnd(bootstrap: string, topic: string, records: number, recordBytes: number): Promise<LoadResult> {
    const since = performance.now()
    const { stdout } = await run({
      ...java(this.#jars, heap, "org.apache.kafka.tools.EndToEndLatency", [bootstrap, topic, String(records), "all", String(recordBytes)]),
      timeoutMillis
    })
    const found = /Percentiles: 50th = (\d+), 99th = (\d+), 99.9th = (\d+)/.exec(stdout)
    if (found === null) throw new Error(`EndToEndLatency printed no percentiles:\n${stdout.slice(-1000)}`)
    return { records, seconds: (performance.now() - since) / 1000, p50Millis: Number(found[1]), p99Millis: Number(found[2]), p999Millis: Number(found[3]) }
  }
}

/** The figures of the steady state; the whole must be complete. */
function parseProducer(stdout: string, records: number): LoadResult {
  const pattern = /^(\d+) (steady state )?records sent, ([\d.]+) records\/sec \(.*?\), [\d.]+ ms avg latency, ([\d.]+) ms max latency, (\d+) ms 50th, (\d+) ms 95th, (\d+) ms 99th, (\d+) ms 99.9th\./gm
  const lines = [...stdout.matchAll(pattern)]
  const isComplete = lines.some((line) => line[2] === undefined && Number(line[1]) === records)
  const steady = lines.find((line) => line[2] !== undefined)
  if (!isComplete || steady === undefined) throw new Error(`ProducerPerformance did not send ${records} records:\n${stdout.slice(-1500)}`)
  return {
    records: Number(steady[1]), seconds: Number(steady[1]) / Number(steady[3]), maxMillis: Number(steady[4]),
    p50Millis: Number(steady[5]), p99Millis: Number(steady[7]), p999Millis: Number(steady[8])
  }
}
