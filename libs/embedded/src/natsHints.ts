import type { NatsHint } from "@tailrace/bus/nats"
import type { Clock, Logger } from "@tailrace/runtime"

/** A server that stays away is dialled several times in a second; so often it is worth a line. */
const repeatMillis = 10_000

const adviceOf = (cause: unknown): string => {
  const text = cause instanceof Error ? `${cause.name} ${cause.message}`.toLowerCase() : ""
  if (text.includes("authorization") || text.includes("authentication")) return "user or password is wrong"
  if (text.includes("permission")) return "this user may not use the subjects of cluster.name"
  if (text.includes("max_payload")) return "raise max_payload in that server's configuration; cluster nats-config writes 2 MiB"
  if (text.includes("refused") || text.includes("enotfound") || text.includes("timeout")) return "is a nats-server running there? nats.servers says where to look"
  return "see the cause"
}

/** Puts what befalls one connection to NATS into the log: every change at once, what only goes on every 10 s. */
export function natsHints(kind: "control" | "data", clock: Clock, logger: Logger): (hint: NatsHint) => void {
  /** When each complaint was last written down. */
  const saidMillis = new Map<string, number>()
  return (hint) => {
    if (hint.kind === "connected") return logger.info("connected to NATS", { bus: kind, server: hint.server })
    const { cause, server } = hint
    const reason = cause instanceof Error ? cause.message : String(cause)
    if (hint.kind === "disconnected") return logger.warn("lost the connection to NATS; trying the next server", { bus: kind, server, reason })
    const complaint = `${hint.kind} ${server}`
    const now = clock.monotonicMillis()
    if (now - (saidMillis.get(complaint) ?? -Infinity) < repeatMillis) return
    saidMillis.set(complaint, now)
    const fields = { bus: kind, server, reason, advice: adviceOf(cause) }
    if (hint.kind === "refused") logger.warn("no connection to NATS yet; trying on", fields)
    else logger.warn("NATS complains", fields)
  }
}
