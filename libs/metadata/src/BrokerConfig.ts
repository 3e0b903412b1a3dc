import { brokerConfigDefinition, brokerConfigs } from "./brokerConfigs.ts"
import type { BrokerConfigName } from "./brokerConfigs.ts"
import { parseConfig } from "./ConfigDefinition.ts"
import type { ConfigValue } from "./ConfigDefinition.ts"
import { profiles } from "./internal/brokerConfigs/profiles.ts"
import { parseListener } from "./Listener.ts"
import type { Listener } from "./Listener.ts"

export interface ConfigProblem {
  readonly name: string
  readonly message: string
}

/** Every wrong key at once, so that nobody has to start a node once per mistake. */
export class BrokerConfigError extends Error {
  readonly _tag = "BrokerConfigError"
  readonly problems: ReadonlyArray<ConfigProblem>
  constructor(problems: ReadonlyArray<ConfigProblem>) {
    super(problems.map((it) => `${it.name}: ${it.message}`).join("\n"))
    this.name = "BrokerConfigError"
    this.problems = problems
  }
}

/**
 * The typed configuration of one node: immutable, every value valid. `fromProperties` takes the keys of a
 * `server.properties`; where they come from is the caller's business.
 */
export class BrokerConfig {
  /** What was set, as text. Defaults are not in it. */
  readonly properties: ReadonlyMap<string, string>
  readonly listeners: ReadonlyArray<Listener>
  /** What clients are told. A host that is empty and a port that is 0 are filled in when the listener is open. */
  readonly advertisedListeners: ReadonlyArray<Listener>
  readonly #values: ReadonlyMap<string, unknown>

  private constructor(properties: ReadonlyMap<string, string>, values: ReadonlyMap<string, unknown>, bound: Bound) {
    this.properties = properties
    this.#values = values
    this.listeners = bound.listeners
    this.advertisedListeners = bound.advertised
  }

  /** An unknown key is an error: a typing mistake must not silently mean the default. */
  static fromProperties(properties: ReadonlyMap<string, string>): BrokerConfig | BrokerConfigError {
    const problems: Array<ConfigProblem> = []
    const values = new Map<string, unknown>()
    const profile = profileOf(properties)
    for (const definition of Object.values(brokerConfigs)) {
      const defaultText = profile[definition.name] ?? definition.defaultText
      if (defaultText === null) continue
      const parsed = parseConfig<any>(definition, defaultText)
      if (!parsed.ok) throw new Error(`the default of ${definition.name} is not valid`)
      values.set(definition.name, parsed.value)
    }
    for (const [name, given] of properties) {
      const definition = brokerConfigDefinition(name)
      if (definition === undefined) {
        problems.push({ name, message: "Unknown configuration" })
        continue
      }
      const parsed = parseConfig(definition, given)
      if (parsed.ok) values.set(name, parsed.value)
      else problems.push({ name, message: parsed.fault })
    }
    const bound = bindListeners(values, problems)
    checkTogether(properties, values, problems)
    return problems.length > 0 ? new BrokerConfigError(problems) : new BrokerConfig(new Map(properties), values, bound)
  }

  /** The configuration of a node that sets nothing, or only what a program gives it. Throws when that is wrong. */
  static of(properties: Readonly<Record<string, string>> = {}): BrokerConfig {
    const config = BrokerConfig.fromProperties(new Map(Object.entries(properties)))
    if (config instanceof BrokerConfigError) throw config
    return config
  }

  /** This configuration with other values on top, such as the dynamic ones of the cluster's metadata. */
  with(overrides: Iterable<readonly [string, string]>): BrokerConfig | BrokerConfigError {
    return BrokerConfig.fromProperties(new Map([...this.properties, ...overrides]))
  }

  get<Name extends BrokerConfigName>(name: Name): ConfigValue<(typeof brokerConfigs)[Name]> {
    return this.#values.get(name) as ConfigValue<(typeof brokerConfigs)[Name]>
  }

  isSet(name: string): boolean {
    return this.properties.has(name)
  }

  /** What a key is when nobody sets it, which `timer.profile` has a say in; undefined when it has no value then. */
  defaultTextOf(name: string): string | undefined {
    return profileOf(this.properties)[name] ?? brokerConfigDefinition(name)?.defaultText ?? undefined
  }

  get nodeId(): number {
    return this.get("node.id")
  }

  /** The nodes that are the first controllers; this one alone where nothing is set. Addresses are ignored: NATS carries it all. */
  get quorumVoterIds(): ReadonlyArray<number> {
    const voters = this.get("controller.quorum.voters")
    return voters.length === 0 ? [this.nodeId] : voters.map((voter) => Number.parseInt(voter, 10))
  }

  hasRole(role: "broker" | "controller"): boolean {
    return this.get("process.roles").includes(role)
  }

  get dataDirectory(): string {
    return (this.get("log.dirs") ?? this.get("log.dir"))[0]!
  }

  /** Where the metadata log of a node lies that is not alone; one that is has it in the data directory. */
  get metadataDirectory(): string {
    return `${this.get("metadata.log.dir") ?? this.dataDirectory}/metadata`
  }

  /** 0 stands for: as many as the topic's size suggests (see `effectiveMinIsr`). */
  get minInsyncReplicas(): number {
    return this.get("min.insync.replicas") ?? 0
  }
}

function profileOf(properties: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  const name = properties.get("timer.profile")?.trim() ?? "default"
  return Object.hasOwn(profiles, name) ? profiles[name]! : {}
}

interface Bound {
  readonly listeners: ReadonlyArray<Listener>
  readonly advertised: ReadonlyArray<Listener>
}

function bindListeners(values: Map<string, unknown>, problems: Array<ConfigProblem>): Bound {
  const protocols = new Map<string, string>()
  for (const pair of String(values.get("listener.security.protocol.map") ?? "").split(",")) {
    const [name = "", protocol] = pair.split(":").map((it) => it.trim().toUpperCase())
    if (protocol === undefined || name === "") problems.push({ name: "listener.security.protocol.map", message: `${pair} is not of the form name:protocol` })
    else protocols.set(name, protocol)
  }
  const read = (key: string): Array<Listener> => {
    const found: Array<Listener> = []
    for (const given of (values.get(key) ?? []) as ReadonlyArray<string>) {
      const listener = parseListener(given, (name) => protocols.get(name))
      if (typeof listener === "string") problems.push({ name: key, message: listener })
      else if (found.some((it) => it.name === listener.name)) problems.push({ name: key, message: `listener ${listener.name} is there twice` })
      else if (listener.port !== 0 && found.some((it) => it.port === listener.port && it.host === listener.host)) {
        problems.push({ name: key, message: `port ${listener.port} is there twice` })
      } else found.push(listener)
    }
    return found
  }
  const listeners = read("listeners")
  const ofController = ((values.get("controller.listener.names") ?? []) as ReadonlyArray<string>).map((it) => it.toUpperCase())
  const advertised = values.has("advertised.listeners") ? read("advertised.listeners") : listeners.filter((it) => !ofController.includes(it.name))
  if (listeners.length === 0 && !problems.some((it) => it.name === "listeners")) problems.push({ name: "listeners", message: "a node has at least one listener" })
  for (const { name, host } of advertised) {
    if (!listeners.some((it) => it.name === name)) problems.push({ name: "advertised.listeners", message: `${name} is not one of the listeners` })
    if (values.has("advertised.listeners") && (host === "0.0.0.0" || host === "::")) {
      problems.push({ name: "advertised.listeners", message: `nobody can connect to ${host}` })
    }
  }
  return { listeners, advertised }
}

/** Rules that take more than one key. */
function checkTogether(properties: ReadonlyMap<string, string>, values: Map<string, unknown>, problems: Array<ConfigProblem>): void {
  const number = (name: BrokerConfigName): number => values.get(name) as number
  const brokerId = values.get("broker.id")
  if (brokerId !== undefined && properties.has("node.id") && brokerId !== values.get("node.id")) {
    problems.push({ name: "broker.id", message: "differs from node.id" })
  } else if (brokerId !== undefined) values.set("node.id", brokerId)
  for (const name of ["log.dirs", "log.dir"] as const) {
    const directories = (values.get(name) ?? [""]) as ReadonlyArray<string>
    if (directories.length !== 1) problems.push({ name, message: "one data directory is used, not several" })
  }
  if ((values.get("process.roles") as ReadonlyArray<string>).length === 0) problems.push({ name: "process.roles", message: "a node has at least one role" })
  const ordered: ReadonlyArray<readonly [BrokerConfigName, BrokerConfigName]> = [
    ["broker.heartbeat.interval.ms", "broker.session.timeout.ms"],
    ["group.min.session.timeout.ms", "group.max.session.timeout.ms"],
    ["group.consumer.min.session.timeout.ms", "group.consumer.session.timeout.ms"],
    ["group.consumer.session.timeout.ms", "group.consumer.max.session.timeout.ms"],
    ["group.consumer.min.heartbeat.interval.ms", "group.consumer.heartbeat.interval.ms"],
    ["group.consumer.heartbeat.interval.ms", "group.consumer.max.heartbeat.interval.ms"]
  ]
  for (const [lower, upper] of ordered) {
    if (number(lower) > number(upper)) problems.push({ name: lower, message: `${number(lower)} is more than ${upper}, ${number(upper)}` })
  }
}
