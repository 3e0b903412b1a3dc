import { readFileSync, statSync } from "node:fs"
import { ConfigError } from "./ConfigError.ts"
import type { ConfigOrigin } from "./ConfigOrigin.ts"
import { parseProperties } from "./properties.ts"

export interface ConfigSources {
  /** A file in the format of Kafka's server.properties. */
  readonly file?: string
  /** Usually `process.env`; only names that begin with the prefix count. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly environmentPrefix?: string
  /** Variables that begin with the prefix but are no settings, for example the one that names the file. */
  readonly environmentIgnored?: ReadonlyArray<string>
  /** `key=value`, as given by `--override`. */
  readonly overrides?: ReadonlyArray<string>
}

/** Settings as text, by key; what they mean is decided by who knows the keys. */
export interface LoadedConfig {
  readonly values: Map<string, string>
  readonly origins: Map<string, ConfigOrigin>
}

const fileBytesMax = 1024 * 1024
const environmentPrefixDefault = "TAILRACE_"

/** Later sources win: file, then environment, then flags; within a file the later line, as Kafka does. */
export function loadConfig(sources: ConfigSources): LoadedConfig {
  const loaded: LoadedConfig = { values: new Map(), origins: new Map() }
  const set = (key: string, value: string, origin: ConfigOrigin): void => {
    if (key === "") throw new ConfigError({ fault: "malformed", origin, detail: "a setting has no key" })
    loaded.values.set(key, value)
    loaded.origins.set(key, origin)
  }
  if (sources.file !== undefined) {
    const path = sources.file
    for (const { key, value, line } of parseProperties(readConfigFile(path), path)) set(key, value, { source: "file", path, line })
  }
  const prefix = sources.environmentPrefix ?? environmentPrefixDefault
  for (const [variable, value] of Object.entries(sources.environment ?? {})) {
    if (value === undefined || !variable.startsWith(prefix) || sources.environmentIgnored?.includes(variable)) continue
    if (isServiceLink(variable, value)) continue
    set(keyOfVariable(variable.slice(prefix.length)), value, { source: "environment", variable })
  }
  for (const override of sources.overrides ?? []) {
    const flag = `--override ${override}`
    const at = override.indexOf("=")
    if (at < 0) {
      throw new ConfigError({ fault: "malformed", origin: { source: "flag", flag }, detail: "an override is written key=value" })
    }
    const key = override.slice(0, at).trim()
    // The value may be a password, so the origin names the key only.
    set(key, override.slice(at + 1), { source: "flag", flag: `--override ${key}` })
  }
  return loaded
}

/** The error for a key that nobody knows or a value that does not fit, with its origin in the message. */
export function configErrorAt(
  config: LoadedConfig,
  key: string,
  fault: "unknown-key" | "invalid-value",
  detail = `unknown key ${key}`
): ConfigError {
  const origin = config.origins.get(key)
  if (origin === undefined) throw new Error(`${key} was not set by any source`)
  return new ConfigError({ fault, origin, key, detail })
}

/** As images of Kafka do: _ is a dot, __ an underscore, ___ a dash. NODE_ID is node.id. */
function keyOfVariable(name: string): string {
  return name.toLowerCase().replace(/_{1,3}/g, (run) => [".", "_", "-"][run.length - 1]!)
}

/** What Kubernetes gives every container about a service whose name begins like our variables. Nobody has set it. */
function isServiceLink(variable: string, value: string): boolean {
  return /_SERVICE_(?:HOST|PORT(?:_\w+)?)$/.test(variable) || /_PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?$/.test(variable) ||
    variable.endsWith("_PORT") && /^(?:tcp|udp|sctp):\/\//.test(value)
}

function readConfigFile(path: string): string {
  const origin: ConfigOrigin = { source: "file", path, line: undefined }
  try {
    const { size } = statSync(path)
    if (size > fileBytesMax) {
      throw new ConfigError({ fault: "too-large", origin, detail: `${size} bytes, more than ${fileBytesMax}` })
    }
    return readFileSync(path, "utf8")
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause
    throw new ConfigError({ fault: "unreadable", origin, detail: `cannot be read: ${(cause as Error).message}`, cause })
  }
}

