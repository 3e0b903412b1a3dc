// A cluster in network namespaces for a person to play with: docker/netns-cluster.sh starts it. Commands come line by line.
import { createInterface } from "node:readline/promises"
import { parseArgs } from "node:util"
import { clusterNamed } from "./clusterNamed.ts"
import { NamespaceLayout } from "./NamespaceLayout.ts"
import { ProcessCluster } from "./ProcessCluster.ts"

const { values: options } = parseArgs({
  options: {
    server: { type: "string", default: "tailrace" }, profile: { type: "string", default: "default" }, nodes: { type: "string", default: "3" }, directory: { type: "string" }
  }
})
const missing = NamespaceLayout.missing()
if (missing !== undefined) {
  console.error(missing)
  process.exit(1)
}
const kind = await clusterNamed(options.server, options.profile)
const cluster = await ProcessCluster.start({
  kind, nodes: Number(options.nodes), layout: "namespaces", ...(options.directory === undefined ? {} : { directory: options.directory })
})

const help = `kill N, stop N, start N     SIGKILL, SIGTERM, and back again
pause N, resume N           SIGSTOP and SIGCONT
wipe N                      deletes the data of a node that is down
nats kill|pause|resume|start N   the same for its NATS server
isolate N, peer-only N, client-only N, link-down N   what does not reach node N: anybody, the other nodes, the clients; a cable that is out
cut A B, one-way A B, route A B   nothing passes between the nodes; nothing from A to B; only the route between their NATS servers
heal                        everything whole again
status, shell N, help, quit`

type Act = (a: number, b: number) => Promise<unknown> | unknown
const { network } = cluster
const acts: Readonly<Record<string, Act>> = {
  "kill": (id) => cluster.node(id).kill(),
  "stop": (id) => cluster.node(id).stop(),
  "start": (id) => cluster.node(id).start(),
  "pause": (id) => cluster.node(id).pause(),
  "resume": (id) => cluster.node(id).resume(),
  "wipe": (id) => cluster.node(id).wipe(),
  "nats kill": (id) => cluster.node(id).bus?.kill(),
  "nats pause": (id) => cluster.node(id).bus?.pause(),
  "nats resume": (id) => cluster.node(id).bus?.resume(),
  "nats start": (id) => cluster.node(id).startBus(),
  "isolate": (id) => network.isolate(id),
  "peer-only": (id) => network.peerOnly(id),
  "client-only": (id) => network.clientOnly(id),
  "link-down": (id) => network.linkDown(id),
  "cut": (a, b) => network.partition([a], [b]),
  "one-way": (a, b) => network.partition([a], [b], { oneWay: true }),
  "route": (a, b) => network.cutRoute(a, b),
  "heal": () => cluster.heal(),
  "shell": (id) => console.log(`the network of node ${id}: ${cluster.node(id).shell}`),
  "status": status,
  "help": () => console.log(help)
}

async function status(): Promise<void> {
  for (const node of cluster.nodes) {
    const of = (managed: typeof node.bus): string => managed === undefined ? "" : managed.isRunning ? `pid ${managed.child!.pid}${managed.isPaused ? " paused" : ""}` : "down"
    console.log(`node ${node.id} ${node.address} ${of(node.process)}${node.bus === undefined ? "" : `, nats ${of(node.bus)}`}`)
  }
  const { nodeId, epoch } = await cluster.client.quorumLeader()
  console.log(`controller ${nodeId}, epoch ${epoch}`)
  for (const [topic, partitions] of (await cluster.client.view()).topics) {
    for (const one of partitions) console.log(`${topic}-${one.partition} leader ${one.leader} epoch ${one.leaderEpoch} in sync ${one.inSync.join(",")} of ${one.replicas.join(",")}`)
  }
}

async function obey(line: string): Promise<void> {
  const words = line.trim().split(/\s+/)
  const name = words.filter((word) => !/^\d+$/.test(word)).join(" ")
  const [a = 0, b = 0] = words.filter((word) => /^\d+$/.test(word)).map(Number)
  const act = acts[name]
  if (act === undefined) console.log(`"${name}" is no command: try help`)
  else await act(a, b)
}

console.log(`${cluster.nodes.length} x ${kind.title} in network namespaces; data and logs below ${cluster.directory}
bootstrap.servers=${cluster.bootstrap}
${help}`)
const input = createInterface({ input: process.stdin })
// Not by readline: its prompt throws once the input has ended, and lines read before that still wait here.
const prompt = (): boolean => process.stdout.write("> ")
prompt()
for await (const line of input) {
  if (line.trim() === "quit") break
  try {
    if (line.trim() !== "") await obey(line)
  } catch (error) {
    console.log(error instanceof Error ? error.message : String(error))
  }
  prompt()
}
await cluster.close()
process.exit(0)
