import type { Chaos } from "../Chaos.ts"
import type { Scenario } from "../Scenario.ts"

const cut = (chaos: Chaos, title: string, begin: () => void): Promise<void> => chaos.fault({
  title, holdMillis: chaos.between(8_000, 12_000), begin, end: () => chaos.cluster.network.heal()
})

const others = (chaos: Chaos, id: number): number[] => chaos.cluster.nodes.map((node) => node.id).filter((other) => other !== id)

const scenario = (name: string, title: string, round: Scenario["round"]): Scenario => ({ name, title, needs: ["namespaces"], round })

export const partitions: ReadonlyArray<Scenario> = [
  { ...scenario("isolate-leader", "a leader that nobody reaches", async (chaos) => {
    const { id } = await chaos.leader()
    await cut(chaos, "isolate leader", () => chaos.cluster.network.isolate(id))
  }), isInCi: true },
  scenario("isolate-controller", "a controller that nobody reaches", async (chaos) => {
    const { id } = await chaos.controller()
    await cut(chaos, "isolate controller", () => chaos.cluster.network.isolate(id))
  }),
  scenario("halves", "one node and two nodes that do not hear each other, all of them within reach of clients", async (chaos) => {
    const { id } = chaos.pick(chaos.cluster.nodes)
    await cut(chaos, "halves", () => chaos.cluster.network.partition([id], others(chaos, id)))
  }),
  scenario("one-way", "a leader whose words reach nobody, though it hears all", async (chaos) => {
    const { id } = await chaos.leader()
    await cut(chaos, "one way from the leader", () => chaos.cluster.network.partition([id], others(chaos, id), { oneWay: true }))
  }),
  scenario("one-way-deaf", "a leader that hears nobody, though its words reach all", async (chaos) => {
    const { id } = await chaos.leader()
    await cut(chaos, "one way to the leader", () => chaos.cluster.network.partition(others(chaos, id), [id], { oneWay: true }))
  }),
  scenario("peer-only", "a leader that clients reach and other nodes do not", async (chaos) => {
    const { id } = await chaos.leader()
    await cut(chaos, "peer-only", () => chaos.cluster.network.peerOnly(id))
  }),
  scenario("nats-route", "the route between two NATS servers", async (chaos) => {
    const node = await chaos.leader()
    const other = chaos.other(node)
    await cut(chaos, "NATS route", () => chaos.cluster.network.cutRoute(node.id, other.id))
  })
]
