/**
 * Who is meant, never where it lives: the place is metadata and changes while the address stays. Its text form is
 * the key of maps and travels inside messages, for example `partition/orders/3`, `group/billing`, `controller`.
 */
export type ActorAddress =
  | { readonly kind: "controller" }
  | { readonly kind: "partition"; readonly topic: string; readonly partition: number }
  | { readonly kind: "group"; readonly groupId: string }
  | { readonly kind: "transaction"; readonly transactionalId: string }
  | { readonly kind: "node"; readonly nodeId: number }

export function formatActorAddress(address: ActorAddress): string {
  switch (address.kind) {
    case "controller":
      return "controller"
    case "partition":
      return `partition/${escaped(address.topic)}/${address.partition}`
    case "group":
      return `group/${escaped(address.groupId)}`
    case "transaction":
      return `transaction/${escaped(address.transactionalId)}`
    case "node":
      return `node/${address.nodeId}`
  }
}

/** Undefined for text that `formatActorAddress` would not write, so that two texts never mean the same actor. */
export function parseActorAddress(text: string): ActorAddress | undefined {
  const address = addressOf(text.split("/"))
  return address !== undefined && formatActorAddress(address) === text ? address : undefined
}

function addressOf([kind, first, second, ...more]: ReadonlyArray<string>): ActorAddress | undefined {
  if (more.length > 0) return undefined
  if (kind === "partition") {
    if (first === undefined || second === undefined || first === "") return undefined
    const partition = int32(second)
    return partition === undefined ? undefined : { kind, topic: unescaped(first), partition }
  }
  if (second !== undefined) return undefined
  if (first === undefined) return kind === "controller" ? { kind } : undefined
  switch (kind) {
    case "group":
      return { kind, groupId: unescaped(first) }
    case "transaction":
      return { kind, transactionalId: unescaped(first) }
    case "node": {
      const nodeId = int32(first)
      return nodeId === undefined ? undefined : { kind, nodeId }
    }
    default:
      return undefined
  }
}

function int32(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) && Number(text) <= 0x7fff_ffff ? Number(text) : undefined
}

/** Group ids hold any character; what would split an address or a log line is written as %xx. */
// oxlint-disable-next-line no-control-regex
const escaped = (text: string): string => text.replace(/[%/\u0000-\u0020\u007f]/g, (char) => `%${char.charCodeAt(0).toString(16).padStart(2, "0")}`)

const unescaped = (text: string): string => text.replace(/%([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
