import type { ClusterNode } from "../../cluster/ClusterNode.ts"
import type { Chaos } from "../Chaos.ts"
import type { Scenario } from "../Scenario.ts"

const without = (chaos: Chaos, title: string, nodes: ReadonlyArray<ClusterNode>, holdMillis: number): Promise<void> => chaos.fault({
  title, holdMillis,
  begin: async () => void await Promise.all(nodes.map((node) => chaos.killBus(node))),
  end: async () => void await Promise.all(nodes.map((node) => chaos.startBus(node)))
})

export const buses: ReadonlyArray<Scenario> = [
  {
    name: "nats-kill", title: "kill -9 of a leader's NATS server", isInCi: true,
    round: async (chaos) => without(chaos, "kill NATS", [await chaos.leader()], chaos.between(4_000, 8_000))
  },
  {
    name: "nats-restart", title: "a leader's NATS server killed and started at once",
    round: async (chaos) => without(chaos, "restart NATS", [await chaos.leader()], 0)
  },
  { name: "nats-pause", title: "SIGSTOP of a leader's NATS server", round: async (chaos) => {
    const node = await chaos.leader()
    await chaos.fault({ title: "pause NATS", holdMillis: chaos.between(6_000, 12_000), begin: () => node.bus?.pause(), end: () => node.bus?.resume() })
  } },
  { name: "nats-all", title: "kill -9 of all NATS servers", round: (chaos) => without(chaos, "kill all NATS", chaos.cluster.nodes, chaos.between(1_000, 10_000)) },
  { name: "nats-all-long", title: "no NATS server for 60 s", round: (chaos) => without(chaos, "no NATS for 60 s", chaos.cluster.nodes, 60_000) }
]
