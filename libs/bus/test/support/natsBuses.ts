import { SystemClock } from "@tailrace/runtime"
import type { Bus } from "../../src/Bus.ts"
import { NatsBus } from "../../src/NatsBus.ts"
import type { NatsBusOptions, NatsCredentials, NatsHint } from "../../src/NatsBusOptions.ts"
import type { NatsCluster } from "../../src/natsServer/index.ts"

/** A connection that tells what it notices. */
export interface WatchedBus {
  readonly bus: NatsBus
  readonly hints: ReadonlyArray<NatsHint>
  readonly failures: ReadonlyArray<string>
  /** Resolves with the next hint of the kind, or with one that came after the first `from` hints. */
  readonly hint: (kind: NatsHint["kind"], from?: number) => Promise<NatsHint>
}

export async function connectTo(
  cluster: NatsCluster,
  own: number,
  credentials: NatsCredentials = cluster.control,
  options: Partial<NatsBusOptions> = {}
): Promise<WatchedBus> {
  const hints: Array<NatsHint> = []
  const failures: Array<string> = []
  const listeners = new Set<() => void>()
  const bus = await NatsBus.connect({
    clock: new SystemClock(),
    servers: cluster.addressesFrom(own),
    name: `node ${own + 1}`,
    credentials,
    onHint: (hint) => {
      hints.push(hint)
      for (const listener of listeners) listener()
    },
    onHandlerFailure: (subject, cause) => failures.push(`${subject}: ${(cause as Error).message}`),
    ...options
  })
  const hint = (kind: NatsHint["kind"], from = hints.length): Promise<NatsHint> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = hints.slice(from).find((each) => each.kind === kind)
        if (found === undefined) return
        listeners.delete(look)
        resolve(found)
      }
      listeners.add(look)
      look()
    })
  return { bus, hints, failures, hint }
}

/** Makes both sides echo, and tells how to wait until each knows what the other listens to. */
export async function settler(near: Bus, far: Bus): Promise<() => Promise<void>> {
  near.serve("test.settle.near", (payload) => payload)
  far.serve("test.settle.far", (payload) => payload)
  const nothing = Buffer.alloc(0)
  const ask = async (bus: Bus, subject: string): Promise<void> => {
    // Servers that have just started need a moment to find each other; and while a hung one still seems to have the listener that
    // has left it, the others may send it what they have, which is lost.
    for (let isFound = false; !isFound;) {
      isFound = await bus.request(subject, nothing, 250).then(() => true, (error: { _tag: string }) => {
        if (error._tag !== "NoResponders" && error._tag !== "RequestTimeout") throw error
        return false
      })
    }
  }
  const settle = async (): Promise<void> => {
    for (let round = 0; round < 3; round++) await Promise.all([ask(near, "test.settle.far"), ask(far, "test.settle.near")])
  }
  await settle()
  return settle
}
