import type { SimulatedDisk } from "@tailrace/log"
import { SeededRandom } from "@tailrace/runtime/simulated"
import { expect, it } from "vitest"
import { batchOf, createTopic, fetch, outcomeOf, produceRequest, recordsIn } from "./support/requests.ts"
import { type SimulatedClient, SimulatedNode } from "./support/SimulatedNode.ts"

const groupId = "billing"
const runs = 6
const stepsPerRun = 30

/** What clients were promised, and what they may find without a promise. */
class History {
  readonly #acknowledged = new Set<string>()
  #committed = -1
  #attempted = -1

  produce(client: SimulatedClient, value: string, valueBytes: number): void {
    client.raw.request("Produce", 9, produceRequest("a", batchOf([value], { valueBytes }))).then((response) => {
      if (outcomeOf(response).errorCode === 0) this.#acknowledged.add(value)
    }, () => undefined)
  }

  commit(client: SimulatedClient): void {
    const committedOffset = ++this.#attempted
    const topics = [{ name: "a", partitions: [{ partitionIndex: 0, committedOffset, committedMetadata: "" }] }]
    client.raw.request("OffsetCommit", 8, { groupId, topics }).then((response) => {
      if (response.topics[0]!.partitions[0]!.errorCode === 0) this.#committed = Math.max(this.#committed, committedOffset)
    }, () => undefined)
  }

  /** Every promise is kept, and nothing is there twice. */
  async check(client: SimulatedClient): Promise<void> {
    const { records } = await fetch(client, "a", { maxBytes: 1 << 24, partitionMaxBytes: 1 << 24 })
    const found = recordsIn(records).map(([, value]) => value.replace(/\.+$/, ""))
    expect(new Set(found).size).toBe(found.length)
    expect([...this.#acknowledged].filter((value) => !found.includes(value))).toEqual([])
    const { errorCode, topics } = await client.ask("OffsetFetch", 7, { groupId, topics: [{ name: "a", partitionIndexes: [0] }] })
    expect(errorCode).toBe(0)
    expect(topics[0]!.partitions[0]!.committedOffset).toBeGreaterThanOrEqual(this.#committed)
    expect(topics[0]!.partitions[0]!.committedOffset).toBeLessThanOrEqual(this.#attempted)
  }
}

/** Flushes that fail, that are written all the same, or take long. */
async function disturb(node: SimulatedNode, random: SeededRandom): Promise<void> {
  if (random.nextInt(12) === 0) node.store.failCommits(1, random.nextInt(2))
  if (random.nextInt(20) === 0) {
    node.store.holdFlushes()
    await node.advance(random.nextInt(8_000))
    node.store.releaseFlushes()
  }
  await node.advance(random.nextInt(8) === 0 ? 2_000 : random.nextInt(15))
}

async function live(node: SimulatedNode, run: number, history: History, random: SeededRandom): Promise<void> {
  const client = await node.connect()
  const committer = await node.connect()
  if (run === 0) {
    await createTopic(client, "a")
    await client.ask("FindCoordinator", 0, { key: groupId })
  }
  await history.check(client)
  for (let step = 0; step < stepsPerRun; step++) {
    history.produce(client, `${run}-${step}`, random.nextInt(400))
    if (random.nextInt(3) === 0) history.commit(committer)
    await disturb(node, random)
  }
  if (random.nextInt(2) === 0) return node.crash(random.nextInt(2) === 0)
  // Left in peace, the node is well again, by itself.
  await node.advance(15_000)
  await history.check(await node.connect())
  expect([node.directory.writeGate.isOpen, node.listener.frameBytesInFlight]).toEqual([true, 0])
  await node.close()
}

/** `SEED=7 SEEDS=1000` runs other histories than the usual ones. */
const firstSeed = Number(process.env["SEED"] ?? 1)
const seeds = Array.from({ length: Number(process.env["SEEDS"] ?? 40) }, (_, index) => firstSeed + index)

it.each(seeds)("a node keeps its promises over failing flushes, power losses and restarts: seed %i", async (seed) => {
  const random = new SeededRandom(seed)
  const history = new History()
  let before: { readonly disk: SimulatedDisk; readonly wallMillis: number } | undefined
  for (let run = 0; run < runs; run++) {
    const node = await SimulatedNode.start({
      ...before,
      seed: seed * runs + run,
      directory: { backlogBytesMax: 2_000 },
      store: { flushMillis: () => random.nextInt(20), hasPendingReads: random.nextInt(2) === 0 }
    })
    await live(node, run, history, random)
    before = { disk: node.disk, wallMillis: node.clock.wallMillis() + 1_000 }
  }
})
