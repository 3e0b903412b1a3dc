import type { Peer } from "./Peer.ts"

/** Waits for what a server makes at first use: its coordinators with their topic, and its first block of producer ids. */
export async function warmUp(peer: Peer): Promise<void> {
  await peer.until("FindCoordinator", { coordinatorKeys: ["warm"], keyType: 0 }, (answer) => answer.coordinators[0]?.errorCode === 0)
  const groups = Array.from({ length: 200 }, (_, index) => ({ groupId: `warm-${index}`, topics: null }))
  await peer.until("OffsetFetch", { groups, requireStable: false }, (answer) => answer.groups.every(({ errorCode }) => errorCode === 0), 9)
  await peer.until("InitProducerId", { transactionalId: null, transactionTimeoutMs: 60_000 }, ({ errorCode }) => errorCode === 0)
  peer.close()
}
