/** A node in a new process, and one record by the protocol itself: no client's own start is measured with it. It writes the milliseconds of the processor that it took. */
import { enableCompileCache } from "node:module"
import { connect } from "node:net"

enableCompileCache()
const { Tailrace } = await import("../src/index.ts")
const { ApiKey, decodeCreateTopicsResponse, decodeProduceResponse, decodeResponseHeader, encodeCreateTopicsRequest, encodeProduceRequest, encodeRequestHeader, Reader, Writer } =
  await import("@tailrace/kafka-protocol")
const { recordCodecs } = await import("@tailrace/codecs")
const { BatchBuilder } = await import("@tailrace/record")

const node = await Tailrace.start({ storage: "memory", port: 0 })
const { port } = node.addresses[0]!
const socket = connect({ host: "127.0.0.1", port, noDelay: true })

function request<A>(apiKey: number, version: number, encode: (writer: InstanceType<typeof Writer>) => void, decode: (reader: InstanceType<typeof Reader>) => A): Promise<A> {
  return new Promise((resolve, reject) => {
    const writer = new Writer()
    encodeRequestHeader(writer, { apiKey, apiVersion: version, correlationId: 1, clientId: "bench" })
    encode(writer)
    let received = Buffer.alloc(0)
    const read = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk])
      if (received.length < 4 || received.length < 4 + received.readInt32BE(0)) return
      socket.off("data", read)
      const reader = new Reader(received.subarray(4))
      decodeResponseHeader(reader, apiKey, version)
      resolve(decode(reader))
    }
    socket.on("data", read)
    socket.once("error", reject)
    socket.write(Buffer.concat(writer.finish()))
  })
}

const created = await request(ApiKey.CreateTopics, 7, (writer) => encodeCreateTopicsRequest(writer, 7, {
  topics: [{ name: "first", numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }], timeoutMs: 5_000, validateOnly: false
}), (reader) => decodeCreateTopicsResponse(reader, 7))
if (created.topics[0]?.errorCode !== 0) throw new Error(`the topic was refused: ${created.topics[0]?.errorCode}`)
const builder = new BatchBuilder({ codecs: recordCodecs })
builder.append({ timestamp: 0, value: "first" })
const produced = await request(ApiKey.Produce, 9, (writer) => encodeProduceRequest(writer, 9, {
  transactionalId: null, acks: -1, timeoutMs: 5_000, topicData: [{ name: "first", partitionData: [{ index: 0, records: builder.build() }] }]
}), (reader) => decodeProduceResponse(reader, 9))
if (produced.responses[0]?.partitionResponses[0]?.errorCode !== 0) throw new Error("the record was refused")
const { system, user } = process.cpuUsage()
process.stdout.write(`${(user + system) / 1_000}\n`)
socket.destroy()
await node.close()
