import { accessSync, constants, existsSync, writeFileSync } from "node:fs"
import { homedir } from "node:os"
import { delimiter, join } from "node:path"
import type { NodePlan } from "./ClusterKind.ts"

const users = { control: { user: "control", password: "control-secret" }, data: { user: "data", password: "data-secret" } } as const

/** The NATS servers of a cluster: which program, and its configuration. */
export const natsServer = {
  users,

  /** NATS_SERVER_BIN, PATH, or where the install script of the tests puts it. */
  program(): string {
    const folders = (process.env["PATH"] ?? "").split(delimiter)
    const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache")
    const candidates = [process.env["NATS_SERVER_BIN"] ?? "", ...folders.map((folder) => join(folder, "nats-server")), join(cache, "tailrace", "nats", "nats-server"), join(homedir(), "go", "bin", "nats-server")]
    const found = candidates.find(isProgram)
    if (found === undefined) throw new Error("nats-server was not found: run .ci/install-nats.sh, or set NATS_SERVER_BIN")
    return found
  },

  writeConfig(file: string, plan: NodePlan): void {
    const { layout, nodeId, nodeIds, clusterName } = plan
    const nats = layout.endpoint(nodeId, "nats")
    const route = layout.endpoint(nodeId, "natsRoute")
    const monitor = layout.endpoint(nodeId, "natsMonitor")
    // In a namespace of its own the node also reaches its server by loopback.
    const host = layout.name === "namespaces" ? "0.0.0.0" : nats.host
    const routes = nodeIds.filter((other) => other !== nodeId).map((other) => {
      const { host: address, port } = layout.endpoint(other, "natsRoute")
      return `"nats://${address}:${port}"`
    })
    writeFileSync(file, `server_name: ${clusterName}-${nodeId}
listen: "${host}:${nats.port}"
http: "${host}:${monitor.port}"
ping_interval: "5s"
write_deadline: "2s"
cluster {
  name: ${clusterName}
  listen: "${host}:${route.port}"
  routes: [${routes.join(", ")}]
  accounts: [CONTROL]
}
accounts {
  CONTROL { users: [{ user: ${users.control.user}, password: "${users.control.password}" }] }
  DATA { users: [{ user: ${users.data.user}, password: "${users.data.password}" }] }
}
`)
  }
}

function isProgram(path: string): boolean {
  if (path === "" || !existsSync(path)) return false
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
