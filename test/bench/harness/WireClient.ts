import { connect, type Socket } from "node:net"
import { buildBatch, readBatches, type BatchInput, type ReadRecord } from "./recordBatch.ts"
import { Decoder, Encoder, frame } from "./wire.ts"

export interface ProduceResult {
  readonly errorCode: number
  readonly baseOffset: number
}

export interface FetchResult {
  readonly errorCode: number
  readonly highWatermark: number
  readonly records: ReadRecord[]
}

interface Waiter {
  readonly resolve: (body: Decoder) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

/** A small Kafka client for one connection; answers may be outstanding in any number. */
export class WireClient {
  #socket: Socket
  #received: Buffer[] = []
  #receivedBytes = 0
  #waiters = new Map<number, Waiter>()
  #correlationId = 0
  #timeoutMillis: number
  isClosed = false

  private constructor(socket: Socket, timeoutMillis: number) {
    this.#socket = socket
    this.#timeoutMillis = timeoutMillis
    socket.setNoDelay(true)
    socket.on("data", (chunk) => this.#onData(chunk))
    socket.on("error", () => undefined)
    socket.on("close", () => {
      this.isClosed = true
      for (const waiter of this.#waiters.values()) {
        clearTimeout(waiter.timer)
        waiter.reject(new Error("the connection was closed"))
      }
      this.#waiters.clear()
    })
  }

  static connect(port: number, timeoutMillis = 30_000, host = "127.0.0.1"): Promise<WireClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port })
      const timer = setTimeout(() => socket.destroy(new Error(`no connection to ${host}:${port} in ${timeoutMillis} ms`)), timeoutMillis)
      socket.once("error", (error) => {
        clearTimeout(timer)
        reject(error)
      })
      socket.once("connect", () => {
        clearTimeout(timer)
        socket.removeAllListeners("error")
        resolve(new WireClient(socket, timeoutMillis))
      })
    })
  }

  get localPort(): number {
    return this.#socket.localPort ?? -1
  }

  close(): void {
    this.#socket.destroy()
  }

  request(apiKey: number, version: number, body: Buffer): Promise<Decoder> {
    const correlationId = ++this.#correlationId
    return new Promise((resolve, reject) => {
      if (this.isClosed) {
        reject(new Error("the connection was closed"))
        return
      }
      const timer = setTimeout(() => {
        this.#waiters.delete(correlationId)
        reject(new Error(`no answer to api ${apiKey} version ${version} in ${this.#timeoutMillis} ms`))
        this.#socket.destroy()
      }, this.#timeoutMillis)
      this.#waiters.set(correlationId, { resolve, reject, timer })
      this.#socket.write(frame(apiKey, version, correlationId, body))
    })
  }

  async apiVersions(): Promise<Map<number, { min: number; max: number }>> {
    const answer = await this.request(18, 0, Buffer.alloc(0))
    const errorCode = answer.int16()
    if (errorCode !== 0) throw new Error(`ApiVersions: error ${errorCode}`)
    return new Map(answer.array(() => [answer.int16(), { min: answer.int16(), max: answer.int16() }] as const))
  }

  async createTopic(name: string, partitions: number, configs: Readonly<Record<string, string>> = {}): Promise<void> {
    const body = new Encoder()
    body.array([name], () => {
      body.string(name).int32(partitions).int16(1).int32(0)
      body.array(Object.entries(configs), ([key, value]) => body.string(key).string(value))
    }).int32(30_000).int8(0)
    const answer = await this.request(19, 2, body.finish())
    answer.int32()
    const [result] = answer.array(() => ({ name: answer.string(), errorCode: answer.int16(), message: answer.string() }))
    if (result?.errorCode !== 0) throw new Error(`CreateTopics ${name}: error ${result?.errorCode} ${result?.message ?? ""}`)
    await this.#waitForLeaders(name, partitions)
  }

  async deleteTopic(name: string): Promise<void> {
    const body = new Encoder()
    const answer = await this.request(20, 1, body.array([name], (each) => body.string(each)).int32(30_000).finish())
    answer.int32()
    const [result] = answer.array(() => ({ name: answer.string(), errorCode: answer.int16() }))
    if (result?.errorCode !== 0) throw new Error(`DeleteTopics ${name}: error ${result?.errorCode}`)
  }

  async initProducerId(): Promise<{ producerId: number; producerEpoch: number }> {
    for (let attempt = 0; ; attempt++) {
      const answer = await this.request(22, 0, new Encoder().string(null).int32(60_000).finish())
      answer.int32()
      const errorCode = answer.int16()
      if (errorCode === 0) return { producerId: answer.int64(), producerEpoch: answer.int16() }
      // COORDINATOR_LOAD_IN_PROGRESS: a node that has just started fetches its block of ids first.
      if (errorCode !== 14 || attempt === 100) throw new Error(`InitProducerId: error ${errorCode}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  async produce(topic: string, partition: number, batch: BatchInput, acks = -1): Promise<ProduceResult> {
    const body = new Encoder().string(null).int16(acks).int32(30_000)
    body.array([topic], () => body.string(topic).array([partition], () => body.int32(partition).bytes(buildBatch(batch))))
    const answer = await this.request(0, 7, body.finish())
    const [first] = answer.array(() => {
      answer.string()
      return answer.array(() => {
        answer.int32()
        const result = { errorCode: answer.int16(), baseOffset: answer.int64() }
        answer.int64()
        answer.int64()
        return result
      })
    })
    if (first?.[0] === undefined) throw new Error("Produce: an answer without the partition")
    return first[0]
  }

  async fetch(topic: string, partition: number, offset: number, bytesMax = 8 << 20, waitMillis = 100): Promise<FetchResult> {
    const body = new Encoder().int32(-1).int32(waitMillis).int32(1).int32(bytesMax).int8(0).int32(0).int32(-1)
    body.array([topic], () => body.string(topic).array([partition], () => body.int32(partition).int32(-1).int64(offset).int64(-1).int32(bytesMax)))
    body.int32(0).string("")
    const answer = await this.request(1, 11, body.finish())
    answer.int32()
    const errorCode = answer.int16()
    answer.int32()
    if (errorCode !== 0) return { errorCode, highWatermark: -1, records: [] }
    const [first] = answer.array(() => {
      answer.string()
      return answer.array(() => {
        answer.int32()
        const error = answer.int16()
        const highWatermark = answer.int64()
        answer.int64()
        answer.int64()
        answer.array(() => [answer.int64(), answer.int64()])
        answer.int32()
        const records = readBatches(answer.bytes() ?? Buffer.alloc(0))
        return { errorCode: error, highWatermark, records: records.filter((record) => record.offset >= offset) }
      })
    })
    if (first?.[0] === undefined) throw new Error("Fetch: an answer without the partition")
    return first[0]
  }

  /** Everything from `offset` to the high watermark. */
  async fetchAll(topic: string, partition: number, offset = 0): Promise<ReadRecord[]> {
    const found: ReadRecord[] = []
    for (let next = offset; ;) {
      const result = await this.fetch(topic, partition, next)
      if (result.errorCode !== 0) throw new Error(`Fetch ${topic}-${partition} at ${next}: error ${result.errorCode}`)
      found.push(...result.records)
      const last = result.records.at(-1)
      if (last !== undefined) next = last.offset + 1
      if (next >= result.highWatermark || last === undefined) return found
    }
  }

  /** Every partition has a leader: creation is answered before that on some servers. */
  async #waitForLeaders(name: string, partitions: number): Promise<void> {
    for (let attempt = 0; attempt < 200; attempt++) {
      const body = new Encoder()
      const answer = await this.request(3, 1, body.array([name], (each) => body.string(each)).finish())
      answer.array(() => [answer.int32(), answer.string(), answer.int32(), answer.string()])
      answer.int32()
      const [topic] = answer.array(() => {
        const errorCode = answer.int16()
        answer.string()
        answer.int8()
        const leaders = answer.array(() => {
          const partitionError = answer.int16()
          answer.int32()
          const leader = answer.int32()
          answer.array(() => answer.int32())
          answer.array(() => answer.int32())
          return partitionError === 0 ? leader : -1
        })
        return { errorCode, leaders }
      })
      if (topic?.errorCode === 0 && topic.leaders.length === partitions && topic.leaders.every((leader) => leader >= 0) && await this.#areServed(name, partitions)) return
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
    throw new Error(`topic ${name}: no leaders in 5 s`)
  }

  /** Metadata may name a leader a moment before that leader knows. */
  async #areServed(name: string, partitions: number): Promise<boolean> {
    for (let partition = 0; partition < partitions; partition++) {
      if ((await this.fetch(name, partition, 0, 1024, 0)).errorCode !== 0) return false
    }
    return true
  }

  #onData(chunk: Buffer): void {
    this.#received.push(chunk)
    this.#receivedBytes += chunk.length
    while (this.#receivedBytes >= 4) {
      if (this.#received[0]!.length < 4) this.#received = [Buffer.concat(this.#received)]
      const length = this.#received[0]!.readInt32BE(0)
      if (this.#receivedBytes < length + 4) return
      const all = this.#received.length === 1 ? this.#received[0]! : Buffer.concat(this.#received)
      const body = all.subarray(4, length + 4)
      this.#received = [all.subarray(length + 4)]
      this.#receivedBytes -= length + 4
      const correlationId = body.readInt32BE(0)
      const waiter = this.#waiters.get(correlationId)
      if (waiter === undefined) continue
      this.#waiters.delete(correlationId)
      clearTimeout(waiter.timer)
      waiter.resolve(new Decoder(body.subarray(4)))
    }
  }
}
