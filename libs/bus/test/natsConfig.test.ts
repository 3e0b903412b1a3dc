import { expect, it } from "vitest"
import { natsConfig, type NatsConfigOptions } from "../src/natsConfig.ts"

const options: NatsConfigOptions = {
  clusterName: "prod",
  nodes: [
    { name: "1", host: "10.0.0.1", clientPort: 4222, clusterPort: 6222, monitorPort: 8222 },
    { name: "2", host: "fd00::2", clientPort: 4222, clusterPort: 6222 },
    { name: "3", host: "three.example", clientPort: 4222, clusterPort: 6222 }
  ],
  control: { user: "control", password: 'with "quotes" and \\' },
  data: { nkey: "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4" },
  routes: { user: "routes", password: "p@ss/word" },
  tls: { caFile: "ca.pem", certFile: "cert.pem", keyFile: "key.pem" }
}

it("writes a configuration for each server", () => {
  const configs = natsConfig(options)
  expect([...configs.keys()]).toEqual(["1", "2", "3"])
  expect(configs.get("1")).toMatchInlineSnapshot(`
    "# nats-server of node 1 in the cluster prod.
    server_name: "prod-1"
    listen: "10.0.0.1:4222"
    http: "127.0.0.1:8222"
    max_payload: 2097152
    max_pending: 67108864
    write_deadline: "5s"
    ping_interval: "5s"
    ping_max: 2
    tls { ca_file: "ca.pem", cert_file: "cert.pem", key_file: "key.pem", verify: true }

    # Control has an account and, by cluster.accounts, a route of its own: data in bulk cannot delay it.
    accounts {
      CONTROL {
        users: [
          {
            user: "control", password: "with \\"quotes\\" and \\\\"
            permissions { publish: ["prod.>", "_INBOX.>"], subscribe: ["prod.>", "_INBOX.>"] }
          }
        ]
      }
      DATA {
        users: [
          {
            nkey: "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"
            permissions { publish: ["prod.>", "_INBOX.>"], subscribe: ["prod.>", "_INBOX.>"] }
          }
        ]
      }
    }

    cluster {
      name: "prod"
      listen: "10.0.0.1:6222"
      accounts: ["CONTROL"]
      compression: "off"
      no_advertise: true
      ping_interval: "5s"
      authorization { user: "routes", password: "p@ss/word" }
      tls { ca_file: "ca.pem", cert_file: "cert.pem", key_file: "key.pem", verify: true }
      routes: [
        "nats://routes:p%40ss%2Fword@[fd00::2]:6222"
        "nats://routes:p%40ss%2Fword@three.example:6222"
      ]
    }
    "
  `)
  const second = configs.get("2")!
  expect(second).toContain('listen: "[fd00::2]:4222"')
  expect(second).not.toContain("http:")
  expect(second.match(/"nats:.*"/g)).toEqual(['"nats://routes:p%40ss%2Fword@10.0.0.1:6222"', '"nats://routes:p%40ss%2Fword@three.example:6222"'])
})

it("refuses what would reach beyond the cluster", () => {
  const refused = (change: Partial<NatsConfigOptions>): string => {
    try {
      natsConfig({ ...options, ...change })
      return "taken"
    } catch (error) {
      return (error as RangeError).message
    }
  }
  const [node] = options.nodes
  expect(refused({ clusterName: "prod.>" })).toContain("a name has")
  expect(refused({ nodes: [{ ...node!, name: "*" }] })).toContain("a name has")
  expect(refused({ nodes: [] })).toContain("needs a node")
  expect(refused({ nodes: [node!, node!] })).toContain("the same name")
  expect(refused({ data: options.control })).toContain("users of their own")
})
