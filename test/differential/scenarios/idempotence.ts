import { batch, type BatchFields } from "../batches.ts"
import type { Peer } from "../Peer.ts"
import type { Scenario } from "../Scenario.ts"

/** Producers with an id: what is stored once, what is out of order, and who is unknown. */
export const idempotence: Scenario = {
  name: "idempotence",
  async run(peer) {
    await producerIds(peer)
    for (const version of [3, 8, 13]) await sequences(peer, version)
  }
}

async function producerIds(peer: Peer): Promise<void> {
  const timeout = { transactionTimeoutMs: 60_000 }
  await peer.askAll("plain", "InitProducerId", { transactionalId: null, ...timeout })
  await peer.askAll("no timeout", "InitProducerId", { transactionalId: null, transactionTimeoutMs: 0 })
  await peer.askAll("negative timeout", "InitProducerId", { transactionalId: null, transactionTimeoutMs: -1 })
  await peer.askAll("huge timeout", "InitProducerId", { transactionalId: null, transactionTimeoutMs: 2147483647 })
  await peer.askAll("empty transactional id", "InitProducerId", { transactionalId: "", ...timeout })
  for (const [producerId, producerEpoch] of [[-1, 0], [0, -1], [5, 0], [5, 32767], [987654321, 3], [-5, 1], [5, -5]] as const) {
    await peer.askAll(`id ${producerId} epoch ${producerEpoch}`, "InitProducerId", { transactionalId: null, ...timeout, producerId, producerEpoch })
  }
  const mine = await peer.quietly("InitProducerId", { transactionalId: null, ...timeout })
  await peer.ask("own id again", "InitProducerId", peer.newest("InitProducerId"), { transactionalId: null, ...timeout, producerId: mine.producerId, producerEpoch: 0 })
}

async function sequences(peer: Peer, version: number): Promise<void> {
  const name = `idempotence-${version}`
  const topicId = await peer.topic(name, 2)
  const { producerId } = await peer.quietly("InitProducerId", { transactionalId: null, transactionTimeoutMs: 60_000 })
  const send = (label: string, fields: BatchFields, more: ReadonlyArray<BatchFields> = [], index = 0) => peer.ask(label, "Produce", version, {
    acks: -1, timeoutMs: 5_000,
    topicData: [{ name, topicId, partitionData: [{ index, records: Buffer.concat([fields, ...more].map((each) => batch({ producerId, producerEpoch: 0, ...each }))) }] }]
  })
  const three = [{ value: "a" }, { value: "b" }, { value: "c" }]
  await send("first, sequence 5", { baseSequence: 5 }, [], 1)
  await send("first", { baseSequence: 0 })
  await send("the first again", { baseSequence: 0 })
  await send("gap", { baseSequence: 5 })
  await send("next", { baseSequence: 1, records: three })
  await send("next again", { baseSequence: 1, records: three })
  await send("part of it", { baseSequence: 1, records: three.slice(0, 2) })
  await send("inside of it", { baseSequence: 2, records: three.slice(0, 1) })
  await send("more than it", { baseSequence: 1, records: [...three, ...three] })
  for (let baseSequence = 4; baseSequence < 10; baseSequence++) await send(`sequence ${baseSequence}`, { baseSequence })
  await send("within the last five", { baseSequence: 6 })
  await send("older than the last five", { baseSequence: 0 })
  await send("older than the last five, three", { baseSequence: 1, records: three })
  await send("two batches in order", { baseSequence: 10 }, [{ baseSequence: 11 }])
  await send("two batches out of order", { baseSequence: 13 }, [{ baseSequence: 12 }])
  await send("another producer's batch behind", { baseSequence: 12 }, [{ producerId: -1, producerEpoch: -1, baseSequence: -1 }])
  await send("negative sequence", { baseSequence: -5 })
  await send("sequence -1", { baseSequence: -1 })
  await send("epoch 1, sequence 3", { producerEpoch: 1, baseSequence: 3 })
  await send("epoch 1, sequence 0", { producerEpoch: 1, baseSequence: 0 })
  await send("epoch 0 again", { producerEpoch: 0, baseSequence: 12 })
  await send("epoch 1, next", { producerEpoch: 1, baseSequence: 1 })
  await send("epoch 5, skipped", { producerEpoch: 5, baseSequence: 0 })
  await send("epoch -1", { producerEpoch: -1, baseSequence: 0 })
  await send("epoch largest", { producerEpoch: 32767, baseSequence: 0 })
  await send("unknown producer", { producerId: 900_000 + version, baseSequence: 0 })
  await send("unknown producer, sequence 4", { producerId: 910_000 + version, baseSequence: 4 })
  await send("sequence near its end", { producerId: 920_000 + version, baseSequence: 2147483646, records: three })
  await send("sequence after its end", { producerId: 920_000 + version, baseSequence: 1 })
  const partitions = [{ partitionIndex: 0, timestamp: -1 }, { partitionIndex: 1, timestamp: -1 }]
  await peer.ask("what is there", "ListOffsets", 7, { replicaId: -1, isolationLevel: 0, topics: [{ name, partitions }] })
}
