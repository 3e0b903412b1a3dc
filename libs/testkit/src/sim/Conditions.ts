import type { SeededRandom } from "@tailrace/runtime/simulated"
import { type MemberOptions, smallDirectory } from "./world/SimulatedMember.ts"
import type { WorkloadPlan } from "./workload/Workload.ts"
import type { WorkloadTopic } from "./workload/WorkloadContext.ts"

/** The world of one run, drawn from its seed. */
export interface Conditions {
  readonly nodes: number
  readonly topics: ReadonlyArray<WorkloadTopic>
  readonly workload: WorkloadPlan
  readonly properties: Readonly<Record<string, string>>
  readonly cutsWrites: boolean
  readonly member: (nodeId: number, random: SeededRandom) => Omit<MemberOptions, "nodeId" | "properties">
}

const ratePartsMax = 1_000
/** Two or three batches, so that replicas have to wait for their disks. */
const smallBacklogBytes = 4_096

export function drawConditions(random: SeededRandom): Conditions {
  const pick = <T>(values: ReadonlyArray<T>): T => values[random.nextInt(values.length)]!
  const nodes = pick([3, 3, 3, 3, 4, 5])
  const topics = Array.from({ length: 1 + random.nextInt(3) }, (_, i) => ({
    name: `topic-${i + 1}`, partitions: 1 + random.nextInt(3), minIsr: random.nextInt(5) === 0 ? 1 : 2
  }))
  const producers = Array.from({ length: 2 + random.nextInt(3) }, (_, i) => {
    const acks = i > 0 && random.nextInt(4) === 0 ? 1 as const : "all" as const
    return {
      acks, isIdempotent: acks === "all" && random.nextInt(3) > 0, pauseMillisMean: pick([80, 160, 300]),
      recordBytesMax: pick([20, 200, 2_000])
    }
  })
  const flushMillisMean = pick([0, 1, 5, 20])
  const hasPendingReads = random.nextInt(3) === 0
  const isVisibleBeforeDurable = random.nextInt(4) === 0
  const backlogBytesMax = random.nextInt(4) === 0 ? smallBacklogBytes : undefined
  const cutsWrites = random.nextInt(4) === 0
  const groupMembers = pick([1, 2, 2, 3])
  const properties = {
    "offsets.topic.num.partitions": "3",
    ...(random.nextInt(2) === 0 ? { "timer.profile": "ci" } : {}),
    // So that decisions take several entries, of which some get lost.
    ...(random.nextInt(4) === 0 ? { "internal.metadata.max.batch.size.in.bytes": "120" } : {})
  }
  const hasShortLived = random.nextInt(4) === 0
  return {
    nodes, topics, cutsWrites, properties,
    workload: { producers, readers: 1, groupMembers, hasShortLived },
    member: (_, own) => ({
      clockError: { skewMillis: own.nextInt(1_000) - 500, rate: 1 + (own.nextInt(2 * ratePartsMax) - ratePartsMax) / 1e6 },
      ...(flushMillisMean === 0 ? {} : { flushMillis: () => -Math.log(1 - own.nextFraction()) * flushMillisMean }),
      hasPendingReads, isVisibleBeforeDurable,
      ...(backlogBytesMax === undefined ? {} : { directory: { ...smallDirectory, backlogBytesMax } })
    })
  }
}
