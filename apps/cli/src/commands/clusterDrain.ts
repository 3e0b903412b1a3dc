import type { Admin, ReassignmentUnderWay } from "@tailrace/client"
import type { Context } from "../Context.ts"
import { CommandError } from "../CommandError.ts"
import { ExitCode } from "../ExitCode.ts"
import { ClusterView } from "../internal/ClusterView.ts"
import { printJson } from "../internal/connecting.ts"
import { alterReassignments, nameOf, targetsOf } from "../internal/moving.ts"
import { planReplicas } from "../internal/planReplicas.ts"
import { formatPlan, type Placement } from "../internal/reassignmentPlan.ts"
import { StatusLine } from "../internal/StatusLine.ts"
import { monotonicMillis, pause } from "../internal/timing.ts"
import type { ClusterArguments } from "./clusterFlags.ts"
import { nodeIdOf } from "./clusterQuorum.ts"

const pollMillis = 500

interface Found {
  readonly view: ClusterView
  readonly underWay: ReadonlyArray<ReassignmentUnderWay>
}

const look = async (admin: Admin): Promise<Found> => {
  const [view, underWay] = await Promise.all([ClusterView.ask(admin), admin.listPartitionReassignments()])
  return { view, underWay }
}

/**
 * `cluster drain`: moves every replica, and with it every leader, from a node to the others, and waits until it has none. Topics
 * that are made meanwhile may get replicas there, so it looks again until nothing is left. Ending it leaves the moves under way.
 */
export const drain = async (admin: Admin, args: ClusterArguments, context: Context): Promise<number> => {
  const nodeId = nodeIdOf(args)
  const interrupted = context.interrupted()
  const waitMillis = args.integer("wait-ms") ?? Number.POSITIVE_INFINITY
  const startMillis = monotonicMillis()
  const status = new StatusLine(context.stderr)
  const moved = new Set<string>()
  let found = await look(admin)
  if (found.view.node(nodeId) === undefined) throw new CommandError(`there is no node ${nodeId}`, { code: "BROKER_ID_NOT_REGISTERED", advice: "`tailrace cluster` shows the nodes." })
  const firstPlan = planWithout(found, nodeId)
  if (args.has("dry-run")) {
    if (args.has("json")) printJson(context, { node: nodeId, plan: JSON.parse(formatPlan(firstPlan)) as unknown })
    else context.stdout.write(`${formatPlan(firstPlan)}\n`)
    return ExitCode.ok
  }
  const total = heldBy(found.view, nodeId)
  try {
    for (;;) {
      const left = heldBy(found.view, nodeId)
      if (left === 0) break
      for (const name of await begin(admin, planWithout(found, nodeId))) moved.add(name)
      if (interrupted.aborted || monotonicMillis() - startMillis >= waitMillis) {
        throw new CommandError(`node ${nodeId} still has ${left} of ${total} replicas`, {
          advice: "The moves go on: `tailrace cluster reassign --list` shows them, and the same command waits for them."
        })
      }
      status.show(describe(found, nodeId, total))
      await pause(Math.min(pollMillis, waitMillis), interrupted)
      found = await look(admin)
    }
  } finally {
    status.end()
  }
  const isVoter = found.view.quorum?.voters.some((voter) => voter.nodeId === nodeId) === true
  if (args.has("json")) printJson(context, { node: nodeId, moved: [...moved], isController: isVoter })
  else {
    context.stdout.write(`Node ${nodeId} has no replicas and leads nothing; ${moved.size} moved.\n`)
    if (isVoter) context.stdout.write(`It is still a controller: tailrace cluster remove-controller ${nodeId}\n`)
  }
  return ExitCode.ok
}

const heldBy = (view: ClusterView, nodeId: number): number => view.partitions.filter(({ replicas }) => replicas.includes(nodeId)).length

/** New replicas for what the node has and is not leaving yet. Nothing is changed when there is no place for one of them. */
const planWithout = ({ underWay, view }: Found, nodeId: number): ReadonlyArray<Placement> => {
  const targets = targetsOf(view.partitions, underWay)
  const here = targets.filter(({ replicas }) => replicas.includes(nodeId))
  const nodes = view.online.filter(({ id }) => id !== nodeId)
  const plan = planReplicas(here, nodes, { isBalanced: false, others: targets.filter(({ replicas }) => !replicas.includes(nodeId)) })
  if (!("replicationFactor" in plan)) return plan
  throw new CommandError(`${nameOf(plan)} has ${plan.replicationFactor} replicas, and without node ${nodeId} there ${
    nodes.length === 1 ? "is only one node" : `are only ${nodes.length} nodes`} online`, {
    advice: `Start another node first, or give the topic fewer replicas: tailrace cluster reassign --execute --topic ${plan.topic} --nodes ${
      nodes.map(({ id }) => id).join(",")} --replication-factor ${nodes.length}`
  })
}

/** The names of those that are on their way from now on. */
const begin = async (admin: Admin, plan: ReadonlyArray<Placement>): Promise<ReadonlyArray<string>> => {
  if (plan.length === 0) return []
  const results = await alterReassignments(admin, plan)
  // A topic that was deleted meanwhile needs no place.
  const refused = results.find(({ error }) => error !== undefined && error.codeName !== "UNKNOWN_TOPIC_OR_PARTITION")
  if (refused?.error !== undefined) throw refused.error
  return results.filter(({ error }) => error === undefined).map(nameOf)
}

const describe = ({ underWay, view }: Found, nodeId: number, total: number): string => {
  const left = heldBy(view, nodeId)
  const leads = view.node(nodeId)?.leads ?? 0
  const waitsFor = new Set(underWay.flatMap(({ adding }) => adding).filter((id) => view.node(id)?.isFenced === true))
  return `Node ${nodeId}: ${Math.max(0, total - left)} of ${total} replicas moved, ${leads} partitions still led${
    waitsFor.size === 0 ? "" : `; waiting for node ${[...waitsFor].join(", ")}, which is fenced`}`
}
