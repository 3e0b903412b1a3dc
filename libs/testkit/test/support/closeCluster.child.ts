import { NodeNet } from "@tailrace/runtime"
import { Cluster } from "../../src/index.ts"

/** Kills a node with an open connection, and one that is just starting, and closes the cluster. The process ends by itself, or something was left open. */
const cluster = await Cluster.start(3)
const [host = "", port] = cluster.node(1).address.split(":")
const connection = await new NodeNet().dial({ host, port: Number(port) })
const cut = new Promise<void>((resolve) => {
  connection.onClose = () => resolve()
})
await cluster.node(1).kill()
await cut
process.stdout.write("cut off\n")
void cluster.node(1).restart().catch(() => undefined)
await cluster.node(2).pause()
await cluster.close()
process.stdout.write("closed\n")
