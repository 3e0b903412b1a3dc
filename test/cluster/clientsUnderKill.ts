import type { Tier } from "../bench/harness/Tier.ts"
import type { ReadRecord } from "../bench/harness/recordBatch.ts"
import { historyFaults } from "./historyFaults.ts"
import type { LoadClient } from "./loadClients.ts"
import { LoadProcess, nowMicros } from "./LoadProcess.ts"
import type { ProcessCluster } from "./ProcessCluster.ts"
import { longestSilences } from "./silences.ts"

const partitions = 6
const intervalMillis = 20
const recordBytes = 100
/** A round counts only with so many acknowledgements and deliveries in each partition before and after the kill. */
const eventsMin = 50
const goOnMillisMax = 90_000
const roundMillisMax = 240_000

interface Pair {
  readonly client: LoadClient
  readonly topic: string
  readonly producer: LoadProcess
  readonly consumer: LoadProcess
}

/**
 * Producers with acks=all, idempotent where the library's own works, and one group member per topic, of three client libraries at once, while
 * each node in turn is killed by kill -9 and comes back. At the end nothing acknowledged is lost, doubled or out of order, and each reader got
 * all of it without a jump.
 */
export async function clientsUnderKill(tier: Tier, cluster: ProcessCluster, clients: ReadonlyArray<LoadClient>, rounds: number): Promise<void> {
  for (const client of clients.filter((each) => each.missing !== undefined)) tier.skip(`${client.title} across kill -9`, client.missing!)
  const pairs: Pair[] = []
  try {
    for (const client of clients.filter((each) => each.missing === undefined)) pairs.push(await startPair(cluster, client))
    let isGoing = await tier.check("producers and consumers of every client run", goOnMillisMax, () => allGoOn(pairs, 0))
    for (let round = 0; isGoing && round < rounds; round++) {
      const node = cluster.nodes[round % cluster.nodes.length]!
      isGoing = await tier.check(`kill -9 of node ${node.id}, round ${round + 1}`, roundMillisMax, async () => {
        const { nodeId } = await cluster.client.quorumLeader()
        const sinceMicros = nowMicros()
        await node.kill()
        await allGoOn(pairs, sinceMicros)
        const silences = pairs.map(({ client, producer }) => `${client.name} ${Math.max(...longestSilences(producer.acks, partitions, sinceMicros, nowMicros())).toFixed(0)} ms`)
        const backMicros = nowMicros()
        await node.start()
        await cluster.client.isrFull()
        await allGoOn(pairs, backMicros)
        return `${nodeId === node.id ? "it was the controller; " : ""}longest silence ${silences.join(", ")}`
      })
    }
    for (const pair of pairs) await tier.check(`${pair.client.title}: nothing acknowledged is lost${pair.client.isIdempotent ? ", doubled" : ""} or out of order, and the reader got all of it`, roundMillisMax, () => verify(cluster, pair))
  } finally {
    for (const { producer, consumer } of pairs) await Promise.all([producer.kill(), consumer.kill()])
  }
}

async function startPair(cluster: ProcessCluster, client: LoadClient): Promise<Pair> {
  const topic = `kill-${client.name}`
  await cluster.client.createTopic({ name: topic, partitions, replicationFactor: cluster.nodes.length })
  const start = (title: string, args: ReadonlyArray<string>): LoadProcess => new LoadProcess(`${client.title} ${title}`, client.command(args))
  return {
    client, topic,
    producer: start("producer", ["pace", cluster.bootstrap, topic, String(partitions), String(intervalMillis), String(recordBytes)]),
    consumer: start("consumer", ["follow", cluster.bootstrap, topic, `group-${client.name}`])
  }
}

async function allGoOn(pairs: ReadonlyArray<Pair>, sinceMicros: number): Promise<void> {
  await Promise.all(pairs.map(async ({ producer, consumer }) => {
    await producer.until("acknowledgements in every partition", goOnMillisMax, () => producer.ackedEverywhere(partitions, eventsMin, sinceMicros))
    await consumer.until("deliveries from every partition", goOnMillisMax, () => consumer.deliveredEverywhere(partitions, eventsMin, sinceMicros))
  }))
}

async function verify(cluster: ProcessCluster, { client, topic, producer, consumer }: Pair): Promise<string> {
  await producer.finish()
  const ends = new Map<number, number>()
  for (const { partition, offset } of producer.acks) ends.set(partition, Math.max(ends.get(partition) ?? 0, offset))
  const delivered = new Map<number, number>()
  let seen = 0
  await consumer.until("everything acknowledged is delivered", goOnMillisMax, () => {
    for (; seen < consumer.deliveries.length; seen++) {
      const { partition, offset } = consumer.deliveries[seen]!
      delivered.set(partition, Math.max(delivered.get(partition) ?? 0, offset))
    }
    return [...ends].every(([partition, end]) => (delivered.get(partition) ?? -1) >= end)
  })
  await consumer.finish()
  const logs: ReadRecord[][] = []
  for (let partition = 0; partition < partitions; partition++) logs.push(await cluster.client.readAll(topic, partition))
  const faults = historyFaults({ logs, acks: producer.acks, deliveries: consumer.deliveries, isIdempotent: client.isIdempotent })
  if (faults.length > 0) throw new Error(`${faults.length} faults, the first: ${faults.slice(0, 3).join("; ")}`)
  return `${producer.acks.length} acknowledged, ${producer.fails.length} given up by the client, ${consumer.deliveries.length} delivered`
}
