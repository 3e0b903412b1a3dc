import { recordCodecs } from "@tailrace/codecs"
import { BatchBuilder } from "@tailrace/record"
import { GroupConsumer, type GroupConsumerOptions, type TopicPartition } from "../src/index.ts"
import { ScriptedBroker, ScriptedCluster } from "./ScriptedBroker.ts"
import { ScriptedGroup } from "./ScriptedGroup.ts"

export const numbers = (partitions: ReadonlyArray<TopicPartition>): string => partitions.map(({ partition }) => partition).join("")

/** A consumer that polls all the time, and what happened to it. */
export class Running {
  readonly events: Array<string> = []
  readonly values: Array<string> = []
  readonly consumer: GroupConsumer
  failure: any
  #isStopped = false
  readonly #done: Promise<void>
  #waiters: Array<() => void> = []

  constructor(consumer: GroupConsumer, topics: ReadonlyArray<string> | RegExp = ["t"]) {
    this.consumer = consumer
    consumer.subscribe(topics, {
      onPartitionsAssigned: (partitions) => void this.#note(`+${numbers(partitions)}`),
      onPartitionsRevoked: (partitions) => void this.#note(`-${numbers(partitions)}`),
      onPartitionsLost: (partitions) => void this.#note(`!${numbers(partitions)}`)
    })
    this.#done = this.#run()
  }

  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) {
      if (this.failure !== undefined) throw this.failure
      await new Promise<void>((resolve) => this.#waiters.push(resolve))
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#done
  }

  #note(event: string): void {
    this.events.push(event)
    this.#wake()
  }

  #wake(): void {
    for (const waiter of this.#waiters.splice(0)) waiter()
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      try {
        for (const record of await this.consumer.poll(20)) this.values.push(record.value?.toString() ?? "")
      } catch (error) {
        this.failure = error
        this.#isStopped = true
      }
      this.#wake()
    }
  }
}

/** One broker with a group, and the consumers of a test, which are closed with it. */
export const setUp = async (settings: Partial<GroupConsumerOptions> = {}, partitions = 4) => {
  const cluster = new ScriptedCluster()
  const broker = await ScriptedBroker.start(cluster)
  const group = new ScriptedGroup(broker)
  cluster.addTopic("t", partitions)
  const running: Array<Running> = []
  return {
    cluster, broker, group,
    start(more: Partial<GroupConsumerOptions> = {}, topics?: ReadonlyArray<string> | RegExp): Running {
      const started = new Running(new GroupConsumer({
        bootstrapServers: broker.address, groupId: "g", autoOffsetReset: "earliest", fetchMaxWaitMillis: 10,
        heartbeatIntervalMillis: 10, retryBackoffMillis: 5, retryBackoffMillisMax: 10, ...settings, ...more
      }), topics)
      running.push(started)
      return started
    },
    append(partition: number, value: string): void {
      const builder = new BatchBuilder({ codecs: recordCodecs })
      builder.append({ timestamp: 1, value })
      cluster.log("t", partition).append(builder.build())
      cluster.notify()
    },
    async [Symbol.asyncDispose]() {
      for (const item of running) {
        await item.stop()
        await item.consumer.close({ timeoutMillis: 500 })
      }
      await cluster[Symbol.asyncDispose]()
    }
  }
}

export type RunningGroup = Awaited<ReturnType<typeof setUp>>
