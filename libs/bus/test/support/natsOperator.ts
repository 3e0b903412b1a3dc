import { nkeys } from "@nats-io/transport-node"

type KeyPair = ReturnType<typeof nkeys.createUser>

const unlimited = { subs: -1, data: -1, payload: -1 }

/** Signs users of one account, as nsc does, and tells servers whom to trust. */
export class NatsOperator {
  readonly #operator = nkeys.createOperator()
  readonly #account = nkeys.createAccount()

  /** In place of the accounts that `natsConfig` writes. */
  edit(config: string): string {
    const account = this.#account.getPublicKey()
    const limits = { ...unlimited, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 }
    const trust = `operator: ${signed(this.#operator, this.#operator, { type: "operator" })}
resolver: MEMORY
resolver_preload: { ${account}: ${signed(this.#operator, this.#account, { type: "account", limits })} }
`
    return config.replace(/^accounts \{\n[^]*?^\}\n/m, trust).replace('accounts: ["CONTROL"]', `accounts: ["${account}"]`)
  }

  /** The text of a file of credentials; `expires` counts in seconds since 1970. */
  credentials(expires?: number): string {
    const user = nkeys.createUser()
    const allowed = { pub: { allow: ["test.>", "_INBOX.>"] }, sub: { allow: ["test.>", "_INBOX.>"] } }
    const jwt = signed(this.#account, user, { type: "user", ...allowed, ...unlimited }, expires)
    return `-----BEGIN NATS USER JWT-----
${jwt}
------END NATS USER JWT------

-----BEGIN USER NKEY SEED-----
${new TextDecoder().decode(user.getSeed())}
------END USER NKEY SEED------
`
  }
}

function signed(issuer: KeyPair, subject: KeyPair, nats: object, exp?: number): string {
  const name = subject.getPublicKey()
  const claims = { jti: name, iat: 1_700_000_000, iss: issuer.getPublicKey(), sub: name, name, nats: { ...nats, version: 2 }, ...(exp === undefined ? {} : { exp }) }
  const text = [{ typ: "JWT", alg: "ed25519-nkey" }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".")
  return `${text}.${Buffer.from(issuer.sign(Buffer.from(text))).toString("base64url")}`
}
