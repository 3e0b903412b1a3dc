import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { BrokerConfig, BrokerConfigError } from "@tailrace/metadata"
import { expect, it, onTestFinished } from "vitest"
import { natsOptions, natsProblems } from "../src/natsOptions.ts"

const of = (properties: Readonly<Record<string, string>>) => BrokerConfig.of({ "nats.servers": "nats://one:4222", ...properties })

const temporaryDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), "tailrace-nats-files-"))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

it("who asks for TLS never speaks without it", () => {
  expect(natsOptions(of({}), "control").tls).toBeUndefined()
  const secured = of({ "nats.servers": "nats://one:4222,tls://two:4222" })
  for (const kind of ["control", "data"] as const) {
    expect(natsOptions(secured, kind)).toMatchObject({ servers: ["one:4222", "two:4222"], tls: {} })
  }
  const apart = of({ "nats.data.servers": "tls://two" })
  expect([natsOptions(apart, "control").tls, natsOptions(apart, "data").tls]).toEqual([undefined, {}])
  const caFile = join(temporaryDirectory(), "ca.pem")
  writeFileSync(caFile, "")
  expect(natsOptions(of({ "nats.servers": "tls://one", "nats.tls.ca.file": caFile }), "data").tls).toEqual({ caFile })
})

it("names every file that cannot be read, by its whole path, and a certificate without its key", () => {
  const directory = temporaryDirectory()
  const path = (name: string): string => join(directory, name)
  const problemsOf = (properties: Readonly<Record<string, string>>) => natsProblems(of(properties)).map(({ message, name }) => [name, message])
  mkdirSync(path("cert.pem"))
  expect(problemsOf({
    "nats.tls.ca.file": relative(process.cwd(), path("ca.pem")), "nats.tls.cert.file": path("cert.pem"), "nats.tls.key.file": path("key.pem"),
    "nats.control.credentials.file": path("control.creds"), "nats.data.credentials.file": path("data.creds")
  })).toEqual([
    ["nats.control.credentials.file", expect.stringContaining(path("control.creds"))],
    ["nats.tls.ca.file", expect.stringContaining(`'${path("ca.pem")}'`)],
    ["nats.tls.cert.file", expect.stringContaining(path("cert.pem"))],
    ["nats.tls.key.file", expect.stringContaining(path("key.pem"))],
    ["nats.data.credentials.file", expect.stringContaining(path("data.creds"))]
  ])
  const present = ["ca.pem", "key.pem", "control.creds", "a-cert.pem"].map(path)
  for (const file of present) writeFileSync(file, "")
  const [ca = "", key = "", creds = "", cert = ""] = present
  expect(problemsOf({ "nats.tls.ca.file": ca, "nats.tls.cert.file": cert, "nats.tls.key.file": key, "nats.control.credentials.file": creds })).toEqual([])
  expect(problemsOf({ "nats.tls.cert.file": cert })).toEqual([["nats.tls.cert.file", expect.stringContaining("nats.tls.key.file")]])
  // Without a certificate or a tls:// address it would be ignored, and the connection be in clear text.
  expect(problemsOf({ "nats.tls.key.file": key })).toEqual([["nats.tls.key.file", expect.stringContaining("nats.tls.cert.file")]])
})

it("names addresses that lead nowhere, and seeds that are not there, but shows no password", () => {
  const seedFile = join(temporaryDirectory(), "data.seed")
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
