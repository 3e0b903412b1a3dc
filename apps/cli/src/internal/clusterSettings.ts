import { CommandError } from "../CommandError.ts"
import { ExitCode } from "../ExitCode.ts"

/** What settings say together about the node's part in a cluster. */
export interface ClusterSettings {
  /** False for a node that is alone, which waits for nobody. */
  readonly isClustered: boolean
  readonly nodeId: number
  readonly voterIds: ReadonlyArray<number>
  /** It may be a controller, but is none of the first ones. */
  readonly isSpareController: boolean
}

const listOf = (text: string | undefined): ReadonlyArray<string> => (text ?? "").split(",").map((part) => part.trim()).filter((part) => part !== "")

/**
 * Settings of which each is right and which together would make another cluster than was meant: above all several that think
 * they are one. Whether each is right is for the node to say.
 */
export const checkClusterSettings = (properties: ReadonlyMap<string, string>): ClusterSettings => {
  const refuse = (message: string, advice: string): never => {
    throw new CommandError(message, { advice, exitCode: ExitCode.usage })
  }
  const roles = properties.has("process.roles") ? listOf(properties.get("process.roles")) : ["broker", "controller"]
  const voterIds = listOf(properties.get("controller.quorum.voters")).map((voter) => Number.parseInt(voter, 10))
  const nodeId = Number(properties.get("node.id") ?? properties.get("broker.id") ?? 1)
  const isClustered = listOf(properties.get("nats.servers")).length > 0
  if (roles.length > 0 && !roles.includes("broker")) {
    refuse("process.roles: a node that is a controller and no broker is not supported",
      `Use broker,controller, and keep partitions away from it: tailrace cluster drain ${nodeId}`)
  }
  if (!isClustered && voterIds.some((id) => id !== nodeId)) {
    refuse(`controller.quorum.voters names other nodes (${voterIds.join(", ")}), and nats.servers does not say how to reach them`,
      "Set nats.servers, or leave controller.quorum.voters out for a node that is alone. `tailrace cluster nats-config` writes both.")
  }
  if (isClustered && voterIds.length === 0) {
    refuse("nats.servers is set and controller.quorum.voters is not: this node would be a cluster of its own",
      `Name the first controllers, the same on every node, such as controller.quorum.voters=1,2,3; for a first node alone, ${nodeId}.`)
  }
  if (isClustered && !roles.includes("controller") && voterIds.includes(nodeId)) {
    refuse(`controller.quorum.voters names this node (${nodeId}), and process.roles says that it is no controller`,
      "Set process.roles=broker,controller, or take it out of controller.quorum.voters on every node.")
  }
  return { isClustered, nodeId, voterIds, isSpareController: isClustered && roles.includes("controller") && !voterIds.includes(nodeId) }
}
