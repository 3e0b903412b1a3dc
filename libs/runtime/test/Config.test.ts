import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { ConfigError } from "../src/ConfigError.ts"
import { describeOrigin } from "../src/ConfigOrigin.ts"
import { configErrorAt, loadConfig } from "../src/loadConfig.ts"
import { parseProperties } from "../src/properties.ts"

const parse = (text: string) => parseProperties(text, "server.properties").map(({ key, value, line }) => `${line}|${key}|${value}`)

describe("parseProperties", () => {
  it("reads what java.util.Properties reads", () => {
    const text = String.raw`# a comment = not an entry
  ! another \
node.id=1
 listeners = PLAINTEXT://:9092,\
     SSL://:9093
log.dirs:/var/lib/tailrace
broker.rack   eu-west
empty=
lonely
path=C\:\\data\tend
a\ b\=c = d = e 
star=\u2605\q
#only
last=x\\`
    expect(parse(text)).toEqual([
      "3|node.id|1",
      "4|listeners|PLAINTEXT://:9092,SSL://:9093",
      "6|log.dirs|/var/lib/tailrace",
      "7|broker.rack|eu-west",
      "8|empty|",
      "9|lonely|",
      "10|path|C:\\data\tend",
      "11|a b=c|d = e ",
      "12|star|\u2605q",
      "14|last|x\\"
    ])
  })

  it("takes every kind of line end, a byte order mark, and a backslash at the end of the file", () => {
    expect(parse("\ufeffa=1\r\nb=2\rc=3\n\n\td=4\\")).toEqual(["1|a|1", "2|b|2", "3|c|3", "5|d|4"])
    expect(parse("")).toEqual([])
  })

  it("says where an escape is malformed", () => {
    expect(() => parse("a=1\nb=\\u12g4")).toThrow("\\u needs four hexadecimal digits (file server.properties line 2)")
  })
})

describe("loadConfig", () => {
  let directory = ""
  const file = () => join(directory, "server.properties")
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "tailrace-config-"))
    writeFileSync(file(), "node.id=1\nnum.partitions=3\nlog.dirs=/data\nnode.id=2\n")
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  it("lets flags win over the environment, and that over the file, and keeps each origin", () => {
    const { values, origins } = loadConfig({
      file: file(),
      environment: { TAILRACE_NUM_PARTITIONS: "6", TAILRACE_LOG_DIRS: "/env", TAILRACE_CONFIG: "x", HOME: "/root", TAILRACE_GONE: undefined },
      environmentIgnored: ["TAILRACE_CONFIG"],
      overrides: ["log.dirs=/flag", "listeners=PLAINTEXT://:9092?a=b"]
    })
    expect(Object.fromEntries(values)).toEqual({
      "node.id": "2", "num.partitions": "6", "log.dirs": "/flag", listeners: "PLAINTEXT://:9092?a=b"
    })
    expect([...origins].map(([key, origin]) => `${key}: ${describeOrigin(origin)}`)).toEqual([
      `node.id: file ${file()} line 4`,
      "num.partitions: environment variable TAILRACE_NUM_PARTITIONS",
      "log.dirs: flag --override log.dirs",
      "listeners: flag --override listeners"
    ])
  })

  it("takes nothing for a setting that Kubernetes tells of a service with our name", () => {
    const links = {
      TAILRACE_SERVICE_HOST: "10.0.0.1", TAILRACE_SERVICE_PORT: "9092", TAILRACE_SERVICE_PORT_KAFKA: "9092", TAILRACE_PORT: "tcp://10.0.0.1:9092",
      TAILRACE_PORT_9092_TCP: "tcp://10.0.0.1:9092", TAILRACE_PORT_9092_TCP_PROTO: "tcp", TAILRACE_PORT_9092_TCP_PORT: "9092", TAILRACE_PORT_9092_TCP_ADDR: "10.0.0.1",
      TAILRACE_UI_SERVICE_HOST: "10.0.0.2", TAILRACE_UI_PORT: "tcp://10.0.0.2:80"
    }
    const { values } = loadConfig({ environment: { ...links, TAILRACE_NODE_ID: "2", TAILRACE_PORT_NUMBER: "1" } })
    expect([...values]).toEqual([["node.id", "2"], ["port.number", "1"]])
  })

  it("writes dots, underscores and dashes as Kafka's images do", () => {
    const { values } = loadConfig({ environment: { TAILRACE_A__B_C___D: "1" } })
    expect([...values.keys()]).toEqual(["a_b.c-d"])
  })

  it("fails with a tagged error that names the place", () => {
    const config = loadConfig({ file: file() })
    expect(configErrorAt(config, "num.partitions", "unknown-key").message).toBe(
      `unknown key num.partitions (file ${file()} line 2)`
    )
    expect(() => loadConfig({ file: join(directory, "none") })).toThrow(ConfigError)
    expect(() => loadConfig({ overrides: ["novalue"] })).toThrow("an override is written key=value (flag --override novalue)")
    expect(() => loadConfig({ overrides: ["=1"] })).toThrow("no key")
    writeFileSync(join(directory, "big"), Buffer.alloc(1024 * 1024 + 1, "#"))
    expect(() => loadConfig({ file: join(directory, "big") })).toThrow("more than 1048576")
  })
})
