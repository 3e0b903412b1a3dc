import { accessSync, constants, readFileSync, statSync } from "node:fs"
import { resolve } from "node:path"
import type { NatsBusOptions, NatsCredentials, NatsTls } from "@tailrace/bus/nats"
import { type BrokerConfig, BrokerConfigError, type BrokerConfigName, type ConfigProblem } from "@tailrace/metadata"

type Kind = "control" | "data"

type Options = Pick<NatsBusOptions, "credentials" | "name" | "payloadBytesMin" | "servers" | "tls" | "waitOnFirstConnect">

/** The servers' own default. What the controllers tell each other, a decision of any size in pieces, is made to fit it. */
const payloadBytesMin = 1024 * 1024

/** Where and as whom one of the two connections to NATS is made. Throws `BrokerConfigError` where `natsProblems` finds any. */
export function natsOptions(config: BrokerConfig, kind: Kind): Options {
  const problems: Array<ConfigProblem> = []
  const options = read(config, kind, problems)
  if (problems.length > 0) throw new BrokerConfigError(problems)
  return options
}

/** What is wrong with the addresses of the NATS servers, and with what this node shows them. */
export function natsProblems(config: BrokerConfig): ReadonlyArray<ConfigProblem> {
  const problems: Array<ConfigProblem> = []
  if (config.get("nats.servers").length === 0) return problems
  read(config, "control", problems)
  read(config, "data", problems)
  // Both connections may be to the same servers.
  return problems.filter(({ message, name }, at) => problems.findIndex((it) => it.name === name && it.message === message) === at)
}

function read(config: BrokerConfig, kind: Kind, problems: Array<ConfigProblem>): Options {
  const serversKey = kind === "data" && config.get("nats.data.servers").length > 0 ? "nats.data.servers" : "nats.servers"
  const servers = config.get(serversKey)
  for (const server of servers) {
    const message = serverFault(server)
    if (message !== undefined) problems.push({ name: serversKey, message })
  }
  const credentials = credentialsOf(config, kind, problems)
  const tls = tlsOf(config, servers, problems)
  return {
    servers: servers.map((server) => server.replace(/^\w+:\/\//, "")),
    name: `${config.get("cluster.name")} node ${config.nodeId} ${kind}`,
    waitOnFirstConnect: true,
    payloadBytesMin,
    ...(credentials === undefined ? {} : { credentials }),
    ...(tls === undefined ? {} : { tls })
  }
}

const form = /^(?:(?:nats|tls):\/\/)?(?:\[[^\]\s]+\]|[^:\s/[\]]+)(?::(\d{1,5}))?$/
const portDefault = 4222

function serverFault(server: string): string | undefined {
  // It is not shown: a password does not belong into a log.
  if (server.includes("@")) return "an address holds no user and no password; nats.control.user, nats.data.user and their like are for that"
  const match = form.exec(server)
  const port = Number(match?.[1] ?? portDefault)
  return match !== null && port >= 1 && port <= 65_535 ? undefined : `${server} is not of the form nats://host:port or tls://host:port`
}

function credentialsOf(config: BrokerConfig, kind: Kind, problems: Array<ConfigProblem>): NatsCredentials | undefined {
  const user = config.get(`nats.${kind}.user`) ?? undefined
  const credsFile = config.get(`nats.${kind}.credentials.file`) ?? undefined
  const seedFile = config.get(`nats.${kind}.nkey.seed.file`) ?? undefined
  if (credsFile !== undefined) {
    checkFile(`nats.${kind}.credentials.file`, credsFile, problems)
    return { credsFile }
  }
  if (seedFile === undefined) return user === undefined ? undefined : { user, password: config.get(`nats.${kind}.password`) ?? "" }
  try {
    return { nkeySeed: readFileSync(seedFile, "utf8").trim() }
  } catch (cause) {
    problems.push({ name: `nats.${kind}.nkey.seed.file`, message: `cannot be read: ${(cause as Error).message}` })
    return undefined
  }
}

/**
 * A file that is not there is a mistake at the start, not something to wait for: the node would dial for ever. What is in it is read
 * at every dial, since certificates and credentials are renewed.
 */
function checkFile(name: BrokerConfigName, file: string, problems: Array<ConfigProblem>): void {
  // Relative paths mean the working directory, as all of them do: the message shows which one that was.
  const path = resolve(file)
  try {
    accessSync(path, constants.R_OK)
    if (statSync(path).isDirectory()) problems.push({ name, message: `cannot be read: ${path} is a directory` })
  } catch (cause) {
    problems.push({ name, message: `cannot be read: ${(cause as Error).message}` })
  }
}

/** Who asks one server for TLS gets it from all of them, or no connection: a server that offers none is never told a password. */
function tlsOf(config: BrokerConfig, servers: ReadonlyArray<string>, problems: Array<ConfigProblem>): NatsTls | undefined {
  const file = (name: BrokerConfigName): string | undefined => {
    const path = (config.get(name) as string | null | undefined) ?? undefined
    if (path !== undefined) checkFile(name, path, problems)
    return path
  }
  const caFile = file("nats.tls.ca.file")
  const certFile = file("nats.tls.cert.file")
  const keyFile = file("nats.tls.key.file")
  if (certFile !== undefined && keyFile === undefined) problems.push({ name: "nats.tls.cert.file", message: "needs its key in nats.tls.key.file" })
  if (keyFile !== undefined && certFile === undefined) problems.push({ name: "nats.tls.key.file", message: "needs its certificate in nats.tls.cert.file" })
  if (caFile === undefined && certFile === undefined && !servers.some((server) => server.startsWith("tls://"))) return undefined
  return {
    ...(caFile === undefined ? {} : { caFile }),
    ...(certFile === undefined ? {} : { certFile }),
    ...(keyFile === undefined ? {} : { keyFile })
  }
}
