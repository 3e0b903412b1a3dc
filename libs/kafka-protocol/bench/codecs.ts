import {
  FrameAssembler, ByteBudget, Reader, Writer, decodeOffsetCommitRequest, decodeProduceRequest, encodeFetchResponse, encodeOffsetCommitRequest,
  encodeProduceRequest,
} from "../src/index.ts"

/** Nanoseconds per call of the hot codecs. Prints the median of several rounds; nothing here asserts anything. */
const rounds = 7
const warmUpMillis = 300

function measure(name: string, bytes: number, run: () => void): void {
  const until = performance.now() + warmUpMillis
  while (performance.now() < until) run()
  const results: Array<number> = []
  for (let round = 0; round < rounds; round++) {
    let calls = 0
    const begin = performance.now()
    let now = begin
    while (now - begin < 150) {
      for (let i = 0; i < 200; i++) run()
      calls += 200
      now = performance.now()
    }
    results.push(((now - begin) * 1e6) / calls)
  }
  const median = results.sort((a, b) => a - b)[rounds >> 1]!
  console.log(`${name.padEnd(58)} ${median.toFixed(0).padStart(8)} ns ${(1e9 / median).toFixed(0).padStart(10)} /s  ${bytes} bytes`)
}

const topicId = "Zr3xYBU7Q8Kqf1xq0mJv9A"
const records = Buffer.alloc(4_096, 1)

function produceBytes(version: number, partitions: number): Buffer {
  const writer = new Writer()
  const partitionData = Array.from({ length: partitions }, (_, index) => ({ index, records }))
  encodeProduceRequest(writer, version, { acks: -1, timeoutMs: 30_000, topicData: [{ name: "orders", topicId, partitionData }] })
  return Buffer.concat(writer.finish()).subarray(4)
}

for (const [version, partitions] of [[9, 1], [13, 1], [13, 32]] as const) {
  const bytes = produceBytes(version, partitions)
  measure(`decode Produce v${version}, ${partitions} x 4 KiB`, bytes.length, () => {
    decodeProduceRequest(new Reader(bytes), version)
  })
}

for (const [version, partitions] of [[12, 1], [17, 1], [17, 32]] as const) {
  const value = {
    responses: [{
      topic: "orders",
      topicId,
      partitions: Array.from({ length: partitions }, (_, partitionIndex) => ({
        partitionIndex, errorCode: 0, highWatermark: 123_456_789, lastStableOffset: 123_456_789, logStartOffset: 0,
        abortedTransactions: null, records: [records, records],
      })),
    }],
  }
  measure(`encode Fetch response v${version}, ${partitions} x 2 chunks of 4 KiB`, 4_096 * 2 * partitions, () => {
    const writer = new Writer()
    encodeFetchResponse(writer, version, value)
    writer.finish()
  })
}

{
  const writer = new Writer()
  const partitions = Array.from({ length: 20 }, (_, partitionIndex) => ({
    partitionIndex, committedOffset: 1_000_000 + partitionIndex, committedLeaderEpoch: 3, committedMetadata: "",
  }))
  encodeOffsetCommitRequest(writer, 8, {
    groupId: "billing", memberId: "consumer-1-4f2c", groupInstanceId: null, generationIdOrMemberEpoch: 7, topics: [{ name: "orders", partitions }],
  })
  const bytes = writer.body()
  measure("decode OffsetCommit v8, 20 partitions", bytes.length, () => {
    decodeOffsetCommitRequest(new Reader(bytes), 8)
  })
}

{
  const frame = produceBytes(13, 1)
  const framed = Buffer.alloc(4 + frame.length)
  framed.writeInt32BE(frame.length)
  frame.copy(framed, 4)
  const chunk = Buffer.concat(Array.from({ length: 15 }, () => framed))
  const budget = new ByteBudget()
  const assembler = new FrameAssembler({ budget })
  const onFrame = (bytes: Buffer): void => budget.release(bytes.length)
  measure("assemble 15 frames of 4 KiB from one chunk", chunk.length, () => {
    assembler.push(chunk, onFrame)
  })
  const large = Buffer.alloc(4 + 8 * 1_024 * 1_024)
  large.writeInt32BE(large.length - 4)
  measure("assemble one frame of 8 MiB from 64 KiB chunks", large.length, () => {
    for (let at = 0; at < large.length; at += 65_536) assembler.push(large.subarray(at, at + 65_536), onFrame)
  })
}
