import { ErrorCode } from "@tailrace/kafka-protocol"
import { PartitionState } from "@tailrace/replication"
import { LineLogger, MemorySink } from "@tailrace/runtime"
import { VirtualClock } from "@tailrace/runtime/simulated"
import { expect, it } from "vitest"
import { IsrKeeper, type IsrKeeperOptions } from "../src/lifecycle/IsrKeeper.ts"
import type { PartitionActor } from "../src/PartitionActor.ts"

interface Call {
  readonly isr: ReadonlyArray<number>
  readonly resolve: (response: unknown) => void
}

it("a refusal that comes late takes away no other proposal than the refused one", async () => {
  const clock = new VirtualClock()
  const state = new PartitionState({ nodeId: 1, logStartOffset: 0, logEndOffset: 10, highWatermark: 10 })
  const view = { leader: 1, leaderEpoch: 3, partitionEpoch: 5, replicas: [1, 2, 3, 4], isr: [1, 2, 4], minIsr: 2 }
  state.becomeLeader(view, 0)
  const actor = {
    topicId: "t", topic: "t", partition: 0, isLeader: true, leaderEpoch: 3,
    get partitionEpoch() { return state.partitionEpoch },
    stalled: () => undefined,
    proposeIsr: (nowMillis: number, lagMillisMax: number) => state.proposeIsr(nowMillis, lagMillisMax),
    isrRefused: (partitionEpoch: number) => state.isrRefused(partitionEpoch)
  } as unknown as PartitionActor
  const calls: Array<Call> = []
  const call = (_kind: string, { topics }: { topics: Array<{ partitions: Array<{ newIsr: Array<{ brokerId: number }> }> }> }): Promise<unknown> =>
    new Promise((resolve) => calls.push({ isr: topics[0]!.partitions[0]!.newIsr.map(({ brokerId }) => brokerId), resolve }))
  const keeper = new IsrKeeper({
    nodeId: 1, brokerEpoch: () => 1, partitions: () => [actor], controller: { call } as unknown as IsrKeeperOptions["controller"],
    controllerEpoch: () => 1, clock, logger: new LineLogger({ clock, sink: new MemorySink() }), lagMillisMax: 2_000, requestMillis: 1_000
  })
  const fetched = (durableEnd: number, ...nodes: ReadonlyArray<number>): void => {
    for (const nodeId of nodes) {
      state.followerAcknowledged({ nodeId, brokerEpoch: nodeId, leaderEpoch: 3, durableEnd, nowMillis: clock.monotonicMillis() })
    }
  }
  fetched(10, 2, 3, 4)
  keeper.start()
  await clock.advanceSettled(500)
  expect(calls.map(({ isr }) => isr)).toEqual([[1, 2, 3, 4]])
  // While the controller's answer is on its way it has taken out 4, and there is something else to propose.
  state.becomeLeader({ ...view, partitionEpoch: 6, isr: [1, 2] }, clock.monotonicMillis())
  state.stage(11)
  state.durable(11)
  fetched(11, 2, 3)
  await clock.advanceSettled(500)
  expect([calls.length, state.maximalIsr]).toEqual([1, [1, 2, 3]])
  const refused = { errorCode: ErrorCode.INELIGIBLE_REPLICA, partitionIndex: 0 }
  calls[0]!.resolve({ errorCode: ErrorCode.NONE, topics: [{ topicId: "t", partitions: [refused] }] })
  await clock.advanceSettled(500)
  expect(calls.map(({ isr }) => isr)).toEqual([[1, 2, 3, 4], [1, 2, 3]])
  // A refusal of what is open still ends it, and the same is proposed again.
  calls[1]!.resolve({ errorCode: ErrorCode.NONE, topics: [{ topicId: "t", partitions: [refused] }] })
  await clock.advanceSettled(0)
  expect(state.hasOpenProposal).toBe(false)
  await clock.advanceSettled(500)
  expect(calls.map(({ isr }) => isr)).toEqual([[1, 2, 3, 4], [1, 2, 3], [1, 2, 3]])
  keeper.close()
})
