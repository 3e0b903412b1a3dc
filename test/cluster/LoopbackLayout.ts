import { freePort } from "../bench/harness/network.ts"
import type { Endpoint, Layout, PortName } from "./Layout.ts"

const portNames: ReadonlyArray<PortName> = ["kafka", "controller", "http", "nats", "natsRoute", "natsMonitor"]

/** All nodes on 127.0.0.1, told apart by their ports. It needs no rights and has no network faults. */
export class LoopbackLayout implements Layout {
  readonly name = "loopback"
  readonly faults = undefined
  #ports: ReadonlyMap<string, number>

  private constructor(ports: ReadonlyMap<string, number>) {
    this.#ports = ports
  }

  static async create(nodeIds: ReadonlyArray<number>): Promise<LoopbackLayout> {
    const ports = new Map<string, number>()
    const taken = new Set<number>()
    for (const nodeId of nodeIds) {
      for (const name of portNames) {
        let port = await freePort()
        while (taken.has(port)) port = await freePort()
        taken.add(port)
        ports.set(`${nodeId} ${name}`, port)
      }
    }
    return new LoopbackLayout(ports)
  }

  endpoint(nodeId: number, port: PortName): Endpoint {
    return { host: "127.0.0.1", port: this.#ports.get(`${nodeId} ${port}`)! }
  }

  placed(_nodeId: number, command: ReadonlyArray<string>): string[] {
    return [...command]
  }

  close(): void {
    // Ports are given back by the processes that hold them.
  }
}
