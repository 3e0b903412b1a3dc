// Real clients against a cluster of real processes whose nodes are killed. README.md says what each check proves.
import { parseArgs } from "node:util"
import { Tier } from "../bench/harness/Tier.ts"
import { clientsUnderKill } from "./clientsUnderKill.ts"
import { clusterNamed } from "./clusterNamed.ts"
import { loadClients, type LoadClientName } from "./loadClients.ts"
import { ProcessCluster } from "./ProcessCluster.ts"

const { values: options } = parseArgs({
  options: {
    server: { type: "string", default: "tailrace" },
    profile: { type: "string", default: "default" },
    layout: { type: "string", default: "loopback" },
    clients: { type: "string", default: "java,librdkafka,kafkajs" },
    rounds: { type: "string", default: "3" },
    keep: { type: "boolean", default: false }
  }
})
const tier = new Tier()
const kind = await clusterNamed(options.server, options.profile)
const clients = await loadClients(options.clients.split(",") as LoadClientName[])
const cluster = await ProcessCluster.start({ kind, layout: options.layout === "namespaces" ? "namespaces" : "loopback" }).catch((error: unknown) => {
  tier.fail(`three nodes of ${kind.title} start`, String(error))
  return tier.finish()
})
console.log(`${cluster.nodes.length} x ${kind.title} on ${cluster.layout.name}; work directory ${cluster.directory}`)
try {
  await clientsUnderKill(tier, cluster, clients, Number(options.rounds))
} catch (error) {
  tier.fail("the run", error instanceof Error ? error.stack ?? error.message : String(error))
}
if (options.keep || tier.hasFailed) {
  cluster.keepDirectory()
  console.log(`kept for inspection: ${cluster.directory}`)
}
await cluster.close()
tier.finish()
