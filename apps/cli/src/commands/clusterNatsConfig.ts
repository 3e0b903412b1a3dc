import type { NatsConfigNode, NatsConfigTls } from "@tailrace/bus/nats"
import type { Context } from "../Context.ts"
import { CommandError } from "../CommandError.ts"
import { ExitCode } from "../ExitCode.ts"
import { printJson } from "../internal/connecting.ts"
import { hostOf } from "../internal/hostOf.ts"
import { UsageError } from "../UsageError.ts"
import type { ClusterArguments } from "./clusterFlags.ts"

interface PlannedNode extends NatsConfigNode {
  readonly kafkaPort: number
  readonly httpPort: number
}

interface PlannedFile {
  readonly name: string
  readonly text: string
}

const clientPortDefault = 4222
const clusterPortDefault = 6222
const kafkaPortDefault = 9092
/** From a node's port for clients to the one of its health server: 9092 and 9644, as for a node that is alone. */
const httpPortStep = 552
const portMax = 65_535
/** A node has replicas of a topic by default on so many nodes, where there are as many. */
const replicationFactorMax = 3
const passwordBytes = 24

/**
 * `cluster nats-config`: for every node the configuration of its NATS server and of itself. The passwords are new and in the
 * files alone, which only their owner can read; files that exist are never overwritten, and then none is written.
 */
export const writeNatsConfig = async (args: ClusterArguments, context: Context): Promise<number> => {
  const clusterName = args.text("cluster-name") ?? "tailrace"
  const nodes = plannedNodes(args)
  const directory = args.text("output") ?? "."
  const dataDirectories = dataDirectoriesOf(args, directory, nodes)
  const users = { control: user("control"), data: user("data"), routes: user("routes") }
  const { natsConfig } = await import("@tailrace/bus/nats")
  const files = nodes.flatMap((node): ReadonlyArray<PlannedFile> => {
    const tls = tlsOf(args, node.name)
    // Certificates are the node's own, so each configuration is made with them and only its part is taken.
    const text = checked(() => natsConfig({ clusterName, nodes, ...users, ...tls === undefined ? {} : { tls } })).get(node.name) as string
    return [
      { name: `nats-${node.name}.conf`, text },
      { name: `node-${node.name}.properties`, text: propertiesOf({ node, nodes, clusterName, users, tls, dataDirectory: dataDirectories.get(node) as string }) }
    ]
  })
  const paths = write(directory, files)
  if (args.has("json")) printJson(context, { clusterName, files: paths, nodes: nodes.map(({ host, kafkaPort, name }) => ({ id: Number(name), host, port: kafkaPort })) })
  else context.stdout.write(instructions(directory, nodes, paths, args.has("tls-ca")))
  return ExitCode.ok
}

const user = (name: string): { readonly user: string; readonly password: string } =>
  ({ user: name, password: process.getBuiltinModule("node:crypto").randomBytes(passwordBytes).toString("base64url") })

/** Nodes that share a host get the next ports, so that a whole cluster can be tried on one machine. */
const plannedNodes = (args: ClusterArguments): ReadonlyArray<PlannedNode> => {
  const words = [...args.text("nodes")?.split(",") ?? [], ...args.positionals]
  if (words.length === 0) throw new UsageError("name the nodes as ID@HOST", "For example: tailrace cluster nats-config --nodes 1@10.0.0.1,2@10.0.0.2,3@10.0.0.3")
  const onHost = new Map<string, number>()
  const taken = new Set<string>()
  const monitorPort = args.integer("monitor-port")
  const nodes = words.map((word): PlannedNode => {
    const [, name = "", given = ""] = /^(\d{1,9})@(.+)$/.exec(word.trim()) ?? []
    if (name === "") throw new UsageError(`"${word}" is not of the form ID@HOST`)
    const host = hostOf(given)
    const step = onHost.get(host) ?? 0
    onHost.set(host, step + 1)
    const port = (base: number): number => {
      const number = base + step
      if (base < 1 || number > portMax) throw new UsageError(`${number} is no port`)
      if (taken.has(`${host} ${number}`)) throw new UsageError(`port ${number} of ${host} is asked for twice`, "Nodes that share a host take ports in a row: leave room between --client-port, --cluster-port, --kafka-port and --monitor-port.")
      taken.add(`${host} ${number}`)
      return number
    }
    const kafkaBase = args.integer("kafka-port") ?? kafkaPortDefault
    return {
      name, host, clientPort: port(args.integer("client-port") ?? clientPortDefault), clusterPort: port(args.integer("cluster-port") ?? clusterPortDefault),
      kafkaPort: port(kafkaBase), httpPort: port(kafkaBase + httpPortStep), ...monitorPort === undefined ? {} : { monitorPort: port(monitorPort) }
    }
  })
  const names = nodes.map(({ name }) => Number(name))
  if (new Set(names).size < names.length) throw new UsageError("two nodes have the same id")
  return nodes
}

/**
 * An absolute path, so that it does not depend on where a program is started that reads it: a node whose directory is relative begins
 * anew, empty, when it is started from elsewhere. `{node}` in it stands for the node's id.
 */
const pathFor = (path: string, node: string): string => process.getBuiltinModule("node:path").resolve(path.replaceAll("{node}", node))

const dataDirectoriesOf = (args: ClusterArguments, output: string, nodes: ReadonlyArray<PlannedNode>): ReadonlyMap<PlannedNode, string> => {
  const { resolve } = process.getBuiltinModule("node:path")
  const given = args.text("data-dir")
  const taken = new Set<string>()
  return new Map(nodes.map((node) => {
    const path = given === undefined ? resolve(output, `data-${node.name}`) : pathFor(given, node.name)
    if (path.includes(",")) throw new UsageError(`${path} has a comma: a node has one data directory, and log.dirs would be read as several`)
    if (taken.has(`${node.host} ${path}`)) throw new UsageError(`two nodes on ${node.host} would have the data directory ${path}`, "Put {node} into --data-dir: it stands for the node's id.")
    taken.add(`${node.host} ${path}`)
    return [node, path]
  }))
}

const tlsOf = (args: ClusterArguments, node: string): NatsConfigTls | undefined => {
  const [caFile, certFile, keyFile] = (["tls-ca", "tls-cert", "tls-key"] as const).map((name) => args.text(name)).map((path) => path === undefined ? undefined : pathFor(path, node))
  if (caFile === undefined && certFile === undefined && keyFile === undefined) return undefined
  if (caFile === undefined || certFile === undefined || keyFile === undefined) throw new UsageError("--tls-ca, --tls-cert and --tls-key go together")
  return { caFile, certFile, keyFile }
}

/** What the generator refuses is a mistake on the command line. */
const checked = <T>(make: () => T): T => {
  try {
    return make()
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message)
    throw error
  }
}

const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || host.startsWith("127.")

const address = (host: string, port: number): string => `${host.includes(":") ? `[${host}]` : host}:${port}`

interface NodePlan {
  readonly node: PlannedNode
  readonly nodes: ReadonlyArray<PlannedNode>
  readonly clusterName: string
  readonly users: Readonly<Record<"control" | "data", { readonly user: string; readonly password: string }>>
  readonly tls: NatsConfigTls | undefined
  readonly dataDirectory: string
}

/** In a properties file a backslash is an escape. */
const escaped = (path: string): string => path.replaceAll("\\", "\\\\")

/** Everything a node needs; the NATS server beside it comes first, the others are ways around a dead one. */
const propertiesOf = ({ clusterName, dataDirectory, node, nodes, tls, users: { control, data } }: NodePlan): string => {
  const servers = [node, ...nodes.filter((other) => other !== node)].map(({ clientPort, host }) => `nats://${address(host, clientPort)}`)
  return `# Node ${node.name} of the cluster ${clusterName}: tailrace start node-${node.name}.properties
node.id=${node.name}
process.roles=broker,controller
controller.quorum.voters=${nodes.map(({ name }) => name).join(",")}
log.dirs=${escaped(dataDirectory)}
listeners=PLAINTEXT://${address(node.host, node.kafkaPort)}
${isLoopback(node.host) ? "" : `# Without authentication: only where whoever reaches this address may read and write everything.
# allow.unauthenticated.listeners=true
`}http.listener=${address(isLoopback(node.host) ? node.host : "localhost", node.httpPort)}
default.replication.factor=${Math.min(replicationFactorMax, nodes.length)}

cluster.name=${clusterName}
nats.servers=${servers.join(",")}
nats.control.user=${control.user}
nats.control.password=${control.password}
nats.data.user=${data.user}
nats.data.password=${data.password}
${tls === undefined ? "" : `nats.tls.ca.file=${escaped(tls.caFile)}
nats.tls.cert.file=${escaped(tls.certFile)}
nats.tls.key.file=${escaped(tls.keyFile)}
`}`
}

const write = (directory: string, files: ReadonlyArray<PlannedFile>): ReadonlyArray<string> => {
  const { existsSync, mkdirSync, writeFileSync } = process.getBuiltinModule("node:fs")
  const { join } = process.getBuiltinModule("node:path")
  const paths = files.map(({ name }) => join(directory, name))
  const present = paths.filter((path) => existsSync(path))
  if (present.length > 0) {
    throw new CommandError(`${present.join(", ")} ${present.length === 1 ? "exists" : "exist"} already`, {
      advice: "Nothing was written: new passwords would lock out servers that run with the old ones. Choose another directory with --output DIR."
    })
  }
  try {
    mkdirSync(directory, { recursive: true })
    files.forEach(({ text }, index) => writeFileSync(paths[index] as string, text, { flag: "wx", mode: 0o600 }))
  } catch (cause) {
    throw new CommandError(`cannot write to ${directory}: ${(cause as Error).message}`, { cause })
  }
  return paths
}

/** What is to be done, and to be known, where nodes are reached from other machines; nothing for a cluster on one machine. */
const networkNotes = (nodes: ReadonlyArray<PlannedNode>, hasTls: boolean): string => {
  const open = nodes.filter(({ host }) => !isLoopback(host)).map(({ name }) => `node-${name}.properties`)
  if (open.length === 0) return ""
  const files = [open.slice(0, -1).join(", "), ...open.slice(-1)].filter((text) => text !== "").join(" and ")
  return `First, since others than this machine are to reach them:

- copy nats-N.conf and node-N.properties to the machine of node N. log.dirs in the latter is a path there: --data-dir chooses another.
- uncomment allow.unauthenticated.listeners=true in ${files}. Clients need no password yet: whoever reaches
  those addresses may read and write everything, so keep them to a network that you trust. Without it the nodes do not start.
${hasTls
    ? "- Records travel in clear text between clients and nodes; TLS is between NATS servers and nodes."
    : "- Records and passwords travel between the machines in clear text. --tls-ca, --tls-cert and --tls-key encrypt what NATS servers and\n  nodes tell each other; what clients and nodes do stays in clear text."}

`
}

const instructions = (directory: string, nodes: ReadonlyArray<PlannedNode>, paths: ReadonlyArray<string>, hasTls: boolean): string => {
  const { join } = process.getBuiltinModule("node:path")
  const lines = nodes.flatMap(({ host, name }) => [
    `  GOGC=400 nats-server -c ${join(directory, `nats-${name}.conf`)}`, `  tailrace start ${join(directory, `node-${name}.properties`)}     # on ${host}`
  ])
  return `Wrote ${paths.join(", ")}
They hold the passwords (nats.* in a node's file) and are readable by their owner only.

${networkNotes(nodes, hasTls)}Start, on each node's machine:

${lines.join("\n")}

Then: tailrace cluster --bootstrap-server ${nodes.map(({ host, kafkaPort }) => address(host, kafkaPort)).join(",")}
`
}
