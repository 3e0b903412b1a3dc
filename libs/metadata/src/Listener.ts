/** One address of a broker, with its name and what is spoken there. */
export interface Listener {
  readonly name: string
  /** Empty stands for every address. */
  readonly host: string
  /** 0 stands for any free port. */
  readonly port: number
  readonly securityProtocol: SecurityProtocol
}

export const securityProtocols = { PLAINTEXT: 0, SSL: 1, SASL_PLAINTEXT: 2, SASL_SSL: 3 } as const
export type SecurityProtocol = keyof typeof securityProtocols

const form = /^([A-Za-z0-9_-]+):\/\/(?:\[([0-9A-Fa-f:.%]+)\]|([^:/\s[\]]*)):(\d{1,5})$/

/** Reads `name://host:port`; answers what is wrong with it as a text. */
export function parseListener(given: string, protocolOf: (name: string) => string | undefined): Listener | string {
  const match = form.exec(given)
  if (match === null) return `${given} is not of the form name://host:port`
  const [, name = "", address, host = "", digits] = match
  const port = Number(digits)
  if (port > 65_535) return `${given} has no valid port`
  const protocol = protocolOf(name.toUpperCase())
  if (protocol === undefined) return `listener ${name} is not in listener.security.protocol.map`
  if (!isSecurityProtocol(protocol)) return `${protocol} is not a security protocol`
  return { name: name.toUpperCase(), host: address ?? host, port, securityProtocol: protocol }
}

function isSecurityProtocol(protocol: string): protocol is SecurityProtocol {
  return Object.hasOwn(securityProtocols, protocol)
}
