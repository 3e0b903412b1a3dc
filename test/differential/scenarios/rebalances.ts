import type { AnswerOf, InputOf } from "../codec.ts"
import type { Peer } from "../Peer.ts"
import type { Scenario } from "../Scenario.ts"
import { subscription } from "../subscription.ts"

interface Member {
  readonly name: string
  id: string
  generation: number
}

/** Members that come and go in the middle of a rebalance. */
export const rebalances: Scenario = {
  name: "rebalances",
  async run(peer) {
    for (const version of [2, 5, 9]) await leavers(peer, version)
    for (const version of [3, 7]) await lateJoiner(peer, version)
    await protocolsOfAll(peer)
  }
}

const asks = (groupId: string, version: number, peer: Peer) => ({
  join: async (label: string, member: Member, names: ReadonlyArray<string> = ["range"]): Promise<AnswerOf<"JoinGroup"> | undefined> => {
    const input: InputOf<"JoinGroup"> = {
      groupId, sessionTimeoutMs: 30_000, rebalanceTimeoutMs: 30_000, memberId: member.id, protocolType: "consumer", protocols: names.map((name) => ({ name, metadata: subscription(`${member.name} ${name}`) }))
    }
    let answer = await peer.ask(label, "JoinGroup", version, input, { on: member.name })
    if (answer?.errorCode === 79) answer = await peer.ask(`${label}, with its id`, "JoinGroup", version, { ...input, memberId: answer.memberId }, { on: member.name })
    member.id = answer?.memberId ?? ""
    member.generation = answer?.generationId ?? 0
    return answer
  },
  sync: (label: string, member: Member, assignedTo: ReadonlyArray<Member> = [], protocolName = "range") => peer.ask(label, "SyncGroup", Math.min(version, 5), {
    groupId, generationId: member.generation, memberId: member.id, protocolType: "consumer", protocolName, assignments: assignedTo.map(({ id, name }) => ({ memberId: id, assignment: Buffer.from(name) }))
  }, { on: member.name }),
  beat: (label: string, { generation, id }: Member) => peer.ask(label, "Heartbeat", Math.min(version, 4), { groupId, generationId: generation, memberId: id }),
  leave: (label: string, { id }: Member) => peer.ask(label, "LeaveGroup", Math.min(version, 5), version < 3 ? { groupId, memberId: id } : { groupId, members: [{ memberId: id }] }),
  rebalancing: ({ generation, id }: Member) => peer.until("Heartbeat", { groupId, generationId: generation, memberId: id }, ({ errorCode }) => errorCode === 27)
})

const member = (name: string): Member => ({ name, id: "", generation: 0 })

async function leavers(peer: Peer, version: number): Promise<void> {
  const { beat, join, leave, rebalancing, sync } = asks(`leavers-${version}`, version, peer)
  const [one, two, three] = [member("one"), member("two"), member("three")]
  await join("one", one)
  await sync("one", one, [one])
  const joining = join("two", two)
  await rebalancing(one)
  const again = join("one again", one)
  await Promise.all([joining, again])
  const waits = sync("two waits", two)
  await leave("one, the leader, leaves while two waits for it", one)
  await waits
  await beat("two", two)
  await join("two leads", two)
  await sync("two", two, [two])
  const third = join("three", three)
  await rebalancing(two)
  await leave("two leaves before it has joined", two)
  await third
  await sync("three is alone", three, [three])
  await beat("three", three)
  await leave("three", three)
  await beat("three has left", three)
}

async function lateJoiner(peer: Peer, version: number): Promise<void> {
  const { beat, join, rebalancing, sync } = asks(`late-${version}`, version, peer)
  const [one, two] = [member("one"), member("two")]
  await join("one", one)
  const joining = join("two, before one has synced", two)
  await rebalancing(one)
  await sync("one, too late", one, [one])
  const again = await Promise.all([join("one again", one), joining])
  const leader = again[0]?.leader === one.id ? one : two
  const other = leader === one ? two : one
  peer.note("the leader is", leader.name)
  await sync("the leader", leader, [leader])
  await sync("the other has nothing", other)
  await join("the other joins again, nothing new", other)
  await sync("the other again", other)
  await beat("the leader", leader)
  await sync("of a generation before", { ...leader, generation: leader.generation - 1 }, [leader])
}

async function protocolsOfAll(peer: Peer): Promise<void> {
  const { join, rebalancing, sync } = asks("protocols", 9, peer)
  const [one, two] = [member("one"), member("two")]
  await join("one knows two", one, ["range", "sticky"])
  await sync("one", one, [one])
  const joining = join("two knows one of them", two, ["sticky"])
  await rebalancing(one)
  await join("one again", one, ["range", "sticky"])
  await joining
  const waits = sync("two", two, [], "sticky")
  await sync("one, by the protocol of before", one, [one, two], "range")
  await sync("one", one, [one, two], "sticky")
  await waits
  await join("one changes what it knows", one, ["range"])
  await join("three knows none of them", member("three"), ["else"])
}
