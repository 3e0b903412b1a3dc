import * as fs from "node:fs"
import kafkajs from "kafkajs"
import type { Consumer, EachBatchPayload, IHeaders, KafkaMessage } from "kafkajs"
import { decodeRecords, encodeRecord } from "../../src/Records.ts"
import type { InteropRecord } from "../../src/Records.ts"
import { assignedOf, emit, group, serve } from "./contract.ts"
import type { Job } from "./contract.ts"

const { CompressionTypes, Kafka, logLevel } = kafkajs
const kafka = new Kafka({
  clientId: "interop-kafkajs", brokers: [process.argv[2] ?? ""], logLevel: logLevel.ERROR,
  logCreator: () => ({ log }) => console.error(JSON.stringify(log)),
  retry: { retries: 3, initialRetryTime: 100 }
})

async function produce(job: Job): Promise<number> {
  const records = decodeRecords(fs.readFileSync(job.text("records")))
  const producer = kafka.producer({ allowAutoTopicCreation: false })
  await producer.connect()
  try {
    const acks = job.text("acks") === "all" ? -1 : Number(job.text("acks"))
    const compression = job.text("codec") === "gzip" ? CompressionTypes.GZIP : CompressionTypes.None
    for (let at = 0; at < records.length; at += 2000) {
      const messages = records.slice(at, at + 2000).map((record) => ({
        partition: record.lane, key: record.key, value: record.value, headers: headersObject(record),
        ...(record.timestamp < 0 ? {} : { timestamp: String(record.timestamp) })
      }))
      await producer.send({ topic: job.text("topic"), acks, compression, messages, timeout: 10_000 })
    }
    return records.length
  } finally {
    await producer.disconnect()
  }
}

function headersObject(record: InteropRecord): IHeaders {
  const headers: Record<string, unknown> = {}
  for (const [name, value] of record.headers) {
    const before = headers[name]
    headers[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value]
  }
  return headers as IHeaders
}

function recordOf(lane: number, message: KafkaMessage): InteropRecord {
  const headers: Array<[string, Buffer | null]> = []
  for (const [name, value] of Object.entries(message.headers ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) headers.push([name, one === undefined || one === null ? null : Buffer.from(one)])
  }
  return { lane, offset: Number(message.offset), timestamp: Number(message.timestamp), key: message.key, value: message.value, headers }
}

/** kafkajs cannot assign partitions: a group of its own, sought to the offsets, stands in. */
async function consume(job: Job): Promise<number> {
  const assigned = assignedOf(job)
  const lanes = new Map(assigned.map((one, lane) => [`${one.topic}:${one.partition}`, { ...one, lane, next: one.from }]))
  const consumer = kafka.consumer({ groupId: `interop-kafkajs-${process.pid}-${job.id}`, maxWaitTimeInMs: 100, allowAutoTopicCreation: false })
  const out = fs.openSync(job.text("out"), "w")
  let count = 0
  try {
    await consumer.connect()
    await consumer.subscribe({ topics: [...new Set(assigned.map((one) => one.topic))], fromBeginning: true })
    await within(job.number("timeout-ms"), () => missing([...lanes.values()]), async (finished, failed) => {
      consumer.on("consumer.crash", ({ payload }) => failed(payload.error))
      await consumer.run({ autoCommit: false, eachBatchAutoResolve: true, eachBatch: async ({ batch }) => {
        const lane = lanes.get(`${batch.topic}:${batch.partition}`)
        if (lane === undefined) return
        const wanted = batch.messages.filter((message) => Number(message.offset) >= lane.next && Number(message.offset) < lane.until)
        if (wanted.length > 0) fs.writeSync(out, Buffer.concat(wanted.map((message) => encodeRecord(recordOf(lane.lane, message)))))
        count += wanted.length
        lane.next = Math.max(lane.next, Number(batch.lastOffset()) + 1)
        if ([...lanes.values()].every((one) => one.next >= one.until)) finished()
      } })
      for (const one of assigned) consumer.seek({ topic: one.topic, partition: one.partition, offset: String(one.from) })
    })
    return count
  } finally {
    fs.closeSync(out)
    await consumer.disconnect()
  }
}

function missing(lanes: ReadonlyArray<{ topic: string; partition: number; next: number; until: number }>): string {
  return `time-out, still waiting for ${lanes.filter((one) => one.next < one.until).map((one) => `${one.topic}-${one.partition}@${one.next}<${one.until}`).join(" ")}`
}

function within(millis: number, why: () => string, body: (finished: () => void, failed: (error: Error) => void) => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(why())), millis)
    const finished = (): void => { clearTimeout(timer); resolve() }
    const failed = (error: Error): void => { clearTimeout(timer); reject(error) }
    body(finished, failed).catch(failed)
  })
}

async function groupMember(job: Job): Promise<number> {
  const consumer = kafka.consumer({
    groupId: job.text("group"), sessionTimeout: job.number("session-ms"), heartbeatInterval: 500, rebalanceTimeout: job.number("session-ms"),
    maxWaitTimeInMs: 100, allowAutoTopicCreation: false
  })
  const out = fs.openSync(job.text("out"), "w")
  const state = { count: 0, leaving: false }
  const max = job.number("max-records")
  try {
    await new Promise<void>((resolve, reject) => {
      const leave = (): void => { state.leaving = true; resolve() }
      group.leave = leave
      consumer.on("consumer.crash", ({ payload }) => { if (!payload.restart) reject(payload.error) })
      consumer.on("consumer.group_join", ({ payload }) => emit({ id: job.id, event: "assignment", partitions: payload.memberAssignment[job.text("topic")] ?? [] }))
      join(consumer, job, async (payload) => {
        if (state.leaving || !payload.isRunning() || payload.isStale()) return
        await take(payload, out)
        state.count += payload.batch.messages.length
        if (max > 0 && state.count >= max) leave()
      }).catch(reject)
    })
    await consumer.stop()
    return state.count
  } finally {
    group.leave = () => {}
    await consumer.disconnect()
    fs.closeSync(out)
  }
}

async function join(consumer: Consumer, job: Job, eachBatch: (payload: EachBatchPayload) => Promise<void>): Promise<void> {
  await consumer.connect()
  await consumer.subscribe({ topics: [job.text("topic")], fromBeginning: true })
  await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch })
}

/** Writes the batch out before its offset is committed, so that nothing below a committed offset can be missing from the file. */
async function take({ batch, resolveOffset, heartbeat, commitOffsetsIfNecessary }: EachBatchPayload, out: number): Promise<void> {
  if (batch.messages.length > 0) fs.writeSync(out, Buffer.concat(batch.messages.map((message) => encodeRecord(recordOf(batch.partition, message)))))
  resolveOffset(batch.lastOffset())
  await commitOffsetsIfNecessary({ topics: [{ topic: batch.topic, partitions: [{ partition: batch.partition, offset: String(Number(batch.lastOffset()) + 1) }] }] })
  await heartbeat()
}

emit({ event: "ready", version: "kafkajs" })
await serve((job) => job.op === "produce" ? produce(job) : job.op === "consume" ? consume(job) : groupMember(job))
