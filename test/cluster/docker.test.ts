import { spawnSync } from "node:child_process"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { natsConfig } from "@tailrace/bus/nats"
import { BrokerConfig } from "@tailrace/metadata"
import { assert, describe, it } from "vitest"
import { parse } from "yaml"

const file = (name: string): string => fileURLToPath(new URL(`../../docker/${name}`, import.meta.url))

interface Service {
  readonly image: string
  readonly environment?: Readonly<Record<string, string>>
  readonly ports?: ReadonlyArray<string>
  readonly volumes: ReadonlyArray<string>
  readonly healthcheck?: { readonly test: ReadonlyArray<string> }
  readonly depends_on?: Readonly<Record<string, unknown>>
  readonly stop_grace_period?: string
}

const compose = parse(readFileSync(file("compose.yaml"), "utf8"), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, unknown>>
}
const numbers = ["1", "2", "3"]
const nodes = numbers.map((number) => ({ number, service: compose.services[`node${number}`]! }))

/** As the CLI reads its environment. */
const configOf = ({ environment = {} }: Service): BrokerConfig =>
  BrokerConfig.of(Object.fromEntries(Object.entries(environment).map(([name, value]) => [name.replace(/^TAILRACE_/, "").toLowerCase().replaceAll("_", "."), value])))

describe("docker/compose.yaml", () => {
  it("gives each node a configuration that it takes, and the NATS servers that are there", () => {
    for (const { number, service } of nodes) {
      const config = configOf(service)
      assert.strictEqual(config.get("node.id"), Number(number))
      assert.strictEqual(service.stop_grace_period, "40s")
      assert.deepEqual(config.quorumVoterIds, [1, 2, 3])
      const servers = config.get("nats.servers") as ReadonlyArray<string>
      assert.strictEqual(servers[0], `nats://nats${number}:4222`)
      assert.deepEqual([...servers].sort(), numbers.map((other) => `nats://nats${other}:4222`))
      const outside = config.advertisedListeners.find(({ name }) => name === "OUTSIDE")
      assert.include(service.ports!, `127.0.0.1:${outside?.port}:9092`)
    }
  })

  it("mounts files and volumes that exist, publishes on loopback only, and asks each service whether it is well", () => {
    for (const [name, { volumes, ports = [], healthcheck, depends_on = {} }] of Object.entries(compose.services)) {
      for (const volume of volumes) {
        const [from = ""] = volume.split(":")
        assert.isTrue(from.startsWith(".") ? existsSync(file(from)) : from in compose.volumes, `${name}: ${volume}`)
      }
      for (const port of ports) assert.match(port, /^127\.0\.0\.1:/)
      assert.isDefined(healthcheck, name)
      for (const other of Object.keys(depends_on)) assert.property(compose.services, other)
    }
  })

  // What `tailrace cluster nats-config` gives; REWRITE=1 writes it anew.
  it.each(numbers)("has the configuration of the NATS server %s as the product makes it", (number) => {
    const environment = nodes[0]!.service.environment!
    const texts = natsConfig({
      clusterName: environment["TAILRACE_CLUSTER_NAME"]!,
      nodes: numbers.map((name) => ({ name, host: `nats${name}`, clientPort: 4222, clusterPort: 6222, monitorPort: 8222 })),
      control: { user: environment["TAILRACE_NATS_CONTROL_USER"]!, password: environment["TAILRACE_NATS_CONTROL_PASSWORD"]! },
      data: { user: environment["TAILRACE_NATS_DATA_USER"]!, password: environment["TAILRACE_NATS_DATA_PASSWORD"]! },
      routes: { user: "routes", password: "routes-for-trying-out" }
    })
    const path = file(`nats/nats${number}.conf`)
    if (process.env["REWRITE"] === "1") writeFileSync(path, texts.get(number)!)
    assert.strictEqual(readFileSync(path, "utf8"), texts.get(number))
  })

  it("is read by Prometheus at every node's page", () => {
    const { scrape_configs } = parse(readFileSync(file("prometheus.yml"), "utf8")) as { readonly scrape_configs: ReadonlyArray<{ readonly static_configs: ReadonlyArray<{ readonly targets: ReadonlyArray<string> }> }> }
    assert.deepEqual(scrape_configs.flatMap(({ static_configs }) => static_configs.flatMap(({ targets }) => targets)), numbers.map((number) => `node${number}:9644`))
  })

  it.skipIf(spawnSync("docker", ["compose", "version"], { stdio: "ignore" }).status !== 0)("is taken by docker compose", () => {
    const { status, stderr } = spawnSync("docker", ["compose", "-f", file("compose.yaml"), "config", "--quiet"], { encoding: "utf8" })
    assert.strictEqual(status, 0, stderr)
  })
})
