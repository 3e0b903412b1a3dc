import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { BrokerConfig, BrokerConfigError } from "@tailrace/metadata"
import { expect, it, onTestFinished } from "vitest"
import { natsOptions, natsProblems } from "../src/natsOptions.ts"

const of = (properties: Readonly<Record<string, string>>) => BrokerConfig.of({ "nats.servers": "nats://one:4222", ...properties })

it("who asks for TLS never speaks without it", () => {
  expect(natsOptions(of({}), "control").tls).toBeUndefined()
  const secured = of({ "nats.servers": "nats://one:4222,tls://two:4222" })
  for (const kind of ["control", "data"] as const) {
    expect(natsOptions(secured, kind)).toMatchObject({ servers: ["one:4222", "two:4222"], tls: {} })
  }
  const apart = of({ "nats.data.servers": "tls://two" })
  expect([natsOptions(apart, "control").tls, natsOptions(apart, "data").tls]).toEqual([undefined, {}])
  expect(natsOptions(of({ "nats.servers": "tls://one", "nats.tls.ca.file": "ca.pem" }), "data").tls).toEqual({ caFile: "ca.pem" })
})

it("names addresses that lead nowhere, and seeds that are not there, but shows no password", () => {
  const directory = mkdtempSync(join(tmpdir(), "tailrace-seed-"))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const seedFile = join(directory, "data.seed")
  const config = of({
    "nats.servers": "nats://somebody:secret@one:4222,ws://two:4222,three:70000,[fd00::4]:4222,five",
    "nats.data.nkey.seed.file": seedFile
  })
  const problems = natsProblems(config)
  expect(problems.map(({ name }) => name)).toEqual(["nats.servers", "nats.servers", "nats.servers", "nats.data.nkey.seed.file"])
  expect(problems[1]!.message).toContain("ws://two:4222")
  expect(problems[3]!.message).toContain(seedFile)
  expect(JSON.stringify(problems)).not.toContain("secret")
  expect(() => natsOptions(config, "data")).toThrow(BrokerConfigError)

  writeFileSync(seedFile, "SUA\n")
  const right = of({ "nats.servers": "nats://[fd00::4]:4222,five", "nats.data.nkey.seed.file": seedFile })
  expect(natsProblems(right)).toEqual([])
  expect(natsOptions(right, "data")).toMatchObject({ servers: ["[fd00::4]:4222", "five"], credentials: { nkeySeed: "SUA" } })
})
