import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SystemClock } from "@tailrace/runtime"
import { afterEach, expect, it } from "vitest"
import { NatsCluster } from "../src/natsServer/index.ts"
import { connectTo, settler } from "./support/natsBuses.ts"
import { NatsOperator } from "./support/natsOperator.ts"
import { describeWithNats, natsProgram } from "./support/natsProgram.ts"
import { within } from "./support/within.ts"

const endings: Array<() => Promise<void>> = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

const failure = (promise: Promise<unknown>) => promise.then(() => "no failure", (error: Error) => error)

describeWithNats("a file of credentials", () => {
  it("lets in, is read anew when they expire, and says which one is of no use", async () => {
    const directory = await mkdtemp(join(tmpdir(), "tailrace-credentials-"))
    endings.push(() => rm(directory, { recursive: true }))
    const operator = new NatsOperator()
    const cluster = await NatsCluster.start({ program: natsProgram!, size: 1, edit: (config) => operator.edit(config) })
    endings.push(() => cluster.stop())
    const fileOf = async (name: string, text: string) => {
      const credsFile = join(directory, name)
      await writeFile(credsFile, text)
      return { credsFile }
    }
    const connect = async (credentials: { credsFile: string }) => {
      const watched = await connectTo(cluster, 0, credentials)
      endings.push(() => watched.bus.close())
      return watched
    }
    const lasting = await fileOf("lasting.creds", operator.credentials())
    const far = await connect(lasting)
    // Long enough to connect with them on a slow and busy machine.
    const soon = Math.floor(new SystemClock().wallMillis() / 1_000) + 5
    const brief = await fileOf("brief.creds", operator.credentials(soon))
    const near = await connect(brief)
    const settle = await settler(near.bus, far.bus)
    far.bus.serve("test.echo", (payload) => payload)
    await settle()

    expect(await within(20_000, "the end of the credentials", near.hint("error", 0))).toMatchObject({ cause: { message: "User Authentication Expired" } })
    await within(10_000, "the refusal", near.hint("refused", 0))
    const renewed = near.hints.length
    await fileOf("brief.creds", operator.credentials())
    await within(10_000, "the new credentials", near.hint("connected", renewed))
    await settle()
    expect(String(await near.bus.request("test.echo", Buffer.from("hi"), 5_000))).toBe("hi")

    const broken = await fileOf("broken.creds", "no credentials\n")
    expect(await failure(connectTo(cluster, 0, broken))).toMatchObject({ message: expect.stringContaining(broken.credsFile) })
    const halved = await fileOf("halved.creds", operator.credentials().replace(/-----BEGIN USER NKEY SEED-----[^]*/, ""))
    expect(await failure(connectTo(cluster, 0, halved))).toMatchObject({ message: expect.stringContaining(halved.credsFile) })
    const missing = join(directory, "missing.creds")
    expect(await failure(connectTo(cluster, 0, { credsFile: missing }))).toMatchObject({ message: expect.stringContaining(missing) })
    const stranger = await fileOf("stranger.creds", new NatsOperator().credentials())
    expect(await failure(connectTo(cluster, 0, stranger))).toMatchObject({ message: "Authorization Violation" })
  })
})
