import { type Bus, NoResponders } from "@tailrace/bus"
import { subjectOf } from "../internal/subjectOf.ts"

export interface ProbeOptions {
  readonly bus: Bus
  readonly clusterName: string
  readonly nodeId: number
}

/**
 * - `alive`: the node answered, with this broker epoch.
 * - `gone`: the bus says that nobody is there. A hint, since the node may be cut off from the bus alone.
 * - `silent`: no answer, which proves nothing.
 */
export type ProbeResult = "alive" | "gone" | "silent"

const nothing = Buffer.alloc(0)

/** Answers whoever wants to know whether this process lives. The returned function ends it. */
export function serveProbe({ brokerEpoch, bus, clusterName, nodeId }: ProbeOptions & { readonly brokerEpoch: () => number }): () => void {
  return bus.serve(subjectOf(clusterName, nodeId, "probe"), () => {
    const reply = Buffer.alloc(8)
    reply.writeDoubleBE(brokerEpoch())
    return reply
  })
}

export async function probe({ bus, clusterName, nodeId }: ProbeOptions, timeoutMillis: number): Promise<ProbeResult> {
  try {
    await bus.request(subjectOf(clusterName, nodeId, "probe"), nothing, timeoutMillis)
    return "alive"
  } catch (cause) {
    return cause instanceof NoResponders ? "gone" : "silent"
  }
}
