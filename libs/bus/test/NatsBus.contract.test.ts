import { afterAll, beforeAll } from "vitest"
import type { NatsCredentials } from "../src/NatsBusOptions.ts"
import { NatsCluster } from "../src/natsServer/index.ts"
import { busContract } from "./busContract.ts"
import { connectTo, settler } from "./support/natsBuses.ts"
import { describeWithNats, natsProgram } from "./support/natsProgram.ts"

for (const size of [1, 3]) {
  describeWithNats(`${size} nats-server`, () => {
    let cluster: NatsCluster
    beforeAll(async () => {
      cluster = await NatsCluster.start({ program: natsProgram!, size })
    })
    afterAll(() => cluster.stop())

    const contractOf = (account: string, credentials: () => NatsCredentials): void => {
      busContract(`NATS, ${account} account`, async () => {
        const { bus: near } = await connectTo(cluster, 0, credentials())
        const { bus: far } = await connectTo(cluster, size - 1, credentials())
        const end = async (): Promise<void> => {
          await Promise.all([near.close(), far.close()])
        }
        return { near, far, run: (promise) => promise, settle: await settler(near, far), end }
      })
    }
    contractOf("control", () => cluster.control)
    contractOf("data", () => cluster.data)
  })
}
