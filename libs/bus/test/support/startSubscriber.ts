import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { spawnBound } from "../../src/internal/spawnBound.ts"
import type { NatsCredentials } from "../../src/NatsBusOptions.ts"
import type { NatsCluster } from "../../src/natsServer/index.ts"

export interface Subscriber {
  readonly pause: () => void
  readonly resume: () => void
  readonly end: () => Promise<void>
}

/** A subscriber in a process of its own, which can be stopped without stopping us. */
export function startSubscriber(cluster: NatsCluster, credentials: NatsCredentials): Subscriber {
  if (!("user" in credentials)) throw new Error("assertion: a user with a password")
  const program = fileURLToPath(new URL("subscriber.ts", import.meta.url))
  const child = spawnBound(process.execPath, [program, cluster.addressesFrom(0).join(), credentials.user, credentials.password], { stdio: ["ignore", "inherit", "inherit"] })
  const exited = once(child, "exit")
  return {
    pause: () => void child.kill("SIGSTOP"),
    resume: () => void child.kill("SIGCONT"),
    end: async () => {
      child.kill("SIGKILL")
      await exited
    }
  }
}
