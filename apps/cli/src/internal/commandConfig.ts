import type { ClientOptions } from "@tailrace/client"
import { CommandError } from "../CommandError.ts"
import { ExitCode } from "../ExitCode.ts"

const wrong = (message: string, advice?: string): CommandError =>
  new CommandError(message, { exitCode: ExitCode.usage, ...advice === undefined ? {} : { advice } })

/**
 * Settings of Kafka's clients, by Kafka's names. Files are shared with other tools, so keys that mean nothing here are not an
 * error, but they are named once: a setting must not be taken for effective when it is not.
 */
export class Settings {
  readonly #values: ReadonlyMap<string, string>
  readonly #used = new Set<string>()
  readonly #warn: (line: string) => void

  private constructor(values: ReadonlyMap<string, string>, warn: (line: string) => void) {
    this.#values = values
    this.#warn = warn
  }

  static async read(file: string | undefined, properties: ReadonlyArray<string>, warn: (line: string) => void): Promise<Settings> {
    const values = new Map<string, string>()
    if (file !== undefined) {
      const { loadConfig } = await import("@tailrace/runtime")
      for (const [key, value] of loadConfig({ file }).values) values.set(key, value)
    }
    for (const property of properties) {
      const at = property.indexOf("=")
      if (at < 1) throw wrong(`--command-property is written key=value, not "${property}"`)
      values.set(property.slice(0, at).trim(), property.slice(at + 1))
    }
    return new Settings(values, warn)
  }

  text(key: string): string | undefined {
    this.#used.add(key)
    return this.#values.get(key)
  }

  integer(key: string): number | undefined {
    const text = this.text(key)
    if (text === undefined) return undefined
    if (!/^-?\d+$/.test(text.trim())) throw wrong(`${key}: "${text}" is not a whole number`)
    return Number(text)
  }

  boolean(key: string): boolean | undefined {
    const text = this.text(key)?.trim().toLowerCase()
    if (text !== undefined && text !== "true" && text !== "false") throw wrong(`${key}: "${text}" is neither true nor false`)
    return text === undefined ? undefined : text === "true"
  }

  oneOf<const Choice extends string>(key: string, choices: ReadonlyArray<Choice>): Choice | undefined {
    const text = this.text(key)?.trim()
    if (text === undefined) return undefined
    const found = choices.find((choice) => choice === text)
    if (found === undefined) throw wrong(`${key}: "${text}" is none of ${choices.join(", ")}`)
    return found
  }

  /** Everything about connections. */
  clientOptions(): Partial<ClientOptions> {
    const clientId = this.text("client.id")
    const requestTimeoutMillis = this.integer("request.timeout.ms")
    const connectTimeoutMillis = this.integer("socket.connection.setup.timeout.ms")
    const apiTimeoutMillis = this.integer("default.api.timeout.ms")
    const retryBackoffMillis = this.integer("retry.backoff.ms")
    const retryBackoffMillisMax = this.integer("retry.backoff.max.ms")
    const metadataMaxAgeMillis = this.integer("metadata.max.age.ms")
    const openSocket = this.#openSocket()
    return {
      ...clientId === undefined ? {} : { clientId },
      ...requestTimeoutMillis === undefined ? {} : { requestTimeoutMillis },
      ...connectTimeoutMillis === undefined ? {} : { connectTimeoutMillis },
      ...apiTimeoutMillis === undefined ? {} : { apiTimeoutMillis },
      ...retryBackoffMillis === undefined ? {} : { retryBackoffMillis },
      ...retryBackoffMillisMax === undefined ? {} : { retryBackoffMillisMax },
      ...metadataMaxAgeMillis === undefined ? {} : { metadataMaxAgeMillis },
      ...openSocket === undefined ? {} : { openSocket }
    }
  }

  /** Says which keys nobody asked for. Serializers are Java classes and mean nothing to anybody else. */
  reportUnused(): void {
    const unused = [...this.#values.keys()].filter((key) => !this.#used.has(key) && !/\.(de)?serializer$/.test(key))
    if (unused.length > 0) this.#warn(`these settings have no effect here: ${unused.join(", ")}`)
  }

  #openSocket(): ClientOptions["openSocket"] {
    const protocol = this.text("security.protocol")?.trim().toUpperCase() ?? "PLAINTEXT"
    if (protocol === "PLAINTEXT") return undefined
    if (protocol !== "SSL") {
      throw wrong(`security.protocol: ${protocol} is not supported`, "PLAINTEXT and SSL are.")
    }
    return tlsOpener(this)
  }
}

/** Connections by TLS, with authorities and certificates in PEM or PKCS #12. */
const tlsOpener = (settings: Settings): NonNullable<ClientOptions["openSocket"]> => {
  const { readFileSync } = process.getBuiltinModule("node:fs")
  const { connect } = process.getBuiltinModule("node:tls")
  const read = (key: string): Buffer | undefined => {
    const path = settings.text(key)
    if (path === undefined) return undefined
    try {
      return readFileSync(path)
    } catch (cause) {
      throw new CommandError(`${key}: cannot read ${path}: ${(cause as Error).message}`, { exitCode: ExitCode.usage, cause })
    }
  }
  const type = (kind: "keystore" | "truststore"): string => {
    const text = settings.text(`ssl.${kind}.type`)?.toUpperCase() ?? (settings.text(`ssl.${kind}.location`)?.endsWith(".jks") === true ? "JKS" : "PEM")
    if (text !== "PEM" && !(text === "PKCS12" && kind === "keystore")) {
      throw wrong(`ssl.${kind}.type: ${text} cannot be read`, "Export it as PEM: openssl pkcs12 -in FILE -out FILE.pem -nodes")
    }
    return text
  }
  const authorities = settings.text("ssl.truststore.certificates") ?? read("ssl.truststore.location")
  if (authorities !== undefined) type("truststore")
  const keystore = read("ssl.keystore.location")
  const certificate = settings.text("ssl.keystore.certificate.chain") ?? keystore
  const key = settings.text("ssl.keystore.key") ?? keystore
  const isPkcs12 = keystore !== undefined && type("keystore") === "PKCS12"
  const passphrase = settings.text(isPkcs12 ? "ssl.keystore.password" : "ssl.key.password")
  const skipsName = settings.text("ssl.endpoint.identification.algorithm") === ""
  return (host, port) => connect({
    host, port, servername: /^[\d.]+$|:/.test(host) ? "" : host,
    ...authorities === undefined ? {} : { ca: authorities },
    ...isPkcs12 ? { pfx: keystore } : certificate === undefined || key === undefined ? {} : { cert: certificate, key },
    ...passphrase === undefined ? {} : { passphrase },
    ...skipsName ? { checkServerIdentity: () => undefined } : {}
  })
}
