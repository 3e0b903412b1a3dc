import type { ClusterNode } from "../../cluster/ClusterNode.ts"
import type { Chaos } from "../Chaos.ts"
import type { Scenario } from "../Scenario.ts"

/** kill -9, down for a while, back again. */
const bounce = (chaos: Chaos, title: string, nodes: ReadonlyArray<ClusterNode>): Promise<void> => chaos.fault({
  title, holdMillis: chaos.between(2_000, 6_000),
  begin: async () => void await Promise.all(nodes.map((node) => chaos.kill(node))),
  end: async () => void await Promise.all(nodes.map((node) => chaos.start(node)))
})

export const kills: ReadonlyArray<Scenario> = [
  { name: "kill-leader", title: "kill -9 of a leader", isInCi: true, round: async (chaos) => bounce(chaos, "kill -9 leader", [await chaos.leader()]) },
  {
    name: "kill-follower", title: "kill -9 of a follower",
    round: async (chaos) => bounce(chaos, "kill -9 follower", [chaos.other(await chaos.leader())])
  },
  { name: "kill-controller", title: "kill -9 of the controller, whose partitions are led elsewhere", round: async (chaos) => {
    const controller = await chaos.controller()
    await chaos.leadElsewhere(controller)
    await bounce(chaos, "kill -9 controller", [controller])
  } },
  {
    name: "kill-controller-leader", title: "kill -9 of the controller, which leads partitions too", isInCi: true,
    round: async (chaos) => bounce(chaos, "kill -9 controller and leader", [await chaos.controller()])
  },
  { name: "kill-all", title: "kill -9 of all nodes", isInCi: true, round: (chaos) => bounce(chaos, "kill -9 all", chaos.cluster.nodes) },
  { name: "rolling-restart", title: "every node restarted in turn", isInCi: true, round: (chaos) => chaos.fault({
    title: "rolling restart", holdMillis: 0,
    begin: async () => {
      for (const node of chaos.cluster.nodes) {
        await chaos.restart(node)
        await chaos.cluster.client.isrFull()
      }
    },
    end: () => undefined
  }) }
]
