import type { ProducerOptions, ProducerRecord, RecordMetadata } from "@tailrace/client"
import type { Arguments } from "../Arguments.ts"
import { defineCommand } from "../Command.ts"
import { CommandError } from "../CommandError.ts"
import type { Context } from "../Context.ts"
import { ExitCode } from "../ExitCode.ts"
import type { Settings } from "../internal/commandConfig.ts"
import { clientOptions, connectionFlags, findTopic, readSettings } from "../internal/connecting.ts"
import { InputFormat } from "../internal/InputFormat.ts"
import { LineSplitter } from "../internal/LineSplitter.ts"
import { Progress } from "../internal/Progress.ts"
import { parsePair } from "../internal/texts.ts"
import { UsageError } from "../UsageError.ts"

const compressions = ["none", "gzip", "snappy", "lz4", "zstd"] as const

const flags = {
  "topic": { type: "text", value: "NAME", help: "The topic; also as the bare word." },
  "key": { type: "text", value: "KEY", short: "k", help: "The key of every record." },
  "header": { type: "text", value: "NAME=VALUE", isList: true, short: "H", help: "A header of every record." },
  "partition": { type: "integer", value: "N", short: "p", help: "The partition of every record; default by the key." },
  "property": {
    type: "text", value: "KEY=VALUE", isList: true, aliases: ["reader-property"],
    help: "How lines are read: parse.key=true, key.separator=:, parse.headers=true, null.marker=NULL, ignore.error=true."
  },
  "reader-config": { type: "text", value: "FILE", help: "A file with such properties." },
  "compression-codec": { type: "optional", value: "CODEC", oneOf: compressions, aliases: ["compression"], help: "none, gzip, snappy, lz4 or zstd; gzip without a value." },
  "request-required-acks": { type: "text", value: "ACKS", oneOf: ["all", "-1", "0", "1"], aliases: ["acks"], help: "all (the default), 1 or 0." },
  "batch-size": { type: "integer", value: "BYTES", help: "The size of batches." },
  "timeout": { type: "integer", value: "MS", aliases: ["linger"], help: "How long a batch waits for more records; default 5." },
  "sync": { type: "switch", help: "Wait for each record before the next is sent." },
  "max-block-ms": { type: "integer" },
  "max-memory-bytes": { type: "integer" },
  "max-partition-memory-bytes": { type: "integer" },
  "request-timeout-ms": { type: "integer" },
  "retry-backoff-ms": { type: "integer" },
  "metadata-expiry-ms": { type: "integer" },
  "message-send-max-retries": { type: "integer" },
  "socket-buffer-size": { type: "integer" },
  ...connectionFlags
} as const

type ProduceArguments = Arguments<keyof typeof flags>

export const produce = defineCommand({
  name: "produce",
  summary: "Sends each line of the standard input as a record. Ends at the end of the input, when every record is acknowledged.",
  usage: "TOPIC [flags]",
  flags,
  examples: [
    "echo hello | tailrace produce orders",
    "tailrace produce orders --key customer-7 < orders.txt",
    "tailrace produce orders --property parse.key=true --property key.separator=:",
    "tailrace produce orders --json < orders.txt        # one line for each record: partition and offset"
  ],
  async run(args, context) {
    const [positional, ...more] = args.positionals
    const topic = args.text("topic") ?? positional
    if (topic === undefined) throw new UsageError("name a topic", "For example: tailrace produce orders")
    if (more.length > 0 || (args.has("topic") && positional !== undefined)) throw new UsageError("only one topic can be given")
    const fields = fixedFields(args, topic)
    const format = await inputFormat(args)
    const settings = await readSettings(args, context)
    const options = producerOptions(args, context, settings)
    settings?.reportUnused()
    const { Producer } = await import("@tailrace/client/producer")
    const producer = new Producer(options)
    try {
      await producer.cluster.anyConnection()
      // A topic that is missing is told before anybody has typed a line.
      await findTopic(producer.cluster, topic, { allowsCreation: true })
      return await new InputSender(producer, args, context).run((line) => {
        const { headers, key, value } = format.read(line)
        return { ...fields, value, ...fields.key === undefined ? { key } : {}, headers: [...fields.headers, ...headers] }
      })
    } finally {
      await producer.close({ timeoutMillis: 1 })
    }
  }
})

const fixedFields = (args: ProduceArguments, topic: string) => {
  const key = args.text("key")
  const partition = args.integer("partition")
  return {
    topic, ...key === undefined ? {} : { key }, ...partition === undefined ? {} : { partition },
    headers: args.texts("header").map((text) => {
      const [name, value] = parsePair("--header", text)
      return { key: name, value }
    })
  }
}

const inputFormat = async (args: ProduceArguments): Promise<InputFormat> => {
  const file = args.text("reader-config")
  const fromFile = file === undefined ? [] : (await import("@tailrace/runtime")).loadConfig({ file }).values
  return new InputFormat([...fromFile, ...args.texts("property").map((text) => parsePair("--property", text))])
}

/** Flags win over settings, as in Kafka's tools; what neither says has the client's default. */
const producerOptions = (args: ProduceArguments, context: Context, settings: Settings | undefined): ProducerOptions => {
  const codec = args.has("compression-codec") ? args.text("compression-codec") || "gzip" : settings?.oneOf("compression.type", compressions)
  const acks = args.text("request-required-acks") ?? settings?.oneOf("acks", ["all", "-1", "0", "1"])
  const numbers = {
    lingerMillis: args.integer("timeout") ?? settings?.integer("linger.ms"),
    batchBytes: args.integer("max-partition-memory-bytes") ?? args.integer("batch-size") ?? settings?.integer("batch.size"),
    bufferBytesMax: args.integer("max-memory-bytes") ?? settings?.integer("buffer.memory"),
    maxBlockMillis: args.integer("max-block-ms") ?? settings?.integer("max.block.ms"),
    requestTimeoutMillis: args.integer("request-timeout-ms"),
    retryBackoffMillis: args.integer("retry-backoff-ms"),
    metadataMaxAgeMillis: args.integer("metadata-expiry-ms"),
    requestBytesMax: settings?.integer("max.request.size"),
    deliveryTimeoutMillis: settings?.integer("delivery.timeout.ms"),
    maxInFlightRequestsPerConnection: settings?.integer("max.in.flight.requests.per.connection")
  }
  const enableIdempotence = settings?.boolean("enable.idempotence")
  return {
    ...clientOptions(args, context, settings),
    ...Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined)),
    ...codec === undefined ? {} : { compression: compressions.find((name) => name === codec.toLowerCase()) ?? "none" },
    ...acks === undefined ? {} : { acks: acks === "all" ? "all" : Number(acks) as -1 | 0 | 1 },
    ...enableIdempotence === undefined ? {} : { enableIdempotence }
  }
}

interface Sender {
  send(record: ProducerRecord): Promise<RecordMetadata>
  readonly isFull: boolean
  ready(): Promise<void>
  flush(): Promise<void>
}

/** Reads lines and sends them, never holding more in memory than the producer's buffer. */
class InputSender {
  readonly #producer: Sender
  readonly #context: Context
  readonly #isSync: boolean
  readonly #isJson: boolean
  readonly #progress: Progress
  #failures = 0
  #firstFailure: unknown

  constructor(producer: Sender, args: ProduceArguments, context: Context) {
    this.#producer = producer
    this.#context = context
    this.#isSync = args.has("sync")
    this.#isJson = args.has("json")
    const isInteractive = context.stdin.isTTY === true
    this.#progress = new Progress(context.stderr, "Sent", context.stderr.isTTY === true && !isInteractive)
  }

  async run(recordOf: (line: Buffer) => ProducerRecord): Promise<number> {
    const { stdin, stderr } = this.#context
    const prompt = stdin.isTTY === true && stderr.isTTY === true ? ">" : ""
    const interrupted = this.#context.interrupted()
    // An interrupt ends the input; what was read before is still sent.
    const stop = (): void => void stdin.destroy()
    interrupted.addEventListener("abort", stop, { once: true })
    const lines = new LineSplitter()
    try {
      stderr.write(prompt)
      for await (const chunk of stdin as AsyncIterable<Buffer>) {
        for (const line of lines.push(chunk)) await this.#send(recordOf(line))
        if (this.#failures > 0) break
        stderr.write(prompt)
      }
      const last = lines.end()
      if (last !== undefined && this.#failures === 0) await this.#send(recordOf(last))
    } catch (error) {
      // A destroyed input reads as an error, but was our own doing.
      if (!interrupted.aborted) throw error
    } finally {
      stdin.destroy()
      await this.#producer.flush().catch((error: unknown) => this.#fail(error))
      this.#progress.end()
    }
    return this.#result()
  }

  async #send(record: ProducerRecord): Promise<void> {
    const sent = this.#producer.send(record).then((metadata) => {
      this.#progress.add(1, record.value?.length ?? 0)
      if (this.#isJson) this.#context.stdout.write(`${JSON.stringify(metadata)}\n`)
    }, (error: unknown) => this.#fail(error))
    if (this.#isSync) await sent
    else if (this.#producer.isFull) await this.#producer.ready().catch((error: unknown) => this.#fail(error))
  }

  #fail(error: unknown): void {
    this.#failures++
    this.#firstFailure ??= error
  }

  #result(): number {
    if (this.#failures === 0) return ExitCode.ok
    const cause = this.#firstFailure
    if (this.#progress.records === 0 && this.#failures === 1) throw cause
    throw new CommandError(`${this.#failures} records were not acknowledged, ${this.#progress.records} were: ${(cause as Error).message}`, { cause })
  }
}
