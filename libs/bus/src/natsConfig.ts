/** A node's NATS server, as the other servers and the nodes reach it. */
export interface NatsConfigNode {
  readonly name: string
  readonly host: string
  readonly clientPort: number
  /** For the other servers only. */
  readonly clusterPort: number
  /** The server's own HTTP pages, on the loopback interface; left out without it. */
  readonly monitorPort?: number
}

/** A password, or the public half of an nkey. */
export type NatsConfigUser =
  | { readonly user: string; readonly password: string }
  | { readonly nkey: string }

export interface NatsConfigTls {
  readonly caFile: string
  readonly certFile: string
  readonly keyFile: string
}

export interface NatsConfigOptions {
  /** First word of every subject. */
  readonly clusterName: string
  readonly nodes: ReadonlyArray<NatsConfigNode>
  readonly control: NatsConfigUser
  readonly data: NatsConfigUser
  /** What the servers tell each other; only they know it. */
  readonly routes: { readonly user: string; readonly password: string }
  /** For clients and between servers; both sides show a certificate of the authority. */
  readonly tls?: NatsConfigTls
  readonly payloadBytesMax?: number
}

/** Twice that of NATS itself, so that a batch of 1 MiB needs not be cut. */
const payloadBytesMaxDefault = 2 * 1024 * 1024
/** A connection for which more waits, or waits longer, is cut off: it can come back, the server's memory cannot. */
const pendingBytesMax = 64 * 1024 * 1024
const writeDeadlineSeconds = 5
const pingIntervalSeconds = 5

/**
 * The configuration of each node's nats-server, by the node's name. Control and data have accounts of their own, so that
 * neither reads, forges or delays what belongs to the other; the control account has a route of its own between servers.
 * Nobody is let in without a user, and a user can use the subjects of this cluster only.
 */
export function natsConfig(options: NatsConfigOptions): ReadonlyMap<string, string> {
  check(options)
  return new Map(options.nodes.map((node) => [node.name, configOf(node, options)]))
}

function configOf(node: NatsConfigNode, options: NatsConfigOptions): string {
  const { clusterName, nodes, routes } = options
  const credentials = `${encodeURIComponent(routes.user)}:${encodeURIComponent(routes.password)}`
  const others = nodes.filter(({ name }) => name !== node.name)
  return `# nats-server of node ${node.name} in the cluster ${clusterName}.
server_name: ${quoted(`${clusterName}-${node.name}`)}
listen: ${quoted(address(node.host, node.clientPort))}
${node.monitorPort === undefined ? "" : `http: ${quoted(address("127.0.0.1", node.monitorPort))}\n`}\
max_payload: ${options.payloadBytesMax ?? payloadBytesMaxDefault}
max_pending: ${pendingBytesMax}
write_deadline: "${writeDeadlineSeconds}s"
ping_interval: "${pingIntervalSeconds}s"
ping_max: 2
${tlsOf("", options.tls)}
# Control has an account and, by cluster.accounts, a route of its own: data in bulk cannot delay it.
accounts {
${accountOf("CONTROL", options.control, clusterName)}\
${accountOf("DATA", options.data, clusterName)}\
}

cluster {
  name: ${quoted(clusterName)}
  listen: ${quoted(address(node.host, node.clusterPort))}
  accounts: ["CONTROL"]
  compression: "off"
  no_advertise: true
  ping_interval: "${pingIntervalSeconds}s"
  authorization { user: ${quoted(routes.user)}, password: ${quoted(routes.password)} }
${tlsOf("  ", options.tls)}\
  routes: [
${others.map(({ host, clusterPort }) => `    ${quoted(`nats://${credentials}@${address(host, clusterPort)}`)}\n`).join("")}\
  ]
}
`
}

/** Replies travel to inboxes, which are not guessable. */
function accountOf(account: string, user: NatsConfigUser, clusterName: string): string {
  const who = "nkey" in user
    ? `nkey: ${quoted(user.nkey)}`
    : `user: ${quoted(user.user)}, password: ${quoted(user.password)}`
  const subjects = `[${quoted(`${clusterName}.>`)}, "_INBOX.>"]`
  return `  ${account} {
    users: [
      {
        ${who}
        permissions { publish: ${subjects}, subscribe: ${subjects} }
      }
    ]
  }
`
}

function tlsOf(indent: string, tls: NatsConfigTls | undefined): string {
  if (tls === undefined) return ""
  return `${indent}tls { ca_file: ${quoted(tls.caFile)}, cert_file: ${quoted(tls.certFile)}, key_file: ${quoted(tls.keyFile)}, verify: true }\n`
}

/** What a subject's word may hold, so that no name can reach another cluster's subjects, and as long as nodes take it. */
const isWord = /^[\w-]{1,64}$/

function check({ clusterName, nodes, control, data }: NatsConfigOptions): void {
  const names = nodes.map(({ name }) => name)
  const wrong = [clusterName, ...names].find((name) => !isWord.test(name))
  if (wrong !== undefined) throw new RangeError(`${JSON.stringify(wrong)}: a name has letters, digits, - and _, 64 at most`)
  if (nodes.length === 0) throw new RangeError("a cluster needs a node")
  if (new Set(names).size < names.length) throw new RangeError("two nodes have the same name")
  // A server tells accounts apart by the user.
  if (identityOf(control) === identityOf(data)) throw new RangeError("control and data need users of their own")
}

const identityOf = (user: NatsConfigUser): string => ("nkey" in user ? user.nkey : user.user)

const address = (host: string, port: number): string => `${host.includes(":") ? `[${host}]` : host}:${port}`

/** The servers' configuration reads JSON's escapes, but for the rare ones of control characters, which no value has. */
const quoted = (text: string): string => JSON.stringify(text)
