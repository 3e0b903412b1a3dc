import { Admin } from "@tailrace/client"
import type { SeededRandom } from "@tailrace/runtime/simulated"
import { drainTopics } from "../../drainTopics.ts"
import { GroupTask } from "./GroupTask.ts"
import { type ProducerKind, ProducerTask } from "./ProducerTask.ts"
import { ReaderTask } from "./ReaderTask.ts"
import { ShortLivedTask } from "./ShortLivedTask.ts"
import { clientOptions, type WorkloadContext } from "./WorkloadContext.ts"

export interface WorkloadPlan {
  readonly producers: ReadonlyArray<ProducerKind>
  readonly readers: number
  readonly groupMembers: number
  readonly hasShortLived: boolean
}

interface Task {
  readonly host: string
  stop(): Promise<void>
}

/** The clients of one run. */
export class Workload {
  readonly #context: WorkloadContext
  readonly #plan: WorkloadPlan
  readonly #random: SeededRandom
  #tasks: Array<Task> = []

  constructor(context: WorkloadContext, plan: WorkloadPlan, random: SeededRandom) {
    this.#context = context
    this.#plan = plan
    this.#random = random
  }

  /** Every host that a client runs on now. */
  get hosts(): ReadonlyArray<string> {
    return this.#tasks.map(({ host }) => host)
  }

  /** Those of them on which a member of the group runs. */
  get memberHosts(): ReadonlyArray<string> {
    return this.#tasks.filter((task) => task instanceof GroupTask).map(({ host }) => host)
  }

  async createTopics(replicationFactor: number): Promise<void> {
    const { cluster, topics } = this.#context
    const admin = new Admin(clientOptions(cluster, "admin", this.#random.fork()))
    const created = await admin.createTopics(topics.map(({ minIsr, name, partitions }) => ({
      name, numPartitions: partitions, replicationFactor, configs: { "min.insync.replicas": String(minIsr) }
    })))
    for (const { error } of created) if (error !== undefined && error.codeName !== "TOPIC_ALREADY_EXISTS") throw error
    await admin.close()
  }

  start(): void {
    const { groupMembers, hasShortLived, producers, readers } = this.#plan
    const begin = (made: (random: SeededRandom) => Task): void => void this.#tasks.push(made(this.#random.fork()))
    producers.forEach((kind, i) => begin((random) => new ProducerTask(`producer-${i + 1}`, kind, this.#context, random)))
    for (let i = 1; i <= readers; i++) begin((random) => new ReaderTask(`reader-${i}`, this.#context, random))
    for (let i = 1; i <= groupMembers; i++) begin((random) => new GroupTask(`member-${i}`, "group", this.#context, random))
    if (hasShortLived) begin((random) => new ShortLivedTask("passer-by", this.#context, random))
  }

  async stop(): Promise<void> {
    await Promise.all(this.#tasks.map((task) => task.stop()))
    this.#tasks = []
  }

  /** Every partition is read as a whole, once; answers those that could not be. */
  drain(): Promise<ReadonlyArray<string>> {
    const { cluster, history, topics } = this.#context
    return drainTopics({
      history, clock: cluster.clock, client: clientOptions(cluster, "drain", this.#random.fork()),
      partitions: topics.flatMap(({ name, partitions }) => Array.from({ length: partitions }, (_, partition) => ({ topic: name, partition })))
    })
  }
}
