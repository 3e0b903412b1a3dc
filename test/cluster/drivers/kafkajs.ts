// kafkajs behind the same contract as rdload.c's and Load.java's `pace` and `follow`: BROKERS TOPIC ..., until standard input ends.
import { Kafka, logLevel, type Consumer, type Producer } from "kafkajs"

const [mode = "", brokers = "", topic = "", ...rest] = process.argv.slice(2)
const nowMicros = (): bigint => process.hrtime.bigint() / 1000n
let isStopping = false
let wake = (): void => undefined
process.stdin.on("end", () => {
  isStopping = true
  wake()
}).resume()
// A broker that comes back makes kafkajs compute a negative time-out, of which Node would warn.
process.removeAllListeners("warning")

const kafka = new Kafka({
  clientId: `load-${mode}`, brokers: brokers.split(","), logLevel: logLevel.NOTHING, requestTimeout: 5_000, connectionTimeout: 1_000,
  retry: { initialRetryTime: 50, maxRetryTime: 300, retries: 10_000 }
})
/**
 * Not idempotent: when a send to several brokers fails in part, the idempotent producer of kafkajs 2.2.4 loses count of its sequence numbers, and
 * brokers take a new record for a duplicate of the one before it. Seen with Apache Kafka's brokers too.
 */
const newProducer = (): Producer => kafka.producer({ maxInFlightRequests: 1, allowAutoTopicCreation: false })

const pause = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis))

/** One send at a time, with one record for each partition: kafkajs loses its seed broker when several of its calls reconnect at once. */
async function pace(partitions: number, millis: number, sizeBytes: number): Promise<void> {
  let producer = newProducer()
  await producer.connect()
  const counts = { sent: 0, acknowledged: 0, failed: 0, unanswered: 0 }
  for (let due = performance.now(); !isStopping; due += millis) {
    await pause(Math.max(0, due - performance.now()))
    const first = counts.sent
    counts.sent += partitions
    const messages = Array.from({ length: partitions }, (_, partition) => ({ partition, value: String(first + partition).padStart(16, "0").padEnd(sizeBytes, "x") }))
    try {
      for (const answer of await producer.send({ topic, acks: -1, timeout: 5_000, messages })) {
        if (answer.errorCode !== 0) throw new Error(`error ${answer.errorCode}`)
        console.log(`ack ${first + answer.partition} ${answer.partition} ${answer.baseOffset} ${nowMicros()}`)
        counts.acknowledged += 1
      }
    } catch (error) {
      // The client has lost its way among brokers that come and go; a new one takes over, and the fate of these records stays unknown.
      console.error(error instanceof Error ? error.message : String(error))
      for (const { partition } of messages) console.log(`fail ${first + partition} ${partition} 0 ${nowMicros()}`)
      counts.failed += partitions
      await producer.disconnect().catch((again: unknown) => console.error(String(again)))
      producer = newProducer()
      await producer.connect()
    }
  }
  console.log(JSON.stringify(counts))
  await producer.disconnect()
}

async function follow(group: string): Promise<void> {
  const consumer: Consumer = kafka.consumer({ groupId: group, sessionTimeout: 10_000, heartbeatInterval: 500, maxWaitTimeInMs: 100, allowAutoTopicCreation: false })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({
    autoCommitInterval: 500,
    eachBatch: async ({ batch, resolveOffset, heartbeat, commitOffsetsIfNecessary }) => {
      console.log(batch.messages.map((message) => `got ${message.value?.toString("latin1", 0, 16) ?? ""} ${batch.partition} ${message.offset} ${nowMicros()}`).join("\n"))
      resolveOffset(batch.lastOffset())
      await commitOffsetsIfNecessary()
      await heartbeat()
    }
  })
  await new Promise<void>((resolve) => {
    wake = resolve
    if (isStopping) resolve()
  })
  await consumer.disconnect()
}

if (mode === "pace") await pace(Number(rest[0]), Number(rest[1]), Number(rest[2]))
else await follow(rest[0] ?? "")
process.exit(0)
