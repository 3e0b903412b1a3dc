import type { ClusterNode } from "../../cluster/ClusterNode.ts"
import { pause } from "../../bench/harness/network.ts"
import type { Chaos } from "../Chaos.ts"
import type { Scenario } from "../Scenario.ts"

const phaseMillis = 15_000

const sleepFor = (chaos: Chaos, title: string, node: ClusterNode, holdMillis: number): Promise<void> => chaos.fault({
  title, holdMillis, begin: () => node.pause(), end: () => node.resume()
})

/**
 * One node sleeps while the two others go on, then one of them is killed and the other put to sleep while the first wakes: the quorum is now
 * that of the node that missed everything and the one that was killed. It is the schedule by which Jepsen split NATS JetStream.
 */
const pauseKill = async (chaos: Chaos): Promise<void> => {
  const [asleep, killed, last] = chaos.random.nextInt(2) === 0 ? chaos.cluster.nodes : chaos.cluster.nodes.toReversed()
  if (asleep === undefined || killed === undefined || last === undefined) throw new Error("the schedule needs three nodes")
  await chaos.fault({
    title: "pause one, kill one, wake and pause the others", holdMillis: 0,
    begin: async () => {
      asleep.pause()
      await pause(phaseMillis)
      await chaos.kill(killed)
      last.pause()
      asleep.resume()
      await chaos.start(killed)
      await pause(phaseMillis)
    },
    end: () => last.resume()
  })
}

export const pauses: ReadonlyArray<Scenario> = [
  { name: "pause-leader", title: "SIGSTOP of a leader for 5 s", isInCi: true, round: async (chaos) => sleepFor(chaos, "pause leader 5 s", await chaos.leader(), 5_000) },
  { name: "pause-leader-long", title: "SIGSTOP of a leader for 30 s", round: async (chaos) => sleepFor(chaos, "pause leader 30 s", await chaos.leader(), 30_000) },
  {
    name: "pause-controller", title: "SIGSTOP of the controller for 8 s", standsInFor: "isolate-leader",
    round: async (chaos) => sleepFor(chaos, "pause controller", await chaos.controller(), 8_000)
  },
  {
    name: "pause-follower", title: "SIGSTOP of a follower for 30 s",
    round: async (chaos) => sleepFor(chaos, "pause follower 30 s", chaos.other(await chaos.leader()), 30_000)
  },
  { name: "pause-kill", title: "the schedule of pauses and a kill that split NATS JetStream in Jepsen's test", round: pauseKill }
]
