import { rmSync } from "node:fs"
import { join } from "node:path"
import { freePort, pause } from "../bench/harness/network.ts"
import type { Librdkafka } from "../bench/harness/librdkafka.ts"
import type { RunningServer, ServerKind } from "../bench/harness/Server.ts"
import type { Tier } from "../bench/harness/Tier.ts"
import { WireClient } from "../bench/harness/WireClient.ts"
import type { Ack, AckedLoad } from "./AckedLoad.ts"
import { KafkajsLoad } from "./KafkajsLoad.ts"
import { LibrdkafkaAckedLoad } from "./LibrdkafkaAckedLoad.ts"
import { verifyAcks } from "./verifyAcks.ts"

const partitions = 3
const acksPerRoundMin = 1_000
const roundMillisMax = 60_000

/** kill -9 under load. A round counts only when a thousand records were acknowledged in it before the kill. */
export async function killRounds(tier: Tier, kind: ServerKind, options: { readonly directory: string; readonly rounds: number; readonly librdkafka: Librdkafka }): Promise<void> {
  const port = await freePort()
  const start = { directory: join(options.directory, "kill"), port, logFile: join(options.directory, "kill.log") }
  let server = await kind.start(start)
  const loads: AckedLoad[] = [new KafkajsLoad(port, "kafkajs", partitions)]
  if ("program" in options.librdkafka) loads.push(new LibrdkafkaAckedLoad(options.librdkafka.program, port, "librdkafka", partitions))
  else tier.skip("kill -9 under librdkafka's idempotent producer", options.librdkafka.missing)
  try {
    const client = await WireClient.connect(port)
    for (const load of loads) await client.createTopic(load.topic, partitions)
    client.close()
    for (const load of loads) await load.start()
    for (let round = 1; round <= options.rounds; round++) {
      const went = await tier.check(`kill -9, round ${round}`, roundMillisMax, async () => {
        const result = await killOnce(kind, server, start, loads, round)
        server = result.server
        return result.detail
      })
      if (!went) break
    }
    for (const load of loads) {
      await tier.check(`${load.title}: after the last round every record is there once`, roundMillisMax * 2, async () => {
        await load.finish()
        const records = await verifyAcks(port, load.topic, partitions, load.acks)
        if (records < load.acks.length || records > load.acks.length + load.unknown) throw new Error(`${records} records in the log, ${load.acks.length} acknowledged`)
        return `${records} records`
      })
    }
  } finally {
    await server.child.stop()
    rmSync(start.directory, { recursive: true, force: true })
  }
}

async function killOnce(kind: ServerKind, server: RunningServer, start: Parameters<ServerKind["start"]>[0], loads: ReadonlyArray<AckedLoad>, round: number): Promise<{ server: RunningServer; detail: string }> {
  const before = loads.map((load) => load.acks.length)
  const gained = (): number[] => loads.map((load, index) => load.acks.length - before[index]!)
  while (gained().reduce((sum, count) => sum + count) < acksPerRoundMin || gained().some((count) => count === 0)) {
    const failed = loads.find((load) => load.failure !== undefined)
    if (failed !== undefined) throw new Error(`${failed.title}: ${failed.failure}`)
    if (server.child.exit !== undefined) throw new Error(`the broker ended by itself:\n${server.child.tail}`)
    await pause(1)
  }
  // A different moment in each round, the same in each run.
  await pause((round * 37) % 101)
  const acked: ReadonlyArray<Ack>[] = loads.map((load) => [...load.acks])
  const counts = gained()
  await server.child.kill()
  const since = performance.now()
  const next = await kind.start(start)
  const millis = performance.now() - since
  for (const [index, load] of loads.entries()) await verifyAcks(start.port, load.topic, partitions, acked[index]!)
  return { server: next, detail: `${loads.map((load, index) => `${load.title} ${counts[index]}`).join(" + ")} acknowledgements, back in ${millis.toFixed(0)} ms` }
}
