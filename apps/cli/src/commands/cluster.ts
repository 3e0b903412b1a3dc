import { defineCommand } from "../Command.ts"
import { ExitCode } from "../ExitCode.ts"
import { connectionFlags, printJson, timeoutFlag, withAdmin } from "../internal/connecting.ts"
import { noValue, table } from "../internal/table.ts"

export const cluster = defineCommand({
  name: "cluster",
  summary: "Describes the cluster.",
  actions: {
    "info": { summary: "Cluster id, controller and nodes.", usage: "[flags]" },
    "cluster-id": { summary: "Only the id, as Kafka's kafka-cluster.sh prints it.", usage: "[flags]" }
  },
  flags: { ...connectionFlags, ...timeoutFlag },
  examples: ["tailrace cluster info", "tailrace cluster info --bootstrap-server broker-1:9092 --json", "tailrace cluster cluster-id"],
  run: (args, context) => withAdmin(args, context, async (admin) => {
    const { clusterId, controllerId, nodes } = await admin.describeCluster()
    if (args.has("json")) {
      printJson(context, args.action === "info" ? { clusterId, controllerId, nodes } : { clusterId })
      return ExitCode.ok
    }
    context.stdout.write(`Cluster ID: ${clusterId ?? noValue}\n`)
    if (args.action === "info") {
      context.stdout.write(`Controller: ${controllerId < 0 ? noValue : controllerId}\n\n`)
      context.stdout.write(table([["NODE", 10], ["HOST", 25], ["PORT", 10], ["RACK", 0]],
        nodes.map(({ host, id, port, rack }) => [id, host, port, rack ?? noValue])))
    }
    return ExitCode.ok
  })
})
