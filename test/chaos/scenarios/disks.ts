import { pause } from "../../bench/harness/network.ts"
import type { ClusterNode } from "../../cluster/ClusterNode.ts"
import type { Chaos } from "../Chaos.ts"
import type { Scenario } from "../Scenario.ts"

const logFile = /log\.mdb$/
const bits = 8
const delayMillis = 200
const missedMillis = 5_000

/**
 * The node is killed, its data damaged, and it starts again. Where it refuses the directory and says why, we do what an administrator does:
 * an empty one, filled by the others. Refusing in any other way is a failure.
 */
const damaged = (chaos: Chaos, title: string, node: ClusterNode, damage: () => unknown): Promise<void> => chaos.fault({
  title, holdMillis: 2_000,
  begin: async () => {
    await chaos.kill(node)
    damage()
  },
  end: async () => {
    try {
      await chaos.start(node)
    } catch (error) {
      if (node.process.isRunning || !/damage|corrupt/i.test(node.process.lastWords)) throw error
      chaos.notes.push(`node ${node.id} refused its directory: ${node.process.lastWords.split("\n").find((line) => /damage|corrupt/i.test(line))}`)
      node.wipe()
      await chaos.start(node)
    }
    await chaos.cluster.client.isrFull()
  }
})

const random = (chaos: Chaos) => (): number => chaos.random.nextFraction()

const oldCopy = async (chaos: Chaos): Promise<void> => {
  const node = chaos.pick(chaos.cluster.nodes)
  await chaos.kill(node)
  node.saveCopy()
  await chaos.start(node)
  await chaos.cluster.client.isrFull()
  await pause(missedMillis)
  await damaged(chaos, "old copy restored", node, () => node.restoreCopy())
}

const flushFault = (chaos: Chaos, title: string, node: ClusterNode, fault: Parameters<ClusterNode["startFlushFault"]>[0]): Promise<void> => chaos.fault({
  title, holdMillis: 6_000,
  begin: async () => {
    if (fault.fails === true) chaos.mayEnd(node.process)
    await node.startFlushFault(fault)
  },
  end: async () => {
    await node.endFlushFault()
    await chaos.backInSync(node)
  }
})

export const disks: ReadonlyArray<Scenario> = [
  { name: "disk-full", title: "a leader's disk is full", needs: ["mounts"], diskMebibytes: 256, round: async (chaos) => {
    const node = await chaos.leader()
    // The store asks lmdb for no page that has no room, but we take the room between its look and its write: see libs/log/README.md.
    chaos.mayEnd(node.process)
    await chaos.fault({ title: "disk full", holdMillis: 8_000, begin: () => node.disk.fill(), end: async () => {
      if (!node.process.isRunning) chaos.notes.push(`node ${node.id} ended on a full disk: ${node.process.lastWords.split("\n")[0]}`)
      node.disk.free()
      await chaos.backInSync(node)
    } })
  } },
  { name: "flush-eio", title: "a leader's flushes fail with EIO", needs: ["strace"], round: async (chaos) => flushFault(chaos, "flush EIO", await chaos.leader(), { fails: true }) },
  { name: "flush-delay", title: `a leader's flushes take ${delayMillis} ms longer`, needs: ["strace"], round: async (chaos) => flushFault(chaos, "flush delay", await chaos.leader(), { delayMillis }) },
  { name: "bit-flips", title: "bits of one node's data flipped while it is down", isInCi: true, round: async (chaos) => {
    const node = chaos.pick(chaos.cluster.nodes)
    await damaged(chaos, "bit flips", node, () => node.flipBits({ bits, random: random(chaos), match: logFile }))
  } },
  { name: "truncated", title: "the end of one node's data cut off while it is down", round: async (chaos) => {
    const node = chaos.pick(chaos.cluster.nodes)
    await damaged(chaos, "truncated data", node, () => node.truncateTail(4096 * (1 + chaos.random.nextInt(16)), logFile))
  } },
  { name: "wiped", title: "one node comes back with an empty disk", round: async (chaos) => {
    const node = chaos.pick(chaos.cluster.nodes)
    await damaged(chaos, "wiped disk", node, () => node.wipe())
  } },
  { name: "old-copy", title: "one node comes back with an old copy of its data", round: oldCopy }
]
