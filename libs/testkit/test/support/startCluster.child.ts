import { Cluster } from "../../src/index.ts"

/** Starts a cluster of processes, says where it is, and waits to be killed. */
const cluster = await Cluster.start(3, { mode: "processes" })
process.stdout.write(`${cluster.bootstrapServers}\n`)
await cluster.node(1).pause()
process.stdout.write("paused\n")
