import type { Admin, QuorumDescription, QuorumReplica } from "@tailrace/client"
import type { Context } from "../Context.ts"
import { CommandError } from "../CommandError.ts"
import { ExitCode } from "../ExitCode.ts"
import { printJson } from "../internal/connecting.ts"
import { table } from "../internal/table.ts"
import { wallMillis } from "../internal/timing.ts"
import { UsageError } from "../UsageError.ts"
import type { ClusterArguments } from "./clusterFlags.ts"
import { largestLag } from "./clusterInfo.ts"

/** `cluster quorum`: what kafka-metadata-quorum prints for --status, and with --replication its table. */
export const quorum = async (admin: Admin, args: ClusterArguments, context: Context): Promise<number> => {
  const [described, { clusterId }] = await Promise.all([admin.describeQuorum(), admin.describeCluster()])
  if (args.has("json")) {
    printJson(context, { clusterId, ...described, maxFollowerLag: largestLag(described), maxFollowerLagTimeMs: largestLagMillis(described) })
    return ExitCode.ok
  }
  context.stdout.write(args.has("replication") ? replicationTable(described, args.has("human-readable")) : status(described, clusterId))
  return ExitCode.ok
}

const status = (described: QuorumDescription, clusterId: string | null): string => {
  const list = (replicas: ReadonlyArray<QuorumReplica>): string =>
    `[${replicas.map(({ directoryId, nodeId }) => `{"id": ${nodeId}, "directoryId": "${directoryId}"}`).join(", ")}]`
  const rows: ReadonlyArray<readonly [string, string | number]> = [
    ["ClusterId", clusterId ?? ""], ["LeaderId", described.leaderId], ["LeaderEpoch", described.leaderEpoch],
    ["HighWatermark", described.highWatermark], ["MaxFollowerLag", largestLag(described)],
    ["MaxFollowerLagTimeMs", largestLagMillis(described)], ["CurrentVoters", list(described.voters)], ["CurrentObservers", list(described.observers)]
  ]
  return rows.map(([name, value]) => `${`${name}:`.padEnd(24)}${value}\n`).join("")
}

/** Of the voter behind all others; -1 when unknown. */
const largestLagMillis = ({ leaderId, voters }: QuorumDescription): number => {
  const leader = voters.find(({ nodeId }) => nodeId === leaderId)
  const last = voters.toSorted((a, b) => a.logEndOffset - b.logEndOffset)[0]
  if (leader === undefined || last === undefined) return -1
  if (last.logEndOffset === leader.logEndOffset) return 0
  return last.lastCaughtUpTimestamp < 0 ? -1 : leader.lastCaughtUpTimestamp - last.lastCaughtUpTimestamp
}

const replicationTable = ({ leaderId, observers, voters }: QuorumDescription, isForPeople: boolean): string => {
  const end = voters.find(({ nodeId }) => nodeId === leaderId)?.logEndOffset ?? -1
  const time = (millis: number): string | number => !isForPeople || millis < 0 ? millis : `${Math.max(0, wallMillis() - millis)} ms ago`
  const row = (replica: QuorumReplica, role: string): ReadonlyArray<string | number> => [
    replica.nodeId, replica.directoryId, replica.logEndOffset, end - replica.logEndOffset, time(replica.lastFetchTimestamp),
    time(replica.lastCaughtUpTimestamp), role
  ]
  return table([["NodeId", 7], ["DirectoryId", 23], ["LogEndOffset", 13], ["Lag", 7], ["LastFetchTimestamp", 20], ["LastCaughtUpTimestamp", 22], ["Status", 0]], [
    ...voters.filter(({ nodeId }) => nodeId === leaderId).map((replica) => row(replica, "Leader")),
    ...voters.filter(({ nodeId }) => nodeId !== leaderId).map((replica) => row(replica, "Follower")),
    ...observers.map((replica) => row(replica, "Observer"))
  ])
}

/** The node that the bare word, or Kafka's flag, names. */
export const nodeIdOf = (args: ClusterArguments): number => {
  const [word, ...more] = args.positionals
  const given = word ?? args.text("controller-id") ?? args.text("id")
  if (given === undefined || more.length > 0 || !/^\d+$/.test(given)) {
    throw new UsageError("name one node by its id", `For example: tailrace cluster ${args.action} 4. \`tailrace cluster\` shows the ids.`)
  }
  return Number(given)
}

/** `cluster add-controller`: the node runs already and follows the metadata; from then on it votes. */
export const addController = async (admin: Admin, args: ClusterArguments, context: Context): Promise<number> => {
  const nodeId = nodeIdOf(args)
  const { observers, voters } = await admin.describeQuorum()
  const directoryId = args.text("controller-directory-id") ?? observers.find((it) => it.nodeId === nodeId)?.directoryId
  if (directoryId === undefined) {
    const isVoter = voters.some((it) => it.nodeId === nodeId)
    throw new CommandError(isVoter ? `node ${nodeId} is a controller already` : `node ${nodeId} does not follow the metadata of this cluster`, isVoter ? {} : {
      advice: `Start it first, with the cluster's cluster.name, nats.servers and controller.quorum.voters; \`tailrace cluster quorum --replication\` shows it then.`
    })
  }
  await admin.addVoter(nodeId, directoryId)
  if (args.has("json")) printJson(context, { nodeId, directoryId, isController: true })
  else context.stdout.write(`Added controller ${nodeId} with directory id ${directoryId}.\n`)
  return ExitCode.ok
}

export const removeController = async (admin: Admin, args: ClusterArguments, context: Context): Promise<number> => {
  const nodeId = nodeIdOf(args)
  const { voters } = await admin.describeQuorum()
  const directoryId = args.text("controller-directory-id") ?? voters.find((it) => it.nodeId === nodeId)?.directoryId
  if (directoryId === undefined) {
    throw new CommandError(`node ${nodeId} is no controller`, { advice: `The controllers are ${voters.map((it) => it.nodeId).join(", ")}.` })
  }
  if (voters.length === 1) throw new CommandError(`node ${nodeId} is the only controller`, { advice: "Add another one first: tailrace cluster add-controller NODE." })
  await admin.removeVoter(nodeId, directoryId)
  if (args.has("json")) printJson(context, { nodeId, directoryId, isController: false })
  else context.stdout.write(`Removed controller ${nodeId} with directory id ${directoryId}.\n`)
  return ExitCode.ok
}

/** `cluster unregister`: refused while the node still has something that would be lost from sight. */
export const unregister = async (admin: Admin, args: ClusterArguments, context: Context): Promise<number> => {
  const nodeId = nodeIdOf(args)
  const [{ nodes }, topics, { voters }] = await Promise.all([admin.describeCluster({ includeFenced: true }), admin.describeTopics(null), admin.describeQuorum()])
  const node = nodes.find(({ id }) => id === nodeId)
  if (!args.has("force")) {
    const held = topics.flatMap(({ partitions }) => partitions).filter(({ replicas }) => replicas.includes(nodeId)).length
    const refuse = (why: string, advice: string): never => {
      throw new CommandError(`node ${nodeId} ${why}`, { advice: `${advice} --force does it all the same.` })
    }
    if (node?.isFenced === false) refuse("runs, and would register again at once", "Stop it first.")
    if (held > 0) refuse(`still has ${held} ${held === 1 ? "replica" : "replicas"}`, `Move them first: tailrace cluster drain ${nodeId}.`)
    if (voters.some((it) => it.nodeId === nodeId)) refuse("is still a controller", `Remove it first: tailrace cluster remove-controller ${nodeId}.`)
  }
  await admin.unregisterBroker(nodeId)
  if (args.has("json")) printJson(context, { nodeId, isRegistered: false })
  else context.stdout.write(`Unregistered node ${nodeId}.\n`)
  return ExitCode.ok
}
