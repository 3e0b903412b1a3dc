import { Admin } from "@tailrace/client"
import {
  ApiKey, decodeAlterPartitionReassignmentsResponse, decodeElectLeadersResponse, encodeAlterPartitionReassignmentsRequest,
  encodeElectLeadersRequest, type Reader, type Writer
} from "@tailrace/kafka-protocol"
import type { SeededRandom } from "@tailrace/runtime/simulated"
import type { SimulatedCluster } from "../../SimulatedCluster.ts"
import { isGivenUp } from "./isGivenUp.ts"
import { clientOptions, type WorkloadTopic } from "../workload/WorkloadContext.ts"

interface Api<Input, Output> {
  readonly key: number
  readonly name: string
  readonly versionMin: number
  readonly versionMax: number
  readonly encode: (writer: Writer, version: number, input: Input) => void
  readonly decode: (reader: Reader, version: number) => Output
}

const api = <Input, Output>(
  key: number, name: string, versionMax: number, encode: Api<Input, Output>["encode"], decode: Api<Input, Output>["decode"]
): Api<Input, Output> => ({ key, name, versionMin: 0, versionMax, encode, decode })

const electLeaders = api(ApiKey.ElectLeaders, "ElectLeaders", 2, encodeElectLeadersRequest, decodeElectLeadersResponse)
const reassign = api(ApiKey.AlterPartitionReassignments, "AlterPartitionReassignments", 0, encodeAlterPartitionReassignmentsRequest, decodeAlterPartitionReassignmentsResponse)
const preferred = 0
const unclean = 1

/** What administrators do while other things go wrong. Nobody waits for their success: it may be impossible at the moment. */
export class AdminCalls {
  readonly #admin: Admin
  readonly #cluster: SimulatedCluster
  readonly #topics: ReadonlyArray<WorkloadTopic>
  readonly #churned: Array<string> = []
  /** Topics whose creation was confirmed, and whose end nobody asked for. */
  readonly #promised = new Set<string>()
  readonly #onDone: (name: string) => void
  #created = 0
  readonly #open = new Set<Promise<void>>()

  constructor(cluster: SimulatedCluster, topics: ReadonlyArray<WorkloadTopic>, random: SeededRandom, onDone: (name: string) => void) {
    this.#cluster = cluster
    this.#topics = topics
    this.#onDone = onDone
    this.#admin = new Admin(clientOptions(cluster, "operator", random))
  }

  createTopic(draw: number): void {
    const name = `short-lived-${++this.#created}`
    this.#churned.push(name)
    this.#run("create topic", async () => {
      const [created] = await this.#admin.createTopics([{ name, numPartitions: 1 + draw % 3, replicationFactor: Math.min(3, this.#cluster.members.length) }])
      if (created?.error !== undefined) return false
      if (this.#churned.includes(name)) this.#promised.add(name)
      return true
    })
  }

  deleteTopic(): void {
    const name = this.#churned.shift()
    if (name === undefined) return
    this.#promised.delete(name)
    this.#run("delete topic", async () => {
      const [deleted] = await this.#admin.deleteTopics([name])
      return deleted?.error === undefined
    })
  }

  /** Between what the topic promises and one more; never less, since what is acknowledged has to survive. */
  changeMinIsr(draw: number): void {
    const topic = this.#topics[draw % this.#topics.length]!
    const value = String(topic.minIsr + ((draw >>> 8) % 2))
    this.#run("min.insync.replicas", async () => {
      const [altered] = await this.#admin.incrementalAlterConfigs([
        { type: "topic", name: topic.name, operations: [{ name: "min.insync.replicas", operation: "set", value }] }
      ])
      return altered?.error === undefined
    })
  }

  /** Another order, and with more nodes other nodes. */
  reassign(draw: number): void {
    const topic = this.#topics[draw % this.#topics.length]!
    const partition = (draw >>> 4) % topic.partitions
    const current = this.#cluster.newest()?.metadata.topic(topic.name)?.partitions[partition]
    if (current === undefined) return
    const ids = this.#cluster.members.map(({ nodeId }) => nodeId)
    const from = (draw >>> 8) % ids.length
    const replicas = [...ids.slice(from), ...ids.slice(0, from)].slice(0, current.replicas.length)
    this.#run("reassignment ordered", async () => {
      const response = await this.#admin.cluster.call(reassign, "controller", {
        timeoutMs: 3_000, topics: [{ name: topic.name, partitions: [{ partitionIndex: partition, replicas }] }]
      })
      return response.errorCode === 0
    })
  }

  electPreferred(): void {
    this.#run("preferred election", async () => {
      const response = await this.#admin.cluster.call(electLeaders, "controller", { electionType: preferred, topicPartitions: null, timeoutMs: 3_000 })
      return response.errorCode === 0 && response.replicaElectionResults.some(({ partitionResult }) => partitionResult.some(({ errorCode }) => errorCode === 0))
    })
  }

  /** Gives every topic back what it promises, and a leader to every partition that waits for its administrator. */
  async settle(): Promise<void> {
    await Promise.all(this.#open)
    await this.electGivenUp()
    const altered = await this.#admin.incrementalAlterConfigs(this.#topics.map(({ minIsr, name }) => ({
      type: "topic" as const, name, operations: [{ name: "min.insync.replicas", operation: "set" as const, value: String(minIsr) }]
    })))
    for (const { error } of altered) if (error !== undefined) throw error
    await this.#admin.close()
  }

  /** Topics that were promised and are not there. */
  get forgotten(): ReadonlyArray<string> {
    const metadata = this.#cluster.newest()?.metadata
    return [...this.#promised].filter((name) => metadata?.topic(name) === undefined)
  }

  /** Whoever led last still has everything, since storage is only suspect there. */
  async electGivenUp(): Promise<void> {
    const topicPartitions = [...this.#cluster.newest()?.metadata.topics ?? []].flatMap(({ name, partitions }) => {
      const givenUp = [...partitions.keys()].filter((partition) => isGivenUp(partitions[partition]!))
      return givenUp.length === 0 ? [] : [{ topic: name, partitions: givenUp }]
    })
    if (topicPartitions.length === 0) return
    await this.#admin.cluster.call(electLeaders, "controller", { electionType: unclean, topicPartitions, timeoutMs: 3_000 })
    this.#onDone("unclean election")
  }

  #run(name: string, call: () => Promise<boolean>): void {
    const running: Promise<void> = call().then((isDone) => isDone ? this.#onDone(name) : undefined, () => undefined)
      .finally(() => this.#open.delete(running))
    this.#open.add(running)
  }
}
