import { run } from "../harness/Child.ts"
import type { Librdkafka } from "../harness/librdkafka.ts"
import type { ConsumeLoad, LoadGenerator, LoadResult, ProduceLoad } from "./Load.ts"

const timeoutMillis = 180_000

/** Our small C program on librdkafka (harness/rdload.c). */
export class LibrdkafkaLoad implements LoadGenerator {
  readonly id = "librdkafka"
  readonly title: string
  readonly missing?: string
  #program = ""

  constructor(library: Librdkafka) {
    if ("missing" in library) {
      this.title = "librdkafka"
      this.missing = library.missing
    } else {
      this.title = `librdkafka ${library.version}`
      this.#program = library.program
    }
  }

  produce(bootstrap: string, load: ProduceLoad): Promise<LoadResult> {
    const properties: string[] = []
    if (load.batchBytes !== undefined) properties.push(`batch.size=${load.batchBytes}`)
    if (load.lingerMillis !== undefined) properties.push(`linger.ms=${load.lingerMillis}`)
    return this.#run(["produce", bootstrap, load.topic, String(load.records), String(load.recordBytes), String(load.ratePerSecond ?? 0), ...properties])
  }

  consume(bootstrap: string, load: ConsumeLoad): Promise<LoadResult> {
    return this.#run(["consume", bootstrap, load.topic, String(load.partitions), String(load.records)])
  }

  async #run(args: ReadonlyArray<string>): Promise<LoadResult> {
    if (this.missing !== undefined) throw new Error(this.missing)
    const { stdout } = await run({ command: this.#program, args, timeoutMillis })
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as LoadResult
  }
}
