import { pause } from "../bench/harness/network.ts"
import type { ReadRecord } from "../bench/harness/recordBatch.ts"
import { Encoder, type Decoder } from "../bench/harness/wire.ts"
import { WireClient } from "../bench/harness/WireClient.ts"
import type { Endpoint } from "./Layout.ts"

export interface PartitionView {
  readonly partition: number
  readonly errorCode: number
  readonly leader: number
  readonly leaderEpoch: number
  readonly replicas: ReadonlyArray<number>
  readonly inSync: ReadonlyArray<number>
}

export interface ClusterView {
  readonly brokers: ReadonlyArray<Endpoint & { readonly nodeId: number }>
  readonly topics: ReadonlyMap<string, ReadonlyArray<PartitionView>>
}

export interface NewTopic {
  readonly name: string
  readonly partitions?: number
  readonly replicationFactor?: number
  /** The replicas of each partition, the preferred leader first; instead of the two numbers. */
  readonly assignment?: ReadonlyArray<ReadonlyArray<number>>
  readonly configs?: Readonly<Record<string, string>>
}

const pollMillis = 50
const requestMillisMax = 5_000
const errors = { none: 0, topicExists: 36 } as const

/** What a cluster says about itself, asked of any node that answers. It shares no code with the product. */
export class ClusterClient {
  #endpoints: ReadonlyArray<Endpoint>
  #connections = new Map<string, WireClient | Promise<WireClient>>()

  constructor(endpoints: ReadonlyArray<Endpoint>) {
    this.#endpoints = endpoints
  }

  /** For addresses as in bootstrap.servers. */
  static of(bootstrap: string): ClusterClient {
    return new ClusterClient(bootstrap.split(",").map((address) => {
      const [host = "", port = ""] = address.split(/:(?=\d+$)/)
      return { host, port: Number(port) }
    }))
  }

  close(): void {
    for (const client of this.#connections.values()) if (client instanceof WireClient) client.close()
    this.#connections.clear()
  }

  /** Cluster metadata as the given node sees it, or the first that answers; of all topics unless some are named. */
  async view(topics?: ReadonlyArray<string>, at?: Endpoint): Promise<ClusterView> {
    const body = new Encoder()
    if (topics === undefined) body.int32(-1)
    else body.array(topics, (name) => body.string(name))
    // Topics are not to be made by asking for them.
    const answer = await this.#ask(3, 7, body.int8(0).finish(), at)
    return decodeMetadata(answer)
  }

  /** Node id and epoch of the controller quorum's leader. */
  async quorumLeader(at?: Endpoint): Promise<{ readonly nodeId: number; readonly epoch: number }> {
    // DescribeQuorum version 0 is flexible: empty tagged fields end the header and every structure, lengths are one more than they say.
    const name = Buffer.from("__cluster_metadata")
    const body = new Encoder().unsignedVarint(0).unsignedVarint(2).unsignedVarint(name.length + 1).raw(name)
      .unsignedVarint(2).int32(0).unsignedVarint(0).unsignedVarint(0).unsignedVarint(0).finish()
    const answer = await this.#ask(55, 0, body, at)
    answer.raw(1)
    const errorCode = answer.int16()
    if (errorCode !== errors.none) throw new Error(`DescribeQuorum: error ${errorCode}`)
    answer.raw(1)
    answer.raw(answer.raw(1)[0]! - 1)
    answer.raw(1)
    answer.int32()
    const partitionError = answer.int16()
    if (partitionError !== errors.none) throw new Error(`DescribeQuorum: error ${partitionError} for the partition`)
    return { nodeId: answer.int32(), epoch: answer.int32() }
  }

  /** Creates the topic and waits until all its replicas are in sync. */
  async createTopic(topic: NewTopic, millisMax = 60_000): Promise<void> {
    const body = new Encoder()
    const assignment = topic.assignment ?? []
    body.array([topic], () => {
      body.string(topic.name).int32(topic.assignment === undefined ? topic.partitions ?? 1 : -1)
      body.int16(topic.assignment === undefined ? topic.replicationFactor ?? this.#endpoints.length : -1)
      body.array(assignment.map((replicas, partition) => ({ replicas, partition })), ({ partition, replicas }) => body.int32(partition).array(replicas, (id) => body.int32(id)))
      body.array(Object.entries(topic.configs ?? {}), ([key, value]) => body.string(key).string(value))
    }).int32(30_000).int8(0)
    const answer = await this.#ask(19, 2, body.finish())
    answer.int32()
    const [result] = answer.array(() => ({ name: answer.string(), errorCode: answer.int16(), message: answer.string() }))
    if (result?.errorCode !== errors.none && result?.errorCode !== errors.topicExists) throw new Error(`CreateTopics ${topic.name}: error ${result?.errorCode} ${result?.message ?? ""}`)
    await this.isrFull([topic.name], millisMax)
    await this.#served(topic.name, millisMax)
  }

  /** Waits until every partition has a leader and all its replicas in sync. */
  async isrFull(topics?: ReadonlyArray<string>, millisMax = 60_000): Promise<void> {
    await this.until("all replicas are in sync", millisMax, (view) =>
      (topics ?? [...view.topics.keys()]).every((name) => {
        const partitions = view.topics.get(name) ?? []
        return partitions.length > 0 && partitions.every((one) => one.leader >= 0 && one.inSync.length === one.replicas.length)
      }), topics)
  }

  /** Asks until it is true. A node that does not answer counts as one that says no. */
  async until(what: string, millisMax: number, isTrue: (view: ClusterView) => boolean, topics?: ReadonlyArray<string>): Promise<void> {
    let last = ""
    for (const since = performance.now(); performance.now() - since < millisMax; await pause(pollMillis)) {
      try {
        const view = await this.view(topics)
        if (isTrue(view)) return
        last = describe(view)
      } catch (error) {
        last = String(error)
      }
    }
    throw new Error(`not true after ${millisMax} ms: ${what}; ${last}`)
  }

  /** Everything from the partition's start to the high watermark, from its leader, whoever that becomes while we read. */
  async readAll(topic: string, partition: number, millisMax = 60_000): Promise<ReadRecord[]> {
    const found: ReadRecord[] = []
    let last: unknown
    for (const since = performance.now(); performance.now() - since < millisMax; await pause(pollMillis)) {
      try {
        const view = await this.view([topic])
        const leader = view.topics.get(topic)?.[partition]?.leader ?? -1
        const broker = view.brokers.find((one) => one.nodeId === leader)
        if (broker === undefined) continue
        found.push(...await (await this.#connection(broker)).fetchAll(topic, partition, (found.at(-1)?.offset ?? -1) + 1))
        return found
      } catch (error) {
        last = error
      }
    }
    throw new Error(`${topic}-${partition} could not be read in ${millisMax} ms: ${String(last)}`)
  }

  /** Metadata may name a leader a moment before that leader knows. */
  async #served(topic: string, millisMax: number): Promise<void> {
    const since = performance.now()
    let waiting = (await this.view([topic])).topics.get(topic) ?? []
    while (waiting.length > 0) {
      const { brokers, topics } = await this.view([topic])
      const answers = await Promise.all(waiting.map(async (one) => {
        const broker = brokers.find(({ nodeId }) => nodeId === topics.get(topic)?.[one.partition]?.leader)
        if (broker === undefined) return false
        const { errorCode } = await (await this.#connection(broker)).fetch(topic, one.partition, 0, 1024, 0)
        return errorCode === errors.none
      }))
      waiting = waiting.filter((_, index) => !answers[index])
      if (waiting.length === 0) return
      if (performance.now() - since > millisMax) throw new Error(`${waiting.length} leaders of ${topic} do not serve after ${millisMax} ms`)
      await pause(pollMillis)
    }
  }

  async #ask(apiKey: number, version: number, body: Buffer, at?: Endpoint): Promise<Decoder> {
    const failures: string[] = []
    for (const endpoint of at === undefined ? this.#endpoints : [at]) {
      try {
        return await (await this.#connection(endpoint)).request(apiKey, version, body)
      } catch (error) {
        failures.push(`${endpoint.host}:${endpoint.port}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    throw new Error(`no node answers (${failures.join("; ")})`)
  }

  async #connection({ host, port }: Endpoint): Promise<WireClient> {
    const key = `${host}:${port}`
    const known = this.#connections.get(key)
    if (known instanceof Promise || known?.isClosed === false) return known
    // Who asks meanwhile waits for the same connection.
    const opening = WireClient.connect(port, requestMillisMax, host)
    this.#connections.set(key, opening)
    try {
      const client = await opening
      this.#connections.set(key, client)
      return client
    } catch (error) {
      this.#connections.delete(key)
      throw error
    }
  }
}

function decodeMetadata(answer: Decoder): ClusterView {
  answer.int32()
  const brokers = answer.array(() => {
    const nodeId = answer.int32()
    const host = answer.string() ?? ""
    const port = answer.int32()
    answer.string()
    return { nodeId, host, port }
  })
  answer.string()
  answer.int32()
  const topics = answer.array(() => {
    answer.int16()
    const name = answer.string() ?? ""
    answer.int8()
    const partitions = answer.array(() => {
      const errorCode = answer.int16()
      const [partition, leader, leaderEpoch] = [answer.int32(), answer.int32(), answer.int32()]
      const [replicas, inSync] = [answer.array(() => answer.int32()), answer.array(() => answer.int32())]
      answer.array(() => answer.int32())
      return { partition, errorCode, leader, leaderEpoch, replicas, inSync }
    })
    return [name, partitions.sort((a, b) => a.partition - b.partition)] as const
  })
  return { brokers, topics: new Map(topics) }
}

function describe(view: ClusterView): string {
  const odd = [...view.topics].flatMap(([name, partitions]) => partitions.filter((one) => one.leader < 0 || one.inSync.length < one.replicas.length)
    .map((one) => `${name}-${one.partition}: leader ${one.leader}, in sync ${one.inSync.join(",")} of ${one.replicas.join(",")}`))
  return `nodes ${view.brokers.map((one) => one.nodeId).join(",")}; ${odd.length} partitions not whole: ${odd.slice(0, 3).join("; ")}`
}
