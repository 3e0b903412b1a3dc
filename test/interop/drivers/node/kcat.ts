import * as fs from "node:fs"
import { spawn } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { byLane, decodeRecords, encodeRecord } from "../../src/Records.ts"
import type { InteropRecord } from "../../src/Records.ts"
import { assignedOf, emit, group, serve } from "./contract.ts"
import type { Job } from "./contract.ts"

const bootstrap = process.argv[2] ?? ""
const arriveMillisMax = 3_000
const resendsMax = 1

/** Lengths come before the bytes, so keys and values may hold anything; only header values must not hold a line break, comma or equals sign. */
const format = "%p %o %T %K %S %h\\n%k%s\\n"

/** kcat writes one partition, one set of headers and one meaning of "empty" per invocation: a lane is cut into runs of those. */
async function produce(job: Job): Promise<number> {
  let count = 0
  const again = { count: 0 }
  await Promise.all([...byLane(decodeRecords(fs.readFileSync(job.text("records"))))].map(async ([lane, records]) => {
    for (let at = 0; at < records.length;) {
      const run = sameRun(records, at)
      await produceRun(job, lane, run, again)
      at += run.length
      count += run.length
    }
  }))
  return count
}

function sameRun(records: ReadonlyArray<InteropRecord>, from: number): InteropRecord[] {
  const signature = (record: InteropRecord): string => record.headers.map(([name, value]) => `${name}=${value?.toString()}`).join()
  const wanted = signature(records[from] as InteropRecord)
  const run: InteropRecord[] = []
  let nulls = false
  let empties = false
  for (const record of records.slice(from)) {
    nulls ||= record.value === null
    empties ||= record.value?.length === 0
    if (signature(record) !== wanted || (nulls && empties)) break
    run.push(record)
  }
  return run
}

async function produceRun(job: Job, lane: number, run: ReadonlyArray<InteropRecord>, again: { count: number }): Promise<void> {
  const args = ["-P", "-b", bootstrap, "-t", job.text("topic"), "-p", String(lane), "-z", job.text("codec"), "-K", "|", "-X", `acks=${job.text("acks")}`,
    "-X", "message.timeout.ms=15000"]
  if (run.some((record) => record.value === null)) args.push("-Z")
  for (const [name, value] of run[0]?.headers ?? []) args.push("-H", value === null ? name : `${name}=${value.toString()}`)
  const lines = run.map((record) => `${record.key === null ? "" : `${record.key.toString()}|`}${record.value?.toString() ?? ""}\n`)
  await finished(start(args, lines.join("")))
  if (job.text("acks") !== "0" || await arrived(job.text("topic"), lane, run)) return
  if (again.count++ >= resendsMax) throw new Error(`${run.length} records to partition ${lane} have not arrived within ${arriveMillisMax} ms`)
  await finished(start(args, lines.join("")))
  if (!await arrived(job.text("topic"), lane, run)) throw new Error(`${run.length} records to partition ${lane} have not arrived, sent twice`)
}

/**
 * With acks=0 kcat ends once the bytes are in its socket, with answers of the broker still unread in it: the kernel then resets the
 * connection, and the broker may lose what it has not read yet (seen with Kafka just after its start). A run is one batch, so it
 * arrives whole or not at all; one run of a job may be sent again.
 */
async function arrived(topic: string, lane: number, run: ReadonlyArray<InteropRecord>): Promise<boolean> {
  const end = (run.at(-1)?.offset ?? 0) + 1
  const deadline = Date.now() + arriveMillisMax
  while (Date.now() < deadline) {
    const answer = await finished(start(["-Q", "-b", bootstrap, "-t", `${topic}:${lane}:-1`])).catch(() => "")
    if (Number(/offset (\d+)/.exec(answer.toString())?.[1] ?? 0) >= end) return true
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return false
}

function start(args: ReadonlyArray<string>, input = ""): ChildProcess {
  const child = spawn("kcat", args, { stdio: ["pipe", "pipe", "pipe"] })
  child.stdin?.on("error", () => {})
  child.stdin?.end(input)
  return child
}

/** Everything that kcat printed; fails with its last words when it fails. */
function finished(child: ChildProcess): Promise<Buffer> {
  const chunks: Buffer[] = []
  let words = ""
  child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk))
  child.stderr?.on("data", (chunk: Buffer) => { words = (words + chunk.toString()).slice(-2000) })
  return new Promise((resolve, reject) => {
    child.on("error", reject)
    child.on("close", (code) => code === 0 ? resolve(Buffer.concat(chunks)) : reject(new Error(`kcat ended with ${code}: ${words.trim()}`)))
  })
}

async function consume(job: Job): Promise<number> {
  const out = fs.openSync(job.text("out"), "w")
  const deadline = Date.now() + job.number("timeout-ms")
  let count = 0
  try {
    for (const [lane, one] of assignedOf(job).entries()) {
      if (one.until <= one.from) continue
      const child = start(["-C", "-b", bootstrap, "-t", one.topic, "-p", String(one.partition), "-o", String(one.from), "-c", String(one.until - one.from),
        "-q", "-f", format, "-X", "fetch.wait.max.ms=100", "-X", "topic.metadata.refresh.interval.ms=-1"])
      const timer = setTimeout(() => child.kill("SIGKILL"), Math.max(0, deadline - Date.now()))
      const printed = await finished(child).finally(() => clearTimeout(timer)).catch((error: Error) => {
        throw new Error(`${one.topic}-${one.partition} from ${one.from} until ${one.until}: ${error.message}`)
      })
      const parser = new Parser()
      const records = parser.push(printed)
      fs.writeSync(out, Buffer.concat(records.map((record) => encodeRecord({ ...record, lane }))))
      count += records.length
    }
    return count
  } finally {
    fs.closeSync(out)
  }
}

async function groupMember(job: Job): Promise<number> {
  const out = fs.openSync(job.text("out"), "w")
  const max = job.number("max-records")
  const args = ["-b", bootstrap, "-u", "-f", format, "-X", `session.timeout.ms=${job.text("session-ms")}`, "-X", "heartbeat.interval.ms=500",
    "-X", "auto.commit.interval.ms=100", "-X", "auto.offset.reset=earliest", "-X", "fetch.wait.max.ms=100"]
  if (max > 0) args.push("-c", String(max))
  const child = start([...args, "-G", job.text("group"), job.text("topic")])
  const parser = new Parser()
  let count = 0
  group.leave = () => child.kill("SIGTERM")
  child.stdout?.on("data", (chunk: Buffer) => {
    const records = parser.push(chunk)
    if (records.length > 0) fs.writeSync(out, Buffer.concat(records.map(encodeRecord)))
    count += records.length
  })
  let words = ""
  child.stderr?.on("data", (chunk: Buffer) => {
    words += chunk.toString()
    const lines = words.split("\n")
    words = lines.pop() ?? ""
    for (const line of lines) {
      process.stderr.write(`${line}\n`)
      const rebalance = /rebalanced \(memberid [^)]*\): (assigned|revoked): ?(.*)$/.exec(line)
      if (rebalance === null) continue
      const partitions = rebalance[1] === "assigned" ? [...(rebalance[2] ?? "").matchAll(/\[(\d+)\]/g)].map((match) => Number(match[1])) : []
      emit({ id: job.id, event: "assignment", partitions })
    }
  })
  try {
    await finished(child)
    return count
  } finally {
    group.leave = () => {}
    fs.closeSync(out)
  }
}

/** Cuts kcat's output into records; what is cut off at the end of a chunk waits for the next one. */
class Parser {
  private rest: Buffer = Buffer.alloc(0)

  push(chunk: Buffer): InteropRecord[] {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk])
    const records: InteropRecord[] = []
    let at = 0
    while (true) {
      const lineEnd = bytes.indexOf(10, at)
      if (lineEnd === -1) break
      const [partition, offset, timestamp, keyLength, valueLength, ...headers] = bytes.toString("utf8", at, lineEnd).split(" ")
      const keyBytes = Math.max(0, Number(keyLength))
      const end = lineEnd + 1 + keyBytes + Math.max(0, Number(valueLength))
      if (end + 1 > bytes.length) break
      records.push({
        lane: Number(partition), offset: Number(offset), timestamp: Number(timestamp),
        key: Number(keyLength) === -1 ? null : bytes.subarray(lineEnd + 1, lineEnd + 1 + keyBytes),
        value: Number(valueLength) === -1 ? null : bytes.subarray(lineEnd + 1 + keyBytes, end),
        headers: headers.length === 0 || headers[0] === "" ? [] : headersOf(bytes.toString("latin1", at, lineEnd))
      })
      at = end + 1
    }
    this.rest = bytes.subarray(at)
    return records
  }
}

/** Header values may be bytes that are not UTF-8, so the line comes as latin1: one character for each byte. */
function headersOf(line: string): Array<[string, Buffer | null]> {
  return line.split(" ").slice(5).join(" ").split(",").map((item) => {
    const name = Buffer.from(item.slice(0, item.indexOf("=")), "latin1").toString()
    const value = item.slice(item.indexOf("=") + 1)
    return [name, value === "NULL" ? null : Buffer.from(value, "latin1")]
  })
}

emit({ event: "ready", version: "kcat" })
await serve((job) => job.op === "produce" ? produce(job) : job.op === "consume" ? consume(job) : groupMember(job))
