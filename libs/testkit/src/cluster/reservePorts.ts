import { once } from "node:events"
import { createServer } from "node:net"
import type { Random } from "@tailrace/runtime"

/**
 * Below the ports that Linux, macOS and Windows give to outgoing connections: a client that tries to reach a node which is down must
 * not get that very port for its own end, for then it would talk to itself.
 */
const portMin = 15_000
const portMax = 32_000
const triesMax = 200

/** Ports on 127.0.0.1 that nobody listens on. */
export const reservePorts = async (count: number, random: Random): Promise<ReadonlyArray<number>> => {
  const holders = new Map<number, ReturnType<typeof createServer>>()
  try {
    for (let tries = 0; holders.size < count; tries++) {
      if (tries >= triesMax) throw new Error(`no ${count} free ports between ${portMin} and ${portMax} on 127.0.0.1`)
      const port = portMin + random.nextInt(portMax - portMin)
      if (holders.has(port)) continue
      const holder = createServer().listen({ port, host: "127.0.0.1", exclusive: true })
      const isFree = await once(holder, "listening").then(() => true, () => false)
      if (isFree) holders.set(port, holder)
    }
    return [...holders.keys()]
  } finally {
    await Promise.all([...holders.values()].map((holder) => {
      holder.close()
      return once(holder, "close")
    }))
  }
}
