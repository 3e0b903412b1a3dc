import { Consumer } from "@tailrace/client"
import type { SeededRandom } from "@tailrace/runtime/simulated"
import { recordsOf } from "./ReaderTask.ts"
import { clientOptions, keyOf, type WorkloadContext } from "./WorkloadContext.ts"

/** Reads every partition as a whole, once, with clients of their own: what has to be there at the end is there. */
export async function drain(context: WorkloadContext, random: SeededRandom): Promise<void> {
  for (const { name, partitions } of context.topics) {
    for (let partition = 0; partition < partitions; partition++) await drainPartition(context, name, partition, random)
  }
}

async function drainPartition(context: WorkloadContext, topic: string, partition: number, random: SeededRandom): Promise<void> {
  const { cluster, history } = context
  const key = keyOf(topic, partition)
  const process = `drain ${key}`
  const consumer = new Consumer({ ...clientOptions(cluster, `drain-${topic}-${partition}`, random.fork()), autoOffsetReset: "earliest" })
  const [end] = await consumer.endOffsets([{ topic, partition }])
  const [start] = await consumer.beginningOffsets([{ topic, partition }])
  if (start?.error !== undefined) throw start.error
  if (end?.error !== undefined) throw end.error
  const [from, to] = [start!.offset, end!.offset]
  consumer.assign([{ topic, partition }])
  history.record({ process, f: "assign", keys: [key], meta: { mode: "assign" } })
  const whole = history.invoke({ process, f: "drain", keys: [key] })
  let position = from
  while (position < to) {
    const poll = history.invoke({ process, f: "poll", meta: { isDrain: true } })
    const records = await consumer.poll(1_000)
    poll.complete({ type: "ok", records: recordsOf(records, context) })
    position = await consumer.position({ topic, partition })
  }
  whole.complete({ type: "ok", marks: [{ kind: "start", key, offset: from }, { kind: "end", key, offset: to }] })
  await consumer.close()
}
