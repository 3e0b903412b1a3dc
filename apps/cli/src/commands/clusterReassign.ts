import type { Admin } from "@tailrace/client"
import type { Context } from "../Context.ts"
import { CommandError } from "../CommandError.ts"
import { ExitCode } from "../ExitCode.ts"
import { ClusterView } from "../internal/ClusterView.ts"
import { printJson } from "../internal/connecting.ts"
import { alterReassignments, applySettings, nameOf, noThrottle, targetsOf, throttleSettings } from "../internal/moving.ts"
import { planReplicas } from "../internal/planReplicas.ts"
import { formatPlan, type Placement, readPlanFile, readTopicsFile } from "../internal/reassignmentPlan.ts"
import { UsageError } from "../UsageError.ts"
import type { ClusterArguments } from "./clusterFlags.ts"

const steps = ["generate", "execute", "verify", "cancel", "list"] as const

/** `cluster reassign`, with the flags and in the words of kafka-reassign-partitions. */
export const reassign = async (admin: Admin, args: ClusterArguments, context: Context): Promise<number> => {
  const [step, ...more] = steps.filter((name) => args.has(name))
  if (step === undefined || more.length > 0) throw new UsageError(`say one of ${steps.map((name) => `--${name}`).join(", ")}`)
  if (step === "list") return list(admin, args, context)
  if (step === "generate") return generate(admin, args, context)
  const file = args.text("plan")
  if (step === "execute") return execute(admin, args, context, file === undefined ? undefined : readPlanFile(file))
  if (file === undefined) throw new UsageError("--plan FILE is missing", "It is the file that was given to --execute.")
  return step === "verify" ? verify(admin, args, context, readPlanFile(file)) : cancel(admin, args, context, readPlanFile(file))
}

const list = async (admin: Admin, args: ClusterArguments, context: Context): Promise<number> => {
  const found = await admin.listPartitionReassignments()
  if (args.has("json")) printJson(context, found)
  else if (found.length === 0) context.stdout.write("No partition reassignments found.\n")
  else {
    context.stdout.write(`Current partition reassignments:\n${found.map((it) => `${nameOf(it)}: replicas: ${it.replicas.join(",")}.${
      it.adding.length === 0 ? "" : ` adding: ${it.adding.join(",")}.`}${it.removing.length === 0 ? "" : ` removing: ${it.removing.join(",")}.`}\n`).join("")}`)
  }
  return ExitCode.ok
}

interface Plan {
  readonly before: ReadonlyArray<Placement>
  readonly after: ReadonlyArray<Placement>
}

/** A plan for topics and nodes that were named; for all of them where none was. */
const makePlan = async (admin: Admin, args: ClusterArguments): Promise<Plan> => {
  const file = args.text("topics-to-move-json-file")
  const named = file === undefined ? [...args.positionals, ...args.texts("topic").flatMap((names) => names.split(","))] : readTopicsFile(file)
  const ids = args.text("nodes")?.split(",").map((text) => {
    if (!/^\d+$/.test(text.trim())) throw new UsageError(`--nodes: "${text}" is not the id of a node`)
    return Number(text)
  })
  const [view, underWay] = await Promise.all([ClusterView.ask(admin), admin.listPartitionReassignments()])
  const missing = named.find((name) => !view.topics.some((topic) => topic.name === name))
  if (missing !== undefined) throw new CommandError(`topic ${missing} does not exist`, { code: "UNKNOWN_TOPIC_OR_PARTITION", advice: "`tailrace topic list` shows the topics." })
  const unknown = ids?.find((id) => view.node(id)?.isUnknown !== false)
  if (unknown !== undefined) throw new CommandError(`node ${unknown} is not registered`, { code: "BROKER_ID_NOT_REGISTERED", advice: "`tailrace cluster` shows the nodes." })
  const isMoved = ({ topic }: Placement): boolean => named.length === 0 || named.includes(topic)
  const all = targetsOf(view.partitions, underWay)
  const before = all.filter(isMoved)
  const factor = args.integer("replication-factor")
  if (factor !== undefined && factor < 1) throw new UsageError("--replication-factor needs a number above 0")
  const isRackAware = !args.has("disable-rack-aware")
  const nodes = (ids === undefined ? view.online : view.nodes.filter(({ id }) => ids.includes(id))).map(({ id, rack }) => ({ id, rack: isRackAware ? rack : null }))
  const after = planReplicas(before, nodes, {
    isBalanced: true, others: all.filter((it) => !isMoved(it)), ...factor === undefined ? {} : { replicationFactor: factor }
  })
  if ("replicationFactor" in after) {
    throw new CommandError(`${nameOf(after)} has ${after.replicationFactor} replicas, and there are ${nodes.length} nodes for them: ${nodes.map(({ id }) => id).join(",")}`,
      { advice: "Name more nodes with --nodes, or fewer replicas with --replication-factor." })
  }
  return { before, after }
}

const generate = async (admin: Admin, args: ClusterArguments, context: Context): Promise<number> => {
  const { after, before } = await makePlan(admin, args)
  if (args.has("json")) printJson(context, { current: JSON.parse(formatPlan(before)) as unknown, proposed: JSON.parse(formatPlan(after)) as unknown })
  else context.stdout.write(`Current partition replica assignment\n${formatPlan(before)}\n\nProposed partition reassignment configuration\n${formatPlan(after)}\n`)
  return ExitCode.ok
}

const sameReplicas = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): boolean => a.length === b.length && a.every((id, index) => id === b[index])

/** The partitions of a plan as they are now; a partition that does not exist is an error. */
const currentOf = async (admin: Admin, plan: ReadonlyArray<Placement>): Promise<ReadonlyArray<Placement>> => {
  const topics = await admin.describeTopics([...new Set(plan.map(({ topic }) => topic))])
  return plan.map(({ partition, topic }) => {
    const found = topics.find(({ name }) => name === topic)
    if (found?.error !== undefined) throw found.error
    const replicas = found?.partitions[partition]?.replicas
    if (replicas === undefined) throw new CommandError(`${nameOf({ topic, partition })} does not exist`, { code: "UNKNOWN_TOPIC_OR_PARTITION", advice: "`tailrace topic describe` shows the partitions." })
    return { topic, partition, replicas }
  })
}

const execute = async (admin: Admin, args: ClusterArguments, context: Context, given: ReadonlyArray<Placement> | undefined): Promise<number> => {
  const throttle = args.integer("throttle")
  if (throttle !== undefined && throttle < 1) throw new UsageError("--throttle needs a number above 0, in bytes per second")
  const plan = given === undefined ? await makePlan(admin, args) : { before: await currentOf(admin, given), after: given }
  const underWay = await admin.listPartitionReassignments()
  if (underWay.length > 0 && !args.has("additional")) {
    throw new CommandError(`a reassignment is under way already, of ${underWay.slice(0, 5).map(nameOf).join(", ")}${underWay.length > 5 ? ", …" : ""}`, {
      advice: "Wait for it (`tailrace cluster reassign --list`), or add to it with --additional."
    })
  }
  const moves = plan.after.flatMap((to, index) => {
    const from = plan.before[index] as Placement
    return sameReplicas(from.replicas, to.replicas) ? [] : [{ from, to }]
  })
  if (throttle !== undefined && moves.length > 0) await applySettings(admin, throttleSettings(moves, throttle))
  const results = await alterReassignments(admin, moves.map(({ to }) => to))
  const started = results.filter(({ error }) => error === undefined)
  const rollback = moves.map(({ from }) => from)
  if (args.has("json")) printJson(context, { started: started.map(nameOf), plan: JSON.parse(formatPlan(plan.after)) as unknown, rollback: JSON.parse(formatPlan(rollback)) as unknown })
  else if (moves.length === 0) context.stdout.write("Every partition is where the plan wants it.\n")
  else {
    context.stdout.write(`Current partition replica assignment\n\n${formatPlan(rollback)}\n\nSave this to use as the --reassignment-json-file option during rollback\n`)
    if (throttle !== undefined) context.stdout.write(`Warning: You must run --verify periodically, until the reassignment completes, to ensure the throttle is removed.\nThe inter-broker throttle limit was set to ${throttle} B/s\n`)
    if (started.length > 0) context.stdout.write(`Successfully started partition reassignment${started.length > 1 ? "s" : ""} for ${started.map(nameOf).join(",")}\n`)
  }
  const failed = results.filter(({ error }) => error !== undefined)
  if (failed.length === 0) return ExitCode.ok
  throw new CommandError(`${failed.length} of ${results.length} reassignments were refused:\n${failed.map(({ error }) => `  ${error?.message}`).join("\n")}`)
}

const verify = async (admin: Admin, args: ClusterArguments, context: Context, plan: ReadonlyArray<Placement>): Promise<number> => {
  const [current, underWay] = await Promise.all([currentOf(admin, plan), admin.listPartitionReassignments()])
  const moving = new Set(underWay.map(nameOf))
  const states = plan.map((target, index) => {
    const replicas = current[index]?.replicas ?? []
    const name = nameOf(target)
    if (moving.has(name)) return { name, state: "moving", line: `Reassignment of partition ${name} is still in progress.` }
    if (sameReplicas(replicas, target.replicas)) return { name, state: "done", line: `Reassignment of partition ${name} is completed.` }
    return { name, state: "differs", line: `There is no active reassignment of partition ${name}, but replica set is ${replicas.join(",")} rather than ${target.replicas.join(",")}.` }
  })
  const lines = ["Status of partition reassignment:", ...states.map(({ line }) => line)]
  const isThrottleKept = args.has("preserve-throttles") || moving.size > 0
  if (!isThrottleKept) {
    const nodeIds = (await admin.describeCluster()).nodes.map(({ id }) => id)
    const topics = [...new Set(plan.map(({ topic }) => topic))]
    await applySettings(admin, noThrottle(nodeIds, topics))
    lines.push("", `Clearing broker-level throttles on brokers ${nodeIds.join(",")}`, `Clearing topic-level throttles on topic${topics.length > 1 ? "s" : ""} ${topics.join(",")}`)
  }
  if (args.has("json")) printJson(context, { partitions: states.map(({ name, state }) => ({ name, state })), throttlesCleared: !isThrottleKept })
  else context.stdout.write(`${lines.join("\n")}\n`)
  return ExitCode.ok
}

const cancel = async (admin: Admin, args: ClusterArguments, context: Context, plan: ReadonlyArray<Placement>): Promise<number> => {
  const moving = new Set((await admin.listPartitionReassignments()).map(nameOf))
  const active = plan.filter((it) => moving.has(nameOf(it)))
  const results = await alterReassignments(admin, active.map(({ partition, topic }) => ({ topic, partition, replicas: null })))
  const ended = results.filter(({ error }) => error === undefined)
  const failed = results.find(({ error }) => error !== undefined && error.codeName !== "NO_REASSIGNMENT_IN_PROGRESS")
  if (!args.has("preserve-throttles")) {
    const nodeIds = (await admin.describeCluster()).nodes.map(({ id }) => id)
    await applySettings(admin, noThrottle(nodeIds, [...new Set(plan.map(({ topic }) => topic))]))
  }
  if (args.has("json")) printJson(context, { cancelled: ended.map(nameOf) })
  else if (ended.length === 0) context.stdout.write("None of the specified partition moves are active.\n")
  else context.stdout.write(`Successfully cancelled partition reassignment${ended.length > 1 ? "s" : ""} for: ${ended.map(nameOf).join(",")}\n`)
  if (failed?.error !== undefined) throw failed.error
  return ExitCode.ok
}
